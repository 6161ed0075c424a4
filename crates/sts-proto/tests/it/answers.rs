//! What comes of each answer.

use http::{Request, Response, Uri};
use sts_proto::{AssumeRole, AssumeRoleWithWebIdentity, GetCallerIdentity, SigningKeys};
use wire::{CallError, DecodeError, Operation, Secret, SessionCredentials, Timestamp};

const CREDENTIALS: &str = "<Credentials><AccessKeyId>ASIA1</AccessKeyId>\
    <SecretAccessKey>sak</SecretAccessKey><SessionToken> s<!-- -->t </SessionToken>\
    <Expiration>2026-01-02T04:04:05Z</Expiration></Credentials>";

fn answer(action: &str, members: &str) -> Vec<u8> {
    format!(
        "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result>\
         {members}</{action}Result><ResponseMetadata/></{action}Response>"
    )
    .into_bytes()
}

fn expected() -> SessionCredentials {
    SessionCredentials {
        access_key_id: "ASIA1".into(),
        secret_access_key: "sak".into(),
        session_token: "st".into(),
        expiration: Timestamp::parse("2026-01-02T04:04:05Z").unwrap(),
    }
}

/// Decodes what AssumeRole answers with these members.
fn assume_role(members: &str) -> Result<sts_proto::AssumedRole, DecodeError> {
    AssumeRole::decode(&Response::new(answer("AssumeRole", members)))
}

/// Performs GetCallerIdentity with a client that answers with `answers`; returns the error, and how
/// often it was asked.
fn perform(answers: Vec<(u16, &str)>) -> (CallError, usize) {
    let credentials = expected();
    let keys = SigningKeys::from(&credentials);
    let operation = GetCallerIdentity { keys, region: "r", now: credentials.expiration };
    let mut asked = 0;
    let send = |_: Request<Vec<u8>>| {
        let (status, body) = answers[asked];
        asked += 1;
        Response::builder().status(status).body(body.as_bytes())
    };
    let result = wire::call_blocking(&operation, &Uri::from_static("https://h"), send, |_| {});
    (result.unwrap_err(), asked)
}

#[test]
fn a_role_is_read_whole() {
    let members = format!(
        "{CREDENTIALS}<AssumedRoleUser><AssumedRoleId>AROA:me</AssumedRoleId>\
         <Arn>arn:aws:sts::111122223333:assumed-role/R/me</Arn></AssumedRoleUser>\
         <PackedPolicySize>6</PackedPolicySize><SourceIdentity>i</SourceIdentity>"
    );
    let role = assume_role(&members).unwrap();
    assert_eq!(role.credentials, expected());
    let user = role.assumed_role_user.unwrap();
    assert_eq!(user.assumed_role_id, "AROA:me");
    assert_eq!(user.account_id(), Some("111122223333"));
    assert_eq!((role.packed_policy_size, role.source_identity.as_deref()), (Some(6), Some("i")));
}

#[test]
fn a_role_without_its_extras_is_a_role() {
    let role = assume_role(CREDENTIALS).unwrap();
    assert_eq!(role.credentials, expected());
    assert_eq!((role.assumed_role_user, role.packed_policy_size), (None, None));
    let nameless = format!("{CREDENTIALS}<AssumedRoleUser><Arn>arn</Arn></AssumedRoleUser>");
    let user = assume_role(&nameless).unwrap().assumed_role_user.unwrap();
    assert_eq!((user.assumed_role_id.as_str(), user.account_id()), ("", None));
    let global = nameless.replace(">arn<", ">arn:aws:sts:::user/me<");
    let user = assume_role(&global).unwrap().assumed_role_user.unwrap();
    assert_eq!(user.account_id(), None, "an empty account is none");
}

#[test]
fn each_member_of_credentials_is_needed_and_has_its_type() {
    for (name, value) in [
        ("AccessKeyId", "ASIA1"),
        ("SecretAccessKey", "sak"),
        ("SessionToken", " s<!-- -->t "),
        ("Expiration", "2026-01-02T04:04:05Z"),
    ] {
        let member = format!("<{name}>{value}</{name}>");
        assert!(CREDENTIALS.contains(&member));
        let with = |other: &str| assume_role(&CREDENTIALS.replace(&member, other)).unwrap_err();
        for none in [String::new(), format!("<{name}/>"), format!("<{name}> </{name}>")] {
            assert!(matches!(with(&none), DecodeError::MissingField(missing) if missing == name));
        }
        let nested = with(&format!("<{name}><b>x</b></{name}>"));
        assert!(matches!(nested, DecodeError::InvalidField(wrong) if wrong == name));
    }
    let error = assume_role(&CREDENTIALS.replace("2026-01-02T", "tomorrow")).unwrap_err();
    assert_eq!(error.to_string(), "the member Expiration of the answer cannot be used");
    assert!(matches!(assume_role(""), Err(DecodeError::MissingField("Credentials"))));
}

#[test]
fn a_web_identity_is_told_who_it_is() {
    let members = format!(
        "{CREDENTIALS}<Audience>a</Audience><Provider>p</Provider><PackedPolicySize>7\
         </PackedPolicySize><SourceIdentity>i</SourceIdentity><SubjectFromWebIdentityToken>s\
         </SubjectFromWebIdentityToken><AssumedRoleUser><Arn>arn:aws:sts::1:x</Arn>\
         </AssumedRoleUser>"
    );
    let body = answer("AssumeRoleWithWebIdentity", &members);
    let role = AssumeRoleWithWebIdentity::decode(&Response::new(body)).unwrap();
    assert_eq!(role.credentials, expected());
    assert_eq!(role.assumed_role_user.unwrap().account_id(), Some("1"));
    assert_eq!(role.packed_policy_size, Some(7));
    assert_eq!(
        [role.audience, role.provider, role.source_identity, role.subject_from_web_identity_token]
            .map(Option::unwrap),
        ["a", "p", "i", "s"]
    );
}

#[test]
fn what_is_no_document_of_sts_is_told_as_that() {
    for body in ["", "{}", "<a>", "<!DOCTYPE a><a/>"] {
        let error = AssumeRole::decode(&Response::new(body.into())).unwrap_err();
        assert!(matches!(error, DecodeError::Body { status: 200, .. }), "{body}");
    }
    let error = AssumeRole::decode(&Response::new(b"<a>\xff</a>".to_vec())).unwrap_err();
    assert!(matches!(error, DecodeError::Body { .. }));
    let other = answer("GetCallerIdentity", "");
    let error = AssumeRole::decode(&Response::new(other)).unwrap_err();
    assert!(matches!(error, DecodeError::MissingField("AssumeRoleResult")));
}

#[test]
fn throttling_with_400_is_repeated_and_passes() {
    let body = "<ErrorResponse><Error><Code>RequestLimitExceeded</Code></Error></ErrorResponse>";
    let (error, asked) = perform(vec![(400, body); 3]);
    assert_eq!(asked, 3);
    assert!(error.is_transient() && error.is_throttled());
}

#[test]
fn a_refusal_is_told_with_its_id_and_not_repeated() {
    let body = "<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code>\
        <Message>The token is expired</Message></Error><RequestId>r-1</RequestId></ErrorResponse>";
    let (error, asked) = perform(vec![(403, body)]);
    assert_eq!(asked, 1);
    assert_eq!(error.to_string(), "ExpiredToken (HTTP 403): The token is expired");
    assert_eq!(error.service().unwrap().request_id.as_deref(), Some("r-1"));
    assert!(!error.is_transient());
}

#[test]
fn a_token_that_comes_back_is_not_shown() {
    let token = Secret::from("eyJ0.payload");
    let role = AssumeRoleWithWebIdentity::new("arn", "me", &token);
    let body = "<ErrorResponse><Error><Code>InvalidIdentityToken</Code>\
        <Message>cannot read eyJ0.payload</Message></Error></ErrorResponse>";
    let mut asked = 0;
    let send = |_: Request<Vec<u8>>| {
        asked += 1;
        Response::builder().status(400).body(body.as_bytes())
    };
    let error = wire::call_blocking(&role, &Uri::from_static("https://h"), send, |_| {});
    assert_eq!(error.unwrap_err().to_string(), "InvalidIdentityToken (HTTP 400): cannot read ***");
    assert_eq!(asked, 3, "it may pass");
}
