//! What the Go SDK makes of its own test files, as far as it is a matter of parsing.

use conformance::{Difference, Tally, corpus, text};
use serde_json::Value;
use shared_config::{Profile, ProfileError, Sections};

use crate::config_cases::load;

pub(crate) const DIFFERENCES: &[Difference] = &[
    Difference {
        id: "leading_ws leading-whitespace-error",
        row: "indented-header",
        keyfob: "no such profile",
    },
    Difference {
        id: "leading_ws_trailing_nl leading-whitespace-error",
        row: "indented-header",
        keyfob: "no such profile",
    },
    in_quotes("shared_config UseDualStackEndpointDisabled"),
    in_quotes("shared_config UseDualStackEndpointEnabled"),
    in_quotes("shared_config UseDualStackEndpointInvalid"),
    in_quotes("shared_config UseFIPSEndpointDisabled"),
    in_quotes("shared_config UseFIPSEndpointEnabled"),
    Difference {
        id: "shared_config+credentials DONOTNORMALIZE",
        row: "key-group",
        keyfob: "aws_access_key_id=DONOTNORMALIZE_credentials_akid duration_seconds=1800 \
                 region=eu-west-3 aws_secret_access_key=DONOTNORMALIZE_credentials_secret",
    },
    in_quotes("shared_config+credentials UseDualStackEndpointDisabled"),
    in_quotes("shared_config+credentials UseDualStackEndpointEnabled"),
    in_quotes("shared_config+credentials UseDualStackEndpointInvalid"),
    in_quotes("shared_config+credentials UseFIPSEndpointDisabled"),
    in_quotes("shared_config+credentials UseFIPSEndpointEnabled"),
    Difference {
        id: "shared_config+credentials donotnormalize",
        row: "key-group",
        keyfob: "aws_access_key_id=donotnormalize_credentials_akid duration_seconds=1500 \
                 region=eu-west-2 aws_secret_access_key=donotnormalize_credentials_secret",
    },
];

/// A profile with `region = "us-west-2"`.
const fn in_quotes(id: &'static str) -> Difference {
    Difference { id, row: "quoted-value", keyfob: "region=\"us-west-2\"" }
}

/// The members of Go's `SharedConfig` that are settings of the profile.
const SETTINGS: [(&str, &str); 20] = [
    ("access_key_id", "aws_access_key_id"),
    ("account_id", "aws_account_id"),
    ("ca_bundle", "ca_bundle"),
    ("credential_process", "credential_process"),
    ("credential_source", "credential_source"),
    ("duration_seconds", "duration_seconds"),
    ("external_id", "external_id"),
    ("region", "region"),
    ("retry_mode", "retry_mode"),
    ("role_arn", "role_arn"),
    ("role_session_name", "role_session_name"),
    ("secret_access_key", "aws_secret_access_key"),
    ("services", "services"),
    ("session_token", "aws_session_token"),
    ("source_profile", "source_profile"),
    ("sso_account_id", "sso_account_id"),
    ("sso_region", "sso_region"),
    ("sso_role_name", "sso_role_name"),
    ("sso_start_url", "sso_start_url"),
    ("web_identity_token_file", "web_identity_token_file"),
];

/// What Go resolved, as `setting=value`.
fn expected(resolved: &Value) -> String {
    let of_profile = SETTINGS.iter().filter_map(|(member, setting)| match &resolved[member] {
        Value::Null => None,
        Value::String(value) => Some(format!("{setting}={value}")),
        number => Some(format!("{setting}={number}")),
    });
    let session = &resolved["sso_session"];
    let of_session = ["name", "sso_region", "sso_start_url"]
        .into_iter()
        .filter_map(|member| Some(format!("session {member}={}", session[member].as_str()?)));
    of_profile.chain(of_session).collect::<Vec<_>>().join(" ")
}

/// What the profile says, in the same words. Where Go found the profile that is the source of a
/// role, it leaves out the other ways to credentials, and so only what it names is looked at.
fn seen(sections: &Sections<'_>, profile: &Profile<'_, '_>, resolved: &Value) -> String {
    let is_asked = |member: &str| resolved["source"].is_null() || !resolved[member].is_null();
    let of_profile = SETTINGS
        .iter()
        .filter(|(member, _)| is_asked(member))
        .filter_map(|(_, setting)| Some(format!("{setting}={}", profile.get(setting)?)));
    let session = profile.get("sso_session").and_then(|name| sections.sso_session(name).ok());
    let of_session = session.into_iter().flat_map(|session| {
        [
            ("name", session.name),
            ("sso_region", session.region),
            ("sso_start_url", session.start_url),
        ]
        .map(|(member, value)| format!("session {member}={value}"))
    });
    of_profile.chain(of_session).collect::<Vec<_>>().join(" ")
}

#[test]
fn settings_are_those_that_the_go_sdk_resolves() {
    let Some(corpus) = corpus("go-v2") else { return };
    let mut tally = Tally::new("go shared-config-resolved", DIFFERENCES);
    let cases = corpus.json("cases/shared-config-resolved.json");
    for (files, case) in cases.as_object().unwrap() {
        let file = |kind: &str| match case[kind].as_array().unwrap().as_slice() {
            [] => Some(Vec::new()),
            [name] => Some(corpus.read(&format!("data/config/{}", name.as_str().unwrap()))),
            _ => None,
        };
        let resolved = case["resolved"].as_object().unwrap();
        let (Some(config), Some(credentials)) = (file("configFiles"), file("credentialsFiles"))
        else {
            resolved.iter().for_each(|_| tally.skip("there is one file of each kind"));
            continue;
        };
        let loaded = load(&config, &credentials).unwrap();
        let sections = Sections::parse(&loaded);
        for (name, resolved) in resolved {
            if resolved["error"].is_string() {
                tally.skip("Go checks the values of settings and chains of roles");
                continue;
            }
            let seen = match sections.profile(name) {
                Ok(profile) => seen(&sections, &profile, resolved),
                Err(ProfileError::Unknown { .. } | ProfileError::Rejected(_)) => {
                    "no such profile".to_owned()
                }
                Err(error) => error.to_string(),
            };
            assert_eq!(text(resolved, "profile"), name);
            tally.compare(&format!("{files} {name}"), &expected(resolved), &seen);
        }
    }
    tally.finish();
}
