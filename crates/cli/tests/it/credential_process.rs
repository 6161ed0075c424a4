use std::fs;

use crate::support::{ACCOUNT, TestEnv, mode, read_json};

const DEV: [&str; 3] = ["credential-process", "--profile", "dev"];

#[test]
fn one_line_of_json_silent_and_from_the_cache_the_second_time() {
    let env = TestEnv::new();
    env.sign_in();
    let first = env.run(&DEV);
    let second = env.run(&DEV);
    assert_eq!((first.code, first.stderr.as_str()), (0, ""));
    assert_eq!(first.stdout, second.stdout);
    assert_eq!(first.stdout.matches('\n').count(), 1);
    let at = |name: &str| first.stdout.find(&format!("\"{name}\"")).unwrap();
    let names =
        ["Version", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", "AccountId"];
    assert!(names.map(at).is_sorted());
    let json: serde_json::Value = serde_json::from_str(&first.stdout).unwrap();
    assert_eq!(json["Version"], 1);
    assert_eq!(json["AccountId"], ACCOUNT);
    assert!(json["Expiration"].as_str().unwrap().ends_with('Z'));
    assert_eq!(env.calls("GetRoleCredentials"), 1);
    let [file] = &env.role_files()[..] else { panic!("one file") };
    assert_eq!(mode(file), 0o600);
    assert_eq!(read_json(file)["ProviderType"], "sso");
}

#[test]
fn force_refresh_fetches_although_there_are_cached_credentials() {
    let env = TestEnv::new();
    env.sign_in();
    let first = env.run(&DEV);
    let forced = env.run(&["credential-process", "--profile", "dev", "--force-refresh"]);
    assert_eq!(forced.code, 0, "{forced:?}");
    assert_ne!(first.stdout, forced.stdout);
    assert_eq!(env.calls("GetRoleCredentials"), 2);
}

#[test]
fn without_a_sign_in_it_exits_1_with_the_command() {
    let env = TestEnv::new();
    let run = env.run(&DEV);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    assert_eq!(run.stderr.matches('\n').count(), 1);
    assert!(run.stderr.contains("run `keyfob login --sso-session work`"), "{run:?}");
}

#[test]
fn an_expired_token_is_refreshed_and_members_of_other_tools_stay() {
    let env = TestEnv::new();
    env.sign_in();
    env.change_token("teamNote", "kept");
    env.expire_token();
    let old = env.token();
    let run = env.run(&DEV);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    let new = env.token();
    assert_ne!(old["accessToken"], new["accessToken"]);
    assert_ne!(old["refreshToken"], new["refreshToken"]);
    assert_eq!(new["teamNote"], "kept");
    assert_eq!(env.calls("CreateToken:refresh_token"), 1);
    assert_eq!(mode(&env.token_file()), 0o600);
}

#[test]
fn a_refresh_answer_without_a_refresh_token_keeps_the_old_one() {
    let env = TestEnv::with_scenario(
        "omit_refresh_token_on_refresh = true\nrotate_refresh_tokens = false\n",
    );
    env.sign_in();
    let old = env.token();
    env.expire_token();
    assert_eq!(env.run(&DEV).code, 0);
    assert_eq!(env.token()["refreshToken"], old["refreshToken"]);
}

/// Runs with no room for files over 4 KiB, as on a full disk.
#[cfg(unix)]
fn run_on_a_full_disk(env: &TestEnv) -> (Option<i32>, String) {
    let script = format!(
        "trap '' XFSZ; ulimit -f 4; exec {} credential-process --profile dev",
        env!("CARGO_BIN_EXE_keyfob")
    );
    let plain = env.command(&[]);
    let mut shell = std::process::Command::new("/bin/sh");
    shell.args(["-c", &script]).env_clear();
    shell.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = shell.output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[cfg(unix)]
#[test]
fn a_refresh_token_is_not_spent_where_its_answer_cannot_be_stored() {
    let env = TestEnv::new();
    env.sign_in();
    let soon = crate::support::now() + std::time::Duration::from_secs(300);
    env.change_token("expiresAt", &soon.to_string());
    assert_eq!(run_on_a_full_disk(&env), (Some(0), String::new()), "a valid token is used");
    env.expire_token();
    for file in env.role_files() {
        fs::remove_file(file).unwrap(); // small enough for what room there is
    }
    let (code, stderr) = run_on_a_full_disk(&env);
    assert_eq!(code, Some(5), "{stderr}");
    assert!(stderr.contains("cannot write") && stderr.contains(".aws/sso/cache"), "{stderr}");
    assert_eq!(env.calls("CreateToken:refresh_token"), 0);
    assert_eq!(env.run(&DEV).code, 0, "the session is alive when there is room again");
}

#[test]
fn a_dead_session_exits_1_with_the_command() {
    let env = TestEnv::new();
    env.sign_in();
    env.expire_token();
    env.server.idp().lock().unwrap().revoke_sessions();
    let run = env.run(&DEV);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stderr.contains("refused to refresh"), "{run:?}");
    assert!(run.stderr.contains("run `keyfob login --sso-session work`"), "{run:?}");
    assert!(env.token_file().exists(), "a failure removes nothing");
}

#[test]
fn a_live_token_that_is_not_accepted_is_refreshed_once() {
    let env = TestEnv::with_scenario(
        "[[fault]]\noperation = \"GetRoleCredentials\"\nkind = \"unauthorized\"\ntimes = 1\n",
    );
    env.sign_in();
    let run = env.run(&DEV);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    assert_eq!(env.calls("CreateToken:refresh_token"), 1);
    assert_eq!(env.calls("GetRoleCredentials"), 2);
}

#[test]
fn a_role_that_is_not_assigned_exits_4_and_is_named() {
    let env = TestEnv::new();
    env.sign_in();
    let run = env.run(&["credential-process", "--profile", "dev", "--role-name", "Root"]);
    assert_eq!(run.code, 4, "{run:?}");
    assert!(run.stderr.contains("role `Root` in account 111122223333"), "{run:?}");
}

#[test]
fn throttling_is_waited_out_and_a_lasting_failure_exits_5() {
    let fault = |times| {
        format!(
            "[[fault]]\noperation = \"GetRoleCredentials\"\nkind = \"status\"\nstatus = 503\n{times}"
        )
    };
    let env = TestEnv::with_scenario(&fault("times = 1\n"));
    env.sign_in();
    assert_eq!(env.run(&DEV).code, 0);
    assert_eq!(env.calls("GetRoleCredentials"), 2);
    let env = TestEnv::with_scenario(&fault(""));
    env.sign_in();
    let run = env.run(&DEV);
    assert_eq!(run.code, 5, "{run:?}");
    assert_eq!(env.calls("GetRoleCredentials"), 3);
}

#[test]
fn a_page_of_html_is_no_answer_and_is_not_shown() {
    let env = TestEnv::with_scenario(
        "[[fault]]\noperation = \"GetRoleCredentials\"\nkind = \"not_json\"\n",
    );
    env.sign_in();
    let run = env.run(&DEV);
    assert_eq!(run.code, 5, "{run:?}");
    assert!(run.stderr.contains("not the expected document"), "{run:?}");
    assert!(!run.stderr.contains('<'), "{run:?}");
}

#[test]
fn flags_win_over_the_profile_and_the_profile_over_the_environment() {
    let mut env = TestEnv::new();
    env.sign_in();
    env.set("AWS_SSO_ACCOUNT_ID", "999999999999");
    env.set("AWS_SSO_ROLE_NAME", "Nobody");
    env.set("AWS_PROFILE", "old");
    assert_eq!(env.run(&DEV).code, 0);
    let run = env.run(&["credential-process", "--profile", "dev", "--account-id", "222233334444"]);
    assert!(run.stdout.contains(r#""AccountId":"222233334444""#), "{run:?}");
    let run = env.run(&["credential-process", "--sso-session", "work", "--role-name", "ReadOnly"]);
    assert_eq!(run.code, 4, "the account of the environment is not assigned: {run:?}");
}

#[test]
fn it_replaces_aws_sso_util_flag_by_flag_and_variable_by_variable() {
    let mut env = TestEnv::new();
    env.sign_in_to(&["--profile", "old"]);
    let (url, region) = ("https://keyfob.awsapps.com/start", "eu-central-1");
    for arguments in [
        &["--start-url", url, "--sso-region", region][..],
        &["--sso-start-url", url, "--region", region, "--debug"],
    ] {
        let mut all = vec!["credential-process", "--account-id", ACCOUNT, "--role-name=Operator"];
        all.extend(arguments);
        let run = env.run(&all);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    }
    env.set("AWS_SSO_START_URL", url);
    env.set("AWS_SSO_REGION", region);
    env.set("AWS_SSO_ACCOUNT_ID", ACCOUNT);
    env.set("AWS_SSO_ROLE_NAME", "Operator");
    assert_eq!(env.run(&["credential-process"]).code, 0);
    assert_eq!(env.calls("GetRoleCredentials"), 1, "one key, one entry");
}

#[test]
fn a_profile_that_names_itself_as_its_credential_process_works() {
    let env = TestEnv::new();
    env.sign_in();
    let config = fs::read_to_string(env.path(".aws/config")).unwrap();
    let line = "credential_process = keyfob credential-process --profile dev\n";
    env.write_config(&config.replace("[profile dev]\n", &format!("[profile dev]\n{line}")));
    assert_eq!(env.run(&DEV).code, 0);
}

#[test]
fn the_debug_log_tells_what_was_done_and_is_private() {
    let mut env = TestEnv::new();
    env.sign_in();
    env.expire_token();
    env.set("AWS_SSO_CREDENTIAL_PROCESS_DEBUG", "true");
    let run = env.run(&DEV);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    let path = env.path(".aws/sso/keyfob-credential-process-log.txt");
    let log = fs::read_to_string(&path).unwrap();
    assert!(log.contains("refreshing the token of `work`"), "{log}");
    for action in ["CreateToken", "GetRoleCredentials"] {
        assert!(log.contains(&format!("debug {action} at 127.0.0.1:")), "{log}");
    }
    assert_eq!(log.matches(": answered").count(), 2, "{log}");
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn cached_credentials_are_served_although_the_token_is_gone() {
    let env = TestEnv::new();
    env.sign_in();
    let first = env.run(&DEV);
    fs::remove_file(env.token_file()).unwrap();
    assert_eq!(env.run(&DEV).stdout, first.stdout);
}

#[test]
fn twenty_at_once_refresh_once_and_fetch_once() {
    let env = TestEnv::new();
    env.sign_in();
    env.expire_token();
    let children: Vec<_> = (0..20).map(|_| env.command(&DEV).spawn().unwrap()).collect();
    let outputs: Vec<_> =
        children.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
    for output in &outputs {
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && stderr.is_empty(), "{stderr}");
        assert_eq!(output.stdout, outputs[0].stdout);
    }
    assert_eq!(env.calls("CreateToken:refresh_token"), 1);
    assert_eq!(env.calls("GetRoleCredentials"), 1);
}
