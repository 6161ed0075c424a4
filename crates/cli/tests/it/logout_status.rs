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
    let run = env.run(&["status"]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.contains("not signed in; run `keyfob login --sso-session work`"));
    env.sign_in();
    fs::write(env.token_file(), "{\"accessToken\":\"hunter2").unwrap();
    let run = env.run(&["status"]);
    assert!(run.stderr.contains("warning: `work`") && !run.stderr.contains("hunter2"), "{run:?}");
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
    entry.as_object_mut().unwrap().remove("keyfob");
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
        assert!(!env.run(&["status"]).stdout.contains("keyfob.awsapps.com"));
    }
    assert_eq!(env.calls("Logout"), 2);
}
