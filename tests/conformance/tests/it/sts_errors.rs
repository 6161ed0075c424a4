//! How AWS refuses AssumeRole, as LocalStack recorded it: the emulator says the same, and the codec
//! reads it.

use conformance::{Tally, corpus};
use emulator::{Idp, InProcess, Scenario};
use serde_json::Value;
use sts_proto::{AssumeRole, SigningKeys};
use wire::{Secret, Timestamp};

/// The user that every emulator has.
const KEY: (&str, &str) = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");

/// Changes a request so that AWS refuses it.
type Spoil = for<'a> fn(&mut AssumeRole<'a>);

/// The recorded errors, and what leads to them.
const CASES: [(&str, &str, Spoil); 5] = [
    ("tag_validation", "invalid-transitive-tag-keys", |request| {
        request.tags = &[("a", "b")];
        request.transitive_tag_keys = &["c"];
    }),
    ("tag_validation", "duplicate-tag-keys-different-casing", |request| {
        request.tags = &[("name", "b"), ("Name", "c")];
    }),
    ("invalid_parameters", "malformed-arn", |request| request.role_arn = "nothing-valid-in-here"),
    ("invalid_parameters", "not-enough-colons", |request| {
        request.role_arn = "arn:a:::something/test-role";
    }),
    ("invalid_parameters", "invalid-session-name", |request| {
        request.role_session_name = "Session1:2";
    }),
];

fn seen(spoil: Spoil) -> String {
    let now = Timestamp::from_unix(1_767_323_045);
    let emulator = InProcess::new(Idp::new(Scenario::default()), now);
    let secret = Secret::from(KEY.1);
    let keys =
        SigningKeys { access_key_id: KEY.0, secret_access_key: &secret, session_token: None };
    let role_arn = "arn:aws:iam::111122223333:role/Test";
    let mut request = AssumeRole::new(keys, "eu-central-1", now, role_arn, "Session1");
    spoil(&mut request);
    let endpoint = http::Uri::from_static("http://127.0.0.1");
    let call = wire::call(&request, &endpoint, &emulator);
    match test_support::block_on(call) {
        Ok(_) => "success".to_owned(),
        Err(error) => {
            let error = error.service().expect("the emulator answers with an error");
            format!("{} {}", error.status, error.code)
        }
    }
}

#[test]
fn the_emulator_refuses_what_aws_refuses() {
    let Some(corpus) = corpus("localstack-sts") else { return };
    let recorded = corpus.json("data/test_sts.snapshot.json");
    let mut tally = Tally::new("localstack-sts", &[]);
    for (test, name, spoil) in CASES {
        let of_test = |(id, _): &(&String, &Value)| id.contains(test);
        let (_, content) = recorded.as_object().unwrap().iter().find(of_test).unwrap();
        let case = &content["recorded-content"][name];
        let status = &case["ResponseMetadata"]["HTTPStatusCode"];
        let code = case["Error"]["Code"].as_str().unwrap();
        tally.compare(name, &format!("{status} {code}"), &seen(spoil));
    }
    tally.finish();
}
