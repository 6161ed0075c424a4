use std::fs;

use serde_json::Value;

use crate::support::{ACCOUNT, TestEnv};

fn status(env: &TestEnv) -> Value {
    let run = env.run(&["status", "--output", "json"]);
    assert_eq!(run.code, 0, "{run:?}");
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn status_tells_each_session_without_network() {
    let mut env = TestEnv::new();
    env.sign_in();
    assert_eq!(env.run(&["credential-process", "--profile", "dev"]).code, 0);
    for service in ["SSO", "SSO_OIDC", "STS"] {
        env.set(&format!("AWS_ENDPOINT_URL_{service}"), "http://127.0.0.1:1");
    }
    let status = status(&env);
    let [work, legacy] = status["sessions"].as_array().unwrap().as_slice() else {
        panic!("{status}")
    };
    assert_eq!(work["name"], "work");
    assert_eq!(work["startUrl"], "https://keyfob.awsapps.com/start");
    assert_eq!(work["region"], "eu-central-1");
    assert_eq!(work["signedIn"], true);
    assert_eq!(work["refreshable"], true);
    assert_eq!(work["expiresAt"], env.token()["expiresAt"]);
    assert_eq!(work["registrationExpiresAt"], env.token()["registrationExpiresAt"]);
    assert_eq!(work["roles"][0]["accountId"], ACCOUNT);
    assert_eq!(work["roles"][0]["roleName"], "ReadOnly");
    assert!(work["roles"][0]["expiresAt"].as_str().unwrap().ends_with('Z'));
    assert_eq!(legacy["name"], Value::Null);
    assert_eq!(legacy["signedIn"], false);
    assert_eq!(legacy["expiresAt"], Value::Null);
    assert_eq!(legacy["roles"], Value::Array(vec![]));
}

#[test]
fn status_for_people_names_the_command_that_mends() {
    let env = TestEnv::new();
    let run = env.run(&["status", "--long"]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.contains("not signed in; run `keyfob login --sso-session work`"));
    env.sign_in();
    fs::write(env.token_file(), "{\"accessToken\":\"hunter2").unwrap();
    let run = env.run(&["status", "--long"]);
    assert!(run.stdout.contains("holds no token") && !run.stdout.contains("hunter2"), "{run:?}");
}

/// What `status` says of the session `work`, where `credential-process` ends with this code.
fn agreed(env: &TestEnv, code: i32) -> (Value, String) {
    let run = env.run(&["credential-process", "--profile", "dev", "--force-refresh"]);
    assert_eq!(run.code, code, "{run:?}");
    let json = status(env)["sessions"][0].clone();
    let run = env.run(&["status", "--long"]);
    assert_eq!(run.code, 0, "{run:?}");
    let text = run.stdout.split_once("  (legacy start URL)").map_or("", |(work, _)| work);
    let text = if text.is_empty() { run.stdout.clone() } else { text.to_owned() };
    (json, text)
}

#[test]
fn status_knows_what_the_other_commands_know() {
    let env = TestEnv::new();
    env.sign_in();
    let (json, text) = agreed(&env, 0);
    assert_eq!((&json["signedIn"], &json["reason"]), (&Value::Bool(true), &Value::Null), "{text}");

    let whole = fs::read_to_string(env.token_file()).unwrap();
    fs::write(env.token_file(), format!("{whole}00Z\"}}")).unwrap();
    let (json, text) = agreed(&env, 0);
    assert_eq!(json["signedIn"], true, "{text}");
    assert!(text.contains("signed in; access token until"), "{text}");

    fs::write(env.token_file(), &whole).unwrap();
    env.change_token("startUrl", "https://other.awsapps.com/start");
    let (json, text) = agreed(&env, 1);
    assert_eq!(json["signedIn"], false);
    assert!(text.contains("belongs to https://other.awsapps.com/start"), "{text}");

    fs::write(env.token_file(), &whole).unwrap();
    env.expire_token();
    env.change_token("registrationExpiresAt", "2020-01-02T00:00:00Z");
    let (json, text) = agreed(&env, 1);
    assert_eq!((&json["signedIn"], &json["refreshable"]), (&false.into(), &false.into()));
    assert!(text.contains("has expired and cannot be refreshed"), "{text}");

    fs::write(env.token_file(), &whole).unwrap();
    env.expire_token();
    env.change_token("refreshToken", "aorAAAAAG-of-a-session-that-was-ended");
    let (json, text) = agreed(&env, 1);
    assert_eq!((&json["signedIn"], &json["refreshable"]), (&false.into(), &false.into()));
    assert!(text.contains("not signed in; run `keyfob login --sso-session work`"), "{text}");
    assert!(text.contains("(invalid_grant)"), "{text}");
    // Time alone makes it no better.
    let note = env.token_file().with_extension("refused");
    let mut refusal = crate::support::read_json(&note);
    refusal["refusedAt"] = "2020-01-02T00:00:00Z".into();
    fs::write(&note, refusal.to_string()).unwrap();
    assert_eq!(status(&env)["sessions"][0]["signedIn"], false);
}

#[cfg(unix)] // a directory cannot be opened on Windows, as if it were another user's
#[test]
fn a_token_that_cannot_be_read_is_no_reason_to_sign_in() {
    let env = TestEnv::new();
    env.sign_in();
    fs::remove_file(env.token_file()).unwrap();
    fs::create_dir(env.token_file()).unwrap();
    let (json, text) = agreed(&env, 5);
    assert_eq!(json["signedIn"], Value::Null);
    assert!(!text.contains("sign in") && text.contains("not a regular file"), "{text}");
    for command in [&["credential-process", "--profile", "dev"][..], &["roles"]] {
        let run = env.run(command);
        assert_eq!(run.code, 5, "{run:?}");
        assert!(run.stderr.contains("mv ") && !run.stderr.contains("keyfob login"), "{run:?}");
    }
}

#[test]
fn status_says_of_the_end_of_a_session_what_is_known() {
    let env = TestEnv::new();
    env.sign_in();
    let text = env.run(&["status", "--long"]).stdout;
    assert!(text.contains("your administrator sets that end"), "{text}");
    assert!(text.contains("the client registration"), "{text}");
    assert!(!text.contains("at most until"), "{text}");
    let mut token = env.token();
    token.as_object_mut().unwrap().remove("refreshToken");
    fs::write(env.token_file(), token.to_string()).unwrap();
    let text = env.run(&["status", "--long"]).stdout;
    assert!(text.contains("cannot be refreshed") && !text.contains("administrator"), "{text}");
}

#[test]
fn logout_removes_what_is_ours_and_tells_the_server() {
    let env = TestEnv::new();
    env.sign_in();
    env.sign_in_to(&["--profile", "old"]);
    for profile in ["dev", "old"] {
        assert_eq!(env.run(&["credential-process", "--profile", profile]).code, 0);
    }
    let foreign = env.path(".aws/sso/cache/kiro-auth-token.json");
    fs::write(&foreign, r#"{"accessToken":"of-another-tool","expiresAt":"2030-01-01T00:00:00Z"}"#)
        .unwrap();
    let run = env.run(&["logout"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(!env.token_file().exists());
    assert!(foreign.exists());
    assert_eq!(env.role_files().len(), 1, "the roles of the other session stay");
    assert_eq!(env.calls("Logout"), 1);
    assert_eq!(env.run(&["credential-process", "--profile", "dev"]).code, 1);
    assert_eq!(env.run(&["credential-process", "--profile", "old"]).code, 0);

    let run = env.run(&["logout", "--all"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(env.role_files().is_empty());
    assert_eq!(env.calls("Logout"), 2);
    assert!(foreign.exists());
}

#[test]
fn logout_takes_the_entries_of_the_aws_cli_that_its_profiles_yield() {
    let env = TestEnv::new();
    env.sign_in();
    assert_eq!(env.run(&["credential-process", "--profile", "dev"]).code, 0);
    let [file] = &env.role_files()[..] else { panic!("one file") };
    let mut entry = crate::support::read_json(file);
    entry.as_object_mut().unwrap().remove("Origin").unwrap();
    fs::write(file, entry.to_string()).unwrap();
    let other = file.with_file_name("0000000000000000000000000000000000000000.json");
    fs::write(&other, entry.to_string()).unwrap();
    let database = file.with_file_name("session.db");
    fs::write(&database, "SQLite format 3").unwrap();
    assert_eq!(env.run(&["logout"]).code, 0);
    assert!(!file.exists() && other.exists() && database.exists());
    assert_eq!(env.run(&["logout", "--all"]).code, 0);
    assert!(!other.exists() && database.exists());
}

#[test]
fn logout_without_a_server_still_removes_the_files() {
    let mut env = TestEnv::new();
    env.sign_in();
    env.set("AWS_ENDPOINT_URL_SSO", "http://127.0.0.1:1");
    let run = env.run(&["logout"]);
    assert_eq!(run.code, 5, "{run:?}");
    assert!(run.stderr.contains("Signed out of `work` here alone."), "{run:?}");
    assert!(run.stderr.contains("hint: the session may go on at the server"), "{run:?}");
    assert!(!env.token_file().exists());
}

#[test]
fn a_start_url_that_no_file_names_is_shown_and_signed_out_of() {
    let env = TestEnv::new();
    env.write_config("");
    let session =
        ["--start-url", "https://keyfob.awsapps.com/start", "--sso-region", "eu-central-1"];
    for logout in [&[&["logout"], &session[..]].concat()[..], &["logout", "--all"]] {
        env.sign_in_to(&session);
        let status = status(&env);
        assert_eq!(status["sessions"][0]["startUrl"], "https://keyfob.awsapps.com/start");
        assert_eq!(status["sessions"][0]["signedIn"], true);
        let run = env.run(logout);
        assert_eq!(run.code, 0, "{run:?}");
        assert!(run.stderr.contains("Signed out of"), "{run:?}");
        assert!(!env.run(&["status", "--long"]).stdout.contains("keyfob.awsapps.com"));
    }
    assert_eq!(env.calls("Logout"), 2);
}
