use serde_json::{Value, json};

use crate::support::TestEnv;

const CONFIG: &str = "\
[sso-session s]
sso_start_url = https://d-1.awsapps.com/start
sso_region = eu-west-1
[profile dev]
sso_session = s
sso_account_id = 123456789012
sso_role_name = ReadOnly
region = eu-central-1 # home
Custom = x
services = local
s3 =
  max_concurrent_requests = 9
[services local]
sts =
  endpoint_url = http://localhost:4003
[profile chain]
role_arn = arn:aws:iam::210987654321:role/path/Admin
source_profile = dev
[profile keys]
region = x
[profile process]
credential_process = /bin/cat keys.json
[profile web]
role_arn = arn:aws:iam::210987654321:role/Web
web_identity_token_file = /var/run/token
[profile old]
sso_start_url = https://d-1.awsapps.com/start
sso_region = eu-west-1
sso_account_id = 123456789012
sso_role_name = Old
aws_access_key_id = AKIDEXAMPLE
[profile broken]
nonsense
region = y
";

const CREDENTIALS: &str = "[keys]\naws_access_key_id = AKIDEXAMPLE\n\
                           aws_secret_access_key = hunter2\nregion = z\n";

fn env() -> TestEnv {
    let mut env = TestEnv::new();
    env.write_config(CONFIG);
    std::fs::write(env.path(".aws/credentials"), CREDENTIALS).unwrap();
    for service in ["SSO", "SSO_OIDC", "STS"] {
        env.unset(&format!("AWS_ENDPOINT_URL_{service}"));
    }
    env
}

fn explain(env: &TestEnv, profile: &str) -> Value {
    let run = env.run(&["explain", "--profile", profile, "--output", "json"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    assert!(!run.stdout.contains("hunter2"), "{run:?}");
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn every_profile_is_listed_with_its_kind() {
    let env = env();
    let run = env.run(&["profiles", "--output", "json"]);
    assert_eq!(run.code, 0, "{run:?}");
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let shown: Vec<String> = document["profiles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let text = |key: &str| row[key].as_str().unwrap_or("-").to_owned();
            ["name", "kind", "accountId", "roleName", "session"].map(text).join(" ")
        })
        .collect();
    assert_eq!(
        shown,
        [
            "dev sso 123456789012 ReadOnly s",
            "chain role 210987654321 Admin s",
            "keys static - - -",
            "process process - - -",
            "web web identity 210987654321 Web -",
            "old legacy sso 123456789012 Old https://d-1.awsapps.com/start",
            "broken - - - -",
        ]
    );
    for warned in [".aws/config:33:1: expected `name = value`", "config:31: static keys beside sso"]
    {
        assert!(run.stderr.replace('\\', "/").contains(warned), "{}", run.stderr);
    }
    let table = env.run(&["profiles"]).stdout;
    assert!(table.lines().next().unwrap().contains("PROFILE"), "{table}");
    assert!(table.contains("(broken)"), "{table}");
}

#[test]
fn each_setting_has_its_line_and_what_it_overrides() {
    let mut env = env();
    env.set("AWS_REGION", "us-east-1");
    let dev = explain(&env, "dev");
    let config = env.path(".aws").join("config").display().to_string();
    assert_eq!(dev["profile"], "dev");
    assert_eq!(dev["provider"], "sso");
    let region = &dev["settings"]["region"];
    assert_eq!(region["value"], "us-east-1");
    assert_eq!(region["source"], json!({ "env": "AWS_REGION" }));
    assert_eq!(region["overrides"][0]["value"], "eu-central-1");
    assert_eq!(region["overrides"][0]["source"], json!({ "file": config, "line": 8 }));
    assert_eq!(dev["settings"]["custom"]["value"], "x");
    assert_eq!(dev["settings"]["s3"]["value"], json!({ "max_concurrent_requests": "9" }));
    assert_eq!(dev["settings"]["sso_region"]["source"]["line"], 3);
    assert_eq!(dev["endpoints"]["sso"], "https://portal.sso.eu-west-1.amazonaws.com/");
    assert_eq!(dev["endpoints"]["sso_oidc"], "https://oidc.eu-west-1.amazonaws.com/");
    assert_eq!(dev["endpoints"]["sts"], "http://localhost:4003/");
    let diagnostics = dev["diagnostics"].to_string();
    assert!(diagnostics.contains("config:8: a comment behind the value"), "{diagnostics}");
    assert!(!diagnostics.contains("expected"), "of another profile: {diagnostics}");
}

#[test]
fn secrets_are_masked_and_the_credentials_file_counts() {
    let env = env();
    let keys = explain(&env, "keys");
    assert_eq!(keys["provider"], "static");
    assert_eq!(keys["settings"]["aws_secret_access_key"]["value"], "****");
    assert_eq!(keys["settings"]["region"]["value"], "z");
    assert_eq!(keys["settings"]["region"]["overrides"][0]["value"], "x");
}

#[test]
fn chains_and_other_sdks_are_told() {
    let env = env();
    let chain = explain(&env, "chain");
    assert_eq!(chain["provider"], "role");
    assert!(chain["reason"].as_str().unwrap().contains("role/path/Admin (chain)"));
    let old = explain(&env, "old");
    assert_eq!(old["provider"], "legacy sso");
    let sdks = old["sdks"].to_string();
    assert!(sdks.contains("Go would use static") && !sdks.contains("Rust"), "{sdks}");
    assert!(old["diagnostics"].to_string().contains("static keys beside sso keys"));
    let text = env.run(&["explain", "--profile", "old"]).stdout;
    assert!(text.contains("provider: legacy sso") && text.contains("other SDKs:"), "{text}");
}

#[test]
fn a_broken_profile_is_explained_and_an_unknown_one_exits_2() {
    let env = env();
    let broken = explain(&env, "broken");
    assert_eq!(broken["provider"], Value::Null);
    assert_eq!(broken["settings"]["region"]["value"], "y");
    let diagnostics = broken["diagnostics"].to_string();
    assert!(diagnostics.contains("config:33:1: expected `name = value`"), "{diagnostics}");
    let run = env.run(&["explain", "--profile", "nope"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
}

#[test]
fn what_many_profiles_have_in_common_is_told_once() {
    let env = env();
    let session = "[sso-session s]\nsso_start_url = u\nsso_region = eu-west-1\n";
    let mut config = session.to_owned();
    for (name, command) in [
        ("a", "/opt/other"),
        ("b", "/opt/other"),
        ("c", "aws-sso-util credential-process --profile c"),
        ("d", "/usr/local/bin/keyfob credential-process --profile d"),
        ("e", "/opt/other"),
    ] {
        config += &format!(
            "[profile {name}]\nsso_session = s\nsso_account_id = 123456789012\n\
             sso_role_name = R\ncredential_process = {command}\n"
        );
    }
    env.write_config(&config);
    let run = env.run(&["profiles"]);
    let warnings: Vec<_> =
        run.stderr.lines().filter(|line| line.contains("credential_process")).collect();
    let [only] = warnings.as_slice() else { panic!("{run:?}") };
    assert!(only.contains("config:8: ") && only.ends_with("(and in 2 more profiles)"), "{only}");
    let doctor = env.run(&["doctor", "--offline"]);
    let text = "config:8: credential_process beside sso keys: only JavaScript runs it (and in 2";
    assert_eq!(doctor.stdout.matches("only JavaScript").count(), 1, "{doctor:?}");
    assert!(doctor.stdout.contains(text), "{doctor:?}");
    assert!(explain(&env, "d")["diagnostics"].to_string().contains("only JavaScript"));
}

#[test]
fn a_setting_that_only_aws_vault_reads_is_told_with_what_to_write() {
    let env = env();
    env.write_config(
        "[profile base]\nsso_start_url = u\nsso_region = eu-west-1\n\
         [profile p]\ninclude_profile = base\nsso_account_id = 123456789012\nsso_role_name = R\n\
         [profile r]\ninclude_profile = base\nrole_arn = arn:aws:iam::123456789012:role/R\n",
    );
    let text = "include_profile is read by aws-vault alone; write the settings of `base` here too";
    for name in ["p", "r"] {
        let run = env.run(&["export", name]);
        assert!(run.code == 2 && run.stderr.contains(text), "{run:?}");
        assert_eq!(explain(&env, name)["diagnostics"].to_string().matches(text).count(), 1);
    }
    let run = env.run(&["profiles"]);
    assert_eq!(run.stderr.matches("aws-vault").count(), 2, "{run:?}");
}
