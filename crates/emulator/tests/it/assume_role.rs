use std::time::Duration;

use emulator::{Idp, Scenario};
use wire::Timestamp;

use crate::client::Client;
use crate::signature::{Keys, element};

const ADMIN: &str = "arn:aws:iam::222233334444:role/path/Admin";
const MFA: &str = "SerialNumber=arn:aws:iam::111122223333:mfa/ci&TokenCode=";

struct Sts {
    idp: Idp,
    now: Timestamp,
}

/// The answer of a success, or the code and the message of a refusal.
type Outcome = Result<String, (String, String)>;

impl Sts {
    fn new(scenario: &str) -> Self {
        let idp = Idp::new(Scenario::from_toml(scenario).unwrap());
        Self { idp, now: Timestamp::parse("2026-01-02T03:04:05Z").unwrap() }
    }

    fn call(&mut self, keys: &Keys, action: &str, parameters: &str) -> Outcome {
        let body = format!("Action={action}&Version=2011-06-15&{parameters}");
        let response = self.idp.handle(self.now, &keys.sign(self.now, &body)).response;
        let xml = String::from_utf8_lossy(response.body()).into_owned();
        if response.status() == 200 {
            return Ok(xml);
        }
        let code = element(&xml, "Code").to_owned();
        let expect = if code == "AccessDenied" { 403 } else { 400 };
        assert_eq!(response.status(), expect, "{xml}");
        Err((code, element(&xml, "Message").to_owned()))
    }

    /// Asks for the role with a session named `me`.
    fn assume(&mut self, keys: &Keys, role: &str, more: &str) -> Outcome {
        let parameters = format!("RoleArn={role}&RoleSessionName=me&{more}");
        self.call(keys, "AssumeRole", &parameters)
    }
}

#[track_caller]
fn refused(outcome: Outcome, code: &str, part: &str) {
    let (got, message) = outcome.unwrap_err();
    assert_eq!(got, code, "{message}");
    assert!(message.contains(part), "{message}");
}

#[test]
fn a_role_session_knows_who_it_is_until_it_expires() {
    let mut sts = Sts::new("");
    let user = Keys::of_iam_user();
    let xml = sts.assume(&user, ADMIN, "DurationSeconds=43200").unwrap();
    let arn = "arn:aws:sts::222233334444:assumed-role/Admin/me";
    assert_eq!(element(&xml, "Arn"), arn);
    assert_eq!(element(&xml, "Expiration"), "2026-01-02T15:04:05Z");
    assert!(!xml.contains("PackedPolicySize") && !xml.contains("SourceIdentity"), "{xml}");
    let keys = Keys::of_xml(&xml);
    assert!(keys.id.starts_with("ASIA"), "{}", keys.id);

    let identity = sts.call(&keys, "GetCallerIdentity", "").unwrap();
    assert_eq!(element(&identity, "Arn"), arn);
    assert_eq!(element(&identity, "UserId"), element(&xml, "AssumedRoleId"));
    assert_eq!(element(&identity, "Account"), "222233334444");

    sts.now = sts.now + Duration::from_secs(43_200);
    let request = keys.sign(sts.now, "Action=GetCallerIdentity&Version=2011-06-15");
    let response = sts.idp.handle(sts.now, &request).response;
    assert_eq!(response.status(), 403);
    assert!(String::from_utf8_lossy(response.body()).contains("<Code>ExpiredToken</Code>"));
}

#[test]
fn role_credentials_assume_roles_for_an_hour() {
    let mut client = Client::for_devices(Scenario::default());
    let token = client.sign_in()["accessToken"].as_str().unwrap().to_owned();
    let target = "/federation/credentials?role_name=ReadOnly&account_id=111122223333";
    let answer = client.get(target, &token).unwrap();
    let portal = Keys::of_portal(&answer["roleCredentials"]);
    let mut sts = Sts { idp: client.idp, now: client.now };
    let limit = "exceeds the 1 hour session limit for roles assumed by role chaining";
    refused(sts.assume(&portal, ADMIN, "DurationSeconds=3601"), "ValidationError", limit);
    let first = Keys::of_xml(&sts.assume(&portal, ADMIN, "DurationSeconds=3600").unwrap());
    refused(sts.assume(&first, ADMIN, "DurationSeconds=43200"), "ValidationError", limit);
    assert!(sts.assume(&first, ADMIN, "").is_ok());
}

#[test]
fn every_parameter_is_checked() {
    let mut sts = Sts::new("");
    let user = Keys::of_iam_user();
    let mut check = |more: &str, part: &str| {
        refused(sts.assume(&user, ADMIN, more), "ValidationError", part);
    };
    check("DurationSeconds=899", "&#x27;durationSeconds&#x27; failed to satisfy constraint");
    check("DurationSeconds=43201", "less than or equal to 43200");
    check("ExternalId=x", "externalId");
    check("ExternalId=a%20b", r"pattern: [\w+=,.@:\/-]*");
    check("SerialNumber=12345678&TokenCode=123456", "serialNumber");
    check("SerialNumber=123456789&TokenCode=12345x", "tokenCode");
    check("SerialNumber=123456789&TokenCode=1234567", "tokenCode");
    check("SourceIdentity=x", "sourceIdentity");
    check("Policy=", "policy");
    check("Policy=%F0%9F%94%91", "policy");
    check("PolicyArns.member.1.arn=short", "policyArns.1.member.arn");
    check("PolicyArns.member.1=arn:aws:iam::aws:policy/ReadOnlyAccess", "null at");
    check("Tags.member.1.Key=k", "Value null at &#x27;tags.1.member.value&#x27;");
    check("Tags.member.1.Key=k%2A&Tags.member.1.Value=v", "tags.1.member.key");
    check("Tags.1.Key=k&Tags.1.Value=v", "&#x27;tags&#x27;");
    check("ProvidedContexts.member.1.ProviderArn=x", "providedContexts.1.member.contextAssertion");
    check("RoleSessionName=again", "roleSessionName");

    let mut check = |parameters: &str, code: &str, part: &str| {
        refused(sts.call(&user, "AssumeRole", parameters), code, part);
    };
    check("", "ValidationError", "2 validation errors detected: Value null at &#x27;roleArn&#x27;");
    check(&format!("RoleArn={ADMIN}&RoleSessionName=a%20b"), "ValidationError", "[\\w+=,.@-]*");
    check("RoleArn=arn:aws:iam::1:role/Admin&RoleSessionName=me", "ValidationError", "is invalid");
    let transitive = format!("RoleArn={ADMIN}&RoleSessionName=me&TransitiveTagKeys.member.1=k");
    check(&transitive, "InvalidParameterValue", "must be included in the requested tags");
    let policy = format!("RoleArn={ADMIN}&RoleSessionName=me&Policy=");
    check(&format!("{policy}[]"), "MalformedPolicyDocument", "");
    let long = format!("{{%22a%22:%22{}%22}}", "x".repeat(5000));
    check(&format!("{policy}{long}"), "PackedPolicyTooLarge", "");
    let twice =
        "&Tags.member.1.Key=k&Tags.member.1.Value=&Tags.member.2.Key=K&Tags.member.2.Value=";
    check(
        &format!("RoleArn={ADMIN}&RoleSessionName=me{twice}"),
        "InvalidParameterValue",
        "case insensitive",
    );
}

#[test]
fn both_encodings_of_a_blank_are_read_and_unknown_parameters_ignored() {
    let mut sts = Sts::new("");
    for blank in ["+", "%20"] {
        let more = format!(
            "Tags.member.1.Key=k{blank}1&Tags.member.1.Value=v%2B%C3%A9&\
             TransitiveTagKeys.member.1=k{blank}1&PolicyArns=&Unknown=1&\
             PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FReadOnlyAccess"
        );
        let xml = sts.assume(&Keys::of_iam_user(), ADMIN, &more).unwrap();
        assert_eq!(element(&xml, "PackedPolicySize"), "2");
    }
}

#[test]
fn tags_and_source_identity_are_inherited() {
    let mut sts = Sts::new("");
    let more = "SourceIdentity=ada&Tags.member.1.Key=Team&Tags.member.1.Value=a&\
                TransitiveTagKeys.member.1=team";
    let xml = sts.assume(&Keys::of_iam_user(), ADMIN, more).unwrap();
    assert_eq!(element(&xml, "SourceIdentity"), "ada");
    let keys = Keys::of_xml(&xml);
    let xml = sts.assume(&keys, ADMIN, "").unwrap();
    assert_eq!(element(&xml, "SourceIdentity"), "ada");
    let keys = Keys::of_xml(&xml);
    let conflict = "Tags.member.1.Key=TEAM&Tags.member.1.Value=b";
    refused(sts.assume(&keys, ADMIN, conflict), "InvalidParameterValue", "conflicts");
    refused(sts.assume(&keys, ADMIN, "SourceIdentity=eve"), "AccessDenied", "already set");
    assert!(sts.assume(&keys, ADMIN, "SourceIdentity=ada").is_ok());
}

#[test]
fn a_code_of_a_device_is_used_once() {
    let mut sts = Sts::new(&format!("[[iam_roles]]\narn = \"{ADMIN}\"\nmfa = true"));
    let user = Keys::of_iam_user();
    refused(sts.assume(&user, ADMIN, ""), "AccessDenied", "not authorized");
    for half in ["TokenCode=123456", "SerialNumber=arn:aws:iam::111122223333:mfa/ci"] {
        refused(sts.assume(&user, ADMIN, half), "AccessDenied", "must provide both");
    }
    let other = "SerialNumber=arn:aws:iam::111122223333:mfa/other&TokenCode=123456";
    refused(sts.assume(&user, ADMIN, other), "AccessDenied", "unable to validate MFA code");
    let invalid = "failed with invalid MFA one time pass code.";
    refused(sts.assume(&user, ADMIN, &format!("{MFA}999999")), "AccessDenied", invalid);
    let keys = Keys::of_xml(&sts.assume(&user, ADMIN, &format!("{MFA}123456")).unwrap());
    refused(sts.assume(&user, ADMIN, &format!("{MFA}123456")), "AccessDenied", invalid);
    assert!(sts.assume(&user, ADMIN, &format!("{MFA}234567")).is_ok());
    let more = format!("{MFA}345678");
    refused(sts.assume(&keys, ADMIN, &more), "AccessDenied", "unable to validate MFA code");
}

#[test]
fn a_declared_role_has_its_conditions() {
    let base = "arn:aws:iam::222233334444:role/Base";
    let mut sts = Sts::new(&format!(
        "[[iam_roles]]\narn = \"{ADMIN}\"\nexternal_id = \"ext:1\"\nmax_session_duration = 7200\n\
         trusted = [\"arn:aws:iam::111122223333:user/\", \"{base}\"]\n\
         [[iam_roles]]\narn = \"{base}\"\nsource_identity = \"ada\""
    ));
    let user = Keys::of_iam_user();
    let external = "ExternalId=ext%3A1";
    refused(sts.assume(&user, ADMIN, ""), "AccessDenied", "user/ci is not authorized to perform");
    refused(sts.assume(&user, ADMIN, "ExternalId=other"), "AccessDenied", ADMIN);
    assert!(sts.assume(&user, ADMIN, &format!("{external}&DurationSeconds=7200")).is_ok());
    let limit = "exceeds the MaxSessionDuration set for this role.";
    let long = format!("{external}&DurationSeconds=7201");
    refused(sts.assume(&user, ADMIN, &long), "ValidationError", limit);
    let unknown = "arn:aws:iam::222233334444:role/Admin";
    refused(sts.assume(&user, unknown, external), "AccessDenied", "not authorized");

    refused(sts.assume(&user, base, ""), "AccessDenied", "not authorized");
    refused(
        sts.assume(&user, base, "SourceIdentity=ada&DurationSeconds=3601"),
        "ValidationError",
        limit,
    );
    let keys = Keys::of_xml(&sts.assume(&user, base, "SourceIdentity=ada").unwrap());
    let keys = Keys::of_xml(&sts.assume(&keys, ADMIN, external).unwrap());
    refused(sts.assume(&keys, ADMIN, external), "AccessDenied", "assumed-role/Admin/me is not");
}

#[test]
fn calls_tell_the_role_and_no_secret() {
    let mut sts = Sts::new("");
    let more = format!("DurationSeconds=900&ExternalId=hidden&{MFA}123456");
    sts.assume(&Keys::of_iam_user(), ADMIN, &more).unwrap();
    let call = sts.idp.calls().last().unwrap();
    assert_eq!((call.operation.as_str(), call.status), ("AssumeRole", 200));
    let role = call.role.as_ref().unwrap();
    assert_eq!(role.role_arn, ADMIN);
    assert_eq!(role.role_session_name, "me");
    assert_eq!(role.duration_seconds, Some(900));
    let shown = format!("{call:?}");
    assert!(!shown.contains("123456") && !shown.contains("hidden"), "{shown}");
    let request = http::Request::get("/_emulator/calls").body(Vec::new()).unwrap();
    let response = sts.idp.handle(sts.now, &request).response;
    let json: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(json[0]["role"]["RoleArn"], ADMIN);
}
