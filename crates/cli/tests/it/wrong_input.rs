//! Each wrong input gives one clear error, the documented exit code, and what mends it.

use std::fs;

use crate::support::TestEnv;

fn fails(env: &TestEnv, arguments: &[&str], code: i32, texts: &[&str]) {
    let run = env.run(arguments);
    assert_eq!(run.code, code, "{run:?}");
    assert_eq!(run.stdout, "", "{run:?}");
    let said = run.stderr.replace('\\', "/"); // as paths are written on Windows
    for text in texts {
        assert!(said.contains(text), "{text:?} is not in {run:?}");
    }
}

const DEV: [&str; 3] = ["credential-process", "--profile", "dev"];

#[test]
fn an_unknown_profile_or_session_exits_2() {
    let env = TestEnv::new();
    fails(
        &env,
        &["credential-process", "--profile", "nope"],
        2,
        &["no profile `nope` in", "config"],
    );
    fails(&env, &["login", "--profile", "nope"], 2, &["no profile `nope`"]);
    fails(&env, &["login", "--sso-session", "nope"], 2, &["no sso-session `nope`", "hint", "work"]);
    fails(&env, &["logout", "--sso-session", "nope"], 2, &["no sso-session `nope`"]);
    fails(&env, &["credential-process"], 2, &["missing --account-id; --role-name"]);
    fails(&env, &["nonsense"], 2, &["nonsense"]);
}

#[test]
fn the_only_session_of_the_config_needs_no_name() {
    let env = TestEnv::new();
    env.sign_in();
    let role = ["credential-process", "--account-id", "111122223333", "--role-name", "ReadOnly"];
    let run = env.run(&role);
    assert!(run.code == 0 && run.stdout.contains("ASIA"), "{run:?}");
}

#[test]
fn half_of_a_start_url_names_the_other_half() {
    let env = TestEnv::new();
    for command in ["login", "logout", "roles"] {
        let half = [command, "--start-url", "https://x.awsapps.com/start"];
        fails(&env, &half, 2, &["a start URL needs its region", "add --sso-region"]);
        let half = [command, "--sso-region", "eu-west-1"];
        fails(&env, &half, 2, &["--sso-region needs the start URL", "add --start-url"]);
    }
}

#[test]
fn several_sessions_are_listed() {
    let env = TestEnv::new();
    let session = "sso_start_url = https://d-1.awsapps.com/start\nsso_region = eu-west-1\n";
    env.write_config(&format!("[sso-session a]\n{session}[sso-session b]\n{session}"));
    fails(&env, &["login"], 2, &["several sso-sessions", "--sso-session: a, b"]);
    fails(&env, &["credential-process"], 2, &["missing --sso-session", "--account-id"]);
    env.write_config("");
    fails(&env, &["login"], 2, &["no sso-session", "hint: run `keyfob configure sso`"]);
}

#[test]
fn missing_keys_are_named_with_file_and_line() {
    let env = TestEnv::new();
    env.write_config("[profile dev]\nsso_start_url = https://d-1.awsapps.com/start\n");
    fails(&env, &DEV, 2, &[".aws/config:1: profile `dev` lacks", "sso_account_id", "sso_region"]);
    env.write_config("[profile dev]\nsso_session = gone\n");
    fails(&env, &DEV, 2, &[".aws/config:2: profile `dev` names the sso-session `gone`"]);
    env.write_config("[sso-session s]\nsso_region = x\n[profile dev]\nsso_session = s\n");
    fails(&env, &DEV, 2, &[".aws/config:1: sso-session `s` lacks sso_start_url"]);
    env.write_config("[profile dev]\nregion = x\nnonsense\n");
    fails(&env, &DEV, 2, &[".aws/config:3:1: expected `name = value`"]);
}

#[test]
fn without_a_home_it_says_so() {
    let mut env = TestEnv::new();
    env.set("HOME", "");
    // The home of the account counts then; its files are not the ones of the test.
    env.set("AWS_CONFIG_FILE", &env.path(".aws/config").display().to_string());
    env.unset("HOME");
    let run = env.run(&["credential-process", "--profile", "nope"]);
    assert_eq!(run.code, 2, "{run:?}");
}

#[test]
fn a_config_that_cannot_be_read_exits_2() {
    let env = TestEnv::new();
    let config = env.path(".aws/config");
    fs::remove_file(&config).unwrap();
    fs::create_dir(&config).unwrap();
    fails(&env, &DEV, 2, &["cannot read", ".aws/config", "not a file"]);
    fs::remove_dir(&config).unwrap();
    fs::write(&config, b"[profile dev]\nregion = \xff\n").unwrap();
    fails(&env, &DEV, 2, &["cannot read", "line 2 is not UTF-8"]);
}

#[test]
fn a_malformed_token_exits_1_and_stays_where_it_is() {
    let env = TestEnv::new();
    env.sign_in();
    for content in ["", "{", "[]", "{\"accessToken\":\"hunter2\"}", "null"] {
        fs::write(env.token_file(), content).unwrap();
        let run = env.run(&DEV);
        assert_eq!(run.code, 1, "{run:?}");
        assert!(run.stderr.contains("holds no token"), "{run:?}");
        assert!(run.stderr.contains("run `keyfob login --sso-session work`"), "{run:?}");
        assert!(!run.stderr.contains("hunter2"), "{run:?}");
        assert_eq!(fs::read_to_string(env.token_file()).unwrap(), content);
    }
    env.sign_in();
    assert_eq!(env.run(&DEV).code, 0);
}

#[test]
fn a_region_or_an_endpoint_that_could_leak_a_token_is_refused() {
    let mut env = TestEnv::new();
    env.sign_in();
    env.set("AWS_ENDPOINT_URL_SSO", "http://example.com");
    fails(&env, &DEV, 2, &["http://example.com", "loopback"]);
    env.unset("AWS_ENDPOINT_URL_SSO");
    let config = fs::read_to_string(env.path(".aws/config")).unwrap();
    env.write_config(&config.replace("eu-central-1", "x.evil.example/"));
    env.unset("AWS_ENDPOINT_URL_SSO_OIDC");
    fails(&env, &["login", "--device-code"], 2, &["`x.evil.example/` is not a region"]);
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let mut env = TestEnv::new();
    env.sign_in();
    env.set("AWS_ENDPOINT_URL_SSO", "http://127.0.0.1:1");
    fails(&env, &DEV, 5, &["GetRoleCredentials at 127.0.0.1:1 failed", "Connection refused"]);
    env.set("AWS_ENDPOINT_URL_SSO_OIDC", "http://127.0.0.1:1");
    fails(&env, &["login", "--device-code"], 3, &["at 127.0.0.1:1 failed"]);
}

#[test]
fn a_port_in_use_is_told() {
    let env = TestEnv::new();
    let port = env.server.base_url().rsplit(':').next().unwrap().to_owned();
    fails(&env, &["emulator", "--port", &port], 5, &["cannot listen", "port", "in use?"]);
    fs::write(env.path("scenario.toml"), "nonsense = 1\n").unwrap();
    fails(&env, &["emulator", "--scenario", "scenario.toml"], 2, &["scenario.toml", "nonsense"]);
}

#[test]
fn a_scenario_with_an_unknown_key_is_answered_with_its_line_and_the_nearest() {
    let env = TestEnv::new();
    fs::write(env.path("s.toml"), "region = \"eu-west-1\"\n\n[[acount]]\nid = \"1\"\n").unwrap();
    let texts = ["s.toml: ", "line 3", "unknown field `acount`", "did you mean `account`?"];
    fails(&env, &["emulator", "--scenario", "s.toml"], 2, &texts);
}
