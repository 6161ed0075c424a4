//! What a person and their scripts do with sessions: check, refresh, sign in to all of them.

use crate::support::TestEnv;

fn fails(env: &TestEnv, arguments: &[&str], code: i32, text: &str) {
    let run = env.run(arguments);
    assert_eq!((run.code, run.stdout.as_str()), (code, ""), "{run:?}");
    assert!(run.stderr.contains(text), "{text:?} is not in {run:?}");
}

fn is_good(env: &TestEnv, arguments: &[&str]) {
    is_silent(env, arguments, 0);
}

fn is_silent(env: &TestEnv, arguments: &[&str], code: i32) {
    let run = env.run(arguments);
    let silent = (run.stdout.as_str(), run.stderr.as_str()) == ("", "");
    assert!(run.code == code && silent, "{run:?}");
}

/// A check that finds nobody signed in tells so by its code, and the reason to who wants to know.
fn is_not_good(env: &TestEnv, arguments: &[&str], reason: &str) {
    is_silent(env, arguments, 1);
    fails(env, &[arguments, &["-v"]].concat(), 1, reason);
}

#[test]
fn a_check_is_silent_and_tells_by_its_exit_code() {
    let env = TestEnv::new();
    let check = ["status", "--check", "--profile", "dev"];
    let long = ["status", "work", "--check", "--min-ttl", "1h"];
    is_not_good(&env, &check, "run `keyfob login --sso-session work`");
    env.sign_in();
    is_good(&env, &check);
    is_good(&env, &long);
    // The other session of the config counts where none is named.
    is_not_good(&env, &["status", "--check"], "run `keyfob login --start-url");
    env.expire_token();
    is_good(&env, &check); // it is refreshed at the next use
    let soon = wire::Timestamp::from_unix(crate::support::now().unix() + 600).to_string();
    env.change_token("registrationExpiresAt", &soon);
    is_good(&env, &["status", "work", "--check", "--min-ttl", "5m"]);
    is_not_good(&env, &long, "the sign-in to `work` is good until");
    env.change_token("registrationExpiresAt", "2020-01-01T00:00:00Z");
    is_not_good(&env, &check, "run `keyfob login --sso-session work`");
    fails(&env, &["status", "--check", "--min-ttl", "soon"], 2, "--min-ttl");
    fails(&env, &["status", "wrok", "--check"], 2, "did you mean `work`?");
    env.write_config("");
    is_not_good(&env, &["status", "--check"], "keyfob configure sso`");
    assert_eq!(env.calls("CreateToken:refresh_token"), 0);
}

#[test]
fn a_status_is_a_line_for_each_session_with_its_three_clocks() {
    let mut env = TestEnv::new();
    env.set("TZ", "UTC");
    env.sign_in();
    assert_eq!(env.run(&["credential-process", "--profile", "dev"]).code, 0);
    let run = env.run(&["status"]);
    let lines: Vec<_> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{run:?}");
    let titles: Vec<_> = lines[0].split("  ").map(str::trim).filter(|t| !t.is_empty()).collect();
    let all = ["SESSION", "SIGN-IN", "ACCESS TOKEN", "SESSION ENDS", "ROLE CREDENTIALS"];
    assert_eq!(titles, all);
    let cells: Vec<_> = lines[1].split("  ").map(str::trim).filter(|t| !t.is_empty()).collect();
    assert_eq!(cells[..2], ["work", "signed in"]);
    assert!(cells[2].ends_with(" min), refreshed"), "{cells:?}");
    assert!(cells[3].starts_with("set by your administrator, by 20"), "{cells:?}");
    assert!(cells[4].starts_with("1, ") && cells[4].ends_with(" min)"), "{cells:?}");
    assert!(lines[2].contains("signed out"), "{run:?}");
    assert!(run.stderr.contains("with `keyfob login --start-url"), "{run:?}");
    let utc = env.run(&["status", "--utc"]).stdout;
    assert!(utc.contains(env.token()["expiresAt"].as_str().unwrap()), "{utc}");
    assert!(!run.stdout.contains('\u{1b}'), "no colors where nobody sees them: {run:?}");
    env.set("CLICOLOR_FORCE", "1");
    assert!(env.run(&["status"]).stdout.contains("\u{1b}[31m"));
    env.set("NO_COLOR", "1");
    env.unset("CLICOLOR_FORCE");
    assert!(!env.run(&["status"]).stdout.contains('\u{1b}'));
}

#[test]
fn a_watch_looks_again_until_ctrl_c() {
    let env = TestEnv::new();
    let mut terminal = env.terminal("exec {keyfob} status --watch");
    terminal.wait_for("signed out");
    env.sign_in();
    terminal.wait_for("signed in");
    terminal.interrupt();
    let (code, shown) = terminal.finish();
    assert_eq!(code, 0, "{shown}");
}

#[test]
fn a_refresh_renews_a_token_that_lives() {
    let mut env = TestEnv::new();
    fails(&env, &["refresh"], 1, "run `keyfob login --sso-session work`");
    env.sign_in();
    let before = env.token();
    let run = env.run(&["refresh"]);
    assert!(run.code == 0 && run.stderr.contains("Refreshed `work`"), "{run:?}");
    assert_ne!(env.token()["accessToken"], before["accessToken"]);
    assert_eq!(env.calls("CreateToken:refresh_token"), 1);
    env.set("AWS_PROFILE", "old");
    fails(&env, &["refresh"], 1, "run `keyfob login --start-url");
    env.sign_in_to(&["--profile", "old"]);
    fails(&env, &["refresh"], 1, "cannot be refreshed");
}

#[test]
fn one_command_signs_in_to_every_session() {
    let env = TestEnv::new();
    let run = env.run(&["login", "--all", "--device-code", "--no-browser"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(run.stderr.matches("Signed in to").count(), 2, "{run:?}");
    is_good(&env, &["status", "--check"]);
    let run = env.run(&["login", "--all", "--if-needed", "--device-code", "--no-browser"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(env.calls("StartDeviceAuthorization"), 2);
    fails(&env, &["login", "work", "--all"], 2, "cannot be used with");
}

#[test]
fn a_service_that_cannot_be_reached_is_answered_with_the_doctor() {
    let mut env = TestEnv::new();
    env.set("AWS_ENDPOINT_URL_SSO_OIDC", "http://127.0.0.1:1");
    env.set("AWS_MAX_ATTEMPTS", "1");
    let login = ["login", "work", "--device-code", "--no-browser"];
    fails(&env, &login, 3, "hint: `keyfob doctor` looks for what is in the way");
}

#[test]
fn a_sign_in_that_is_refused_before_its_end_is_not_told_to_have_expired() {
    let env = TestEnv::new();
    env.sign_in_to(&["--profile", "old"]);
    env.server.idp().lock().unwrap().revoke_sessions();
    let run = env.run(&["export", "--profile", "old"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{run:?}");
    assert!(run.stderr.contains("the service no longer accepts the token"), "{run:?}");
    assert!(!run.stderr.contains("expired"), "{run:?}");
}
