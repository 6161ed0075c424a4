//! A sign-out, and a sign-in, beside other commands.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::Duration;

use emulator::{Fault, FaultKind};

use crate::support::{Run, TestEnv, wait_until};

fn late(env: &TestEnv, operation: &str, latency: u64) {
    let fault = Fault::new(operation, FaultKind::Latency(Duration::from_millis(latency)));
    env.server.idp().lock().unwrap().set_faults(&[fault]);
}

#[test]
fn a_refresh_that_is_under_way_does_not_undo_a_sign_out() {
    let env = TestEnv::new();
    env.sign_in();
    env.expire_token();
    late(&env, "CreateToken:refresh_token", 1000);
    let refresh = env.command(&["credential-process", "--profile", "dev"]).spawn().unwrap();
    wait_until("a refresh is awaited", || env.calls("CreateToken:refresh_token") == 1);
    let run = env.run(&["logout"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("Signed out of `work`."), "{run:?}");
    drop(refresh.wait_with_output().unwrap());
    assert!(!env.token_file().exists(), "the token is back");
    assert!(env.role_files().is_empty(), "role credentials are back");
    assert_eq!(env.run(&["credential-process", "--profile", "dev"]).code, 1);
}

#[test]
fn a_program_that_signs_out_without_a_lock_is_not_undone_either() {
    let env = TestEnv::new();
    env.sign_in();
    env.expire_token();
    late(&env, "CreateToken:refresh_token", 500);
    let refresh = env.command(&["credential-process", "--profile", "dev"]).spawn().unwrap();
    wait_until("a refresh is awaited", || env.calls("CreateToken:refresh_token") == 1);
    fs::remove_file(env.token_file()).unwrap(); // as `aws sso logout` does
    assert_eq!(refresh.wait_with_output().unwrap().status.code(), Some(1));
    assert!(!env.token_file().exists(), "the token is back");
}

#[test]
fn credentials_that_come_after_a_sign_out_are_not_kept() {
    let env = TestEnv::new();
    env.sign_in();
    late(&env, "GetRoleCredentials", 1000);
    let fetch = env.command(&["credential-process", "--profile", "dev"]).spawn().unwrap();
    wait_until("a call is awaited", || env.calls("GetRoleCredentials") == 1);
    assert_eq!(env.run(&["logout"]).code, 0);
    drop(fetch.wait_with_output().unwrap());
    assert!(env.role_files().is_empty(), "role credentials are back");
}

#[test]
fn an_expired_token_is_refreshed_so_that_the_session_ends_at_the_server() {
    let env = TestEnv::new();
    env.sign_in();
    let refresh_token = env.token()["refreshToken"].clone();
    env.expire_token();
    let run = env.run(&["logout"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(env.calls("Logout"), 1);
    assert!(refresh_token.is_string() && !env.token_file().exists());
}

#[test]
fn a_token_that_is_not_accepted_is_no_success() {
    let env = TestEnv::new();
    env.sign_in();
    let faults = ["Logout", "CreateToken:refresh_token"];
    let faults = faults.map(|operation| Fault::new(operation, FaultKind::Unauthorized));
    env.server.idp().lock().unwrap().set_faults(&faults);
    let run = env.run(&["logout"]);
    assert_ne!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("Signed out of `work` here alone."), "{run:?}");
    assert!(!env.token_file().exists());
}

#[test]
fn a_read_only_cache_does_not_keep_the_server_from_being_told() {
    let env = TestEnv::new();
    env.sign_in();
    env.sign_in_to(&["--profile", "old"]);
    let cache = env.path(".aws/sso/cache");
    fs::set_permissions(&cache, fs::Permissions::from_mode(0o500)).unwrap();
    let mut command = env.command(&["logout", "--all"]);
    env.lower(&mut command);
    let Run { code, stderr, .. } = command.output().unwrap().into();
    fs::set_permissions(&cache, fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(code, 5, "{stderr}");
    for told in stderr.lines().filter(|line| line.contains("cannot remove")) {
        let path = told.split_once("cannot remove ").unwrap().1.split(':').next().unwrap();
        assert_eq!(stderr.matches(&format!("cannot remove {path}")).count(), 1, "{stderr}");
    }
    assert!(stderr.contains("cannot remove"), "{stderr}");
    assert!(!stderr.contains("keyfob: cannot"), "{stderr}");
    assert!(stderr.contains("Signed out of `work` at the server alone."), "{stderr}");
    assert_eq!(env.calls("Logout"), 2);
}

#[test]
fn a_sign_in_is_stored_although_the_lock_of_the_token_is_held() {
    let env = TestEnv::new();
    env.sign_in();
    let before = env.token();
    let lock = fs::File::open(env.token_file().with_extension("lock")).unwrap();
    lock.lock().unwrap();
    let run = env.run(&["login", "--device-code", "--no-browser"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_ne!(env.token()["accessToken"], before["accessToken"]);
    let told = format!("(process {})", std::process::id());
    assert!(run.stderr.contains("Waiting for the lock beside"), "{run:?}");
    assert!(!cfg!(target_os = "linux") || run.stderr.contains(&told), "{run:?}");
}

#[test]
fn a_new_sign_in_forgets_the_roles_of_a_session_that_lives() {
    let env = TestEnv::new();
    env.sign_in();
    assert_eq!(env.run(&["roles", "--output", "json"]).code, 0);
    assert_eq!(env.run(&["credential-process", "--profile", "dev"]).code, 0);
    env.sign_in();
    assert!(env.role_files().is_empty());
    let listed = env.calls("ListAccounts");
    assert_eq!(env.run(&["roles", "--output", "json"]).code, 0);
    assert_eq!(env.calls("ListAccounts"), listed, "the listing of the same portal stays");
}

#[test]
fn a_sign_out_takes_the_entries_of_the_aws_cli_for_every_role_that_was_listed() {
    let env = TestEnv::new();
    env.sign_in();
    assert_eq!(env.run(&["roles", "--output", "json"]).code, 0);
    let session = ["--sso-session", "work", "--account-id", crate::support::ACCOUNT];
    let fetch = [&["credential-process", "--role-name", "Operator"], &session[..]].concat();
    assert_eq!(env.run(&fetch).code, 0); // no profile of the session names it
    let [file] = &env.role_files()[..] else { panic!("one file") };
    let mut entry = crate::support::read_json(file);
    entry.as_object_mut().unwrap().remove("keyfob");
    fs::write(file, entry.to_string()).unwrap();
    assert_eq!(env.run(&["logout"]).code, 0);
    assert!(env.role_files().is_empty());
}

#[test]
fn a_proxy_that_cannot_be_used_keeps_no_token_on_the_disk() {
    let mut env = TestEnv::new();
    env.sign_in();
    env.set("HTTPS_PROXY", "ftp://proxy.corp");
    let run = env.run(&["logout"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("HTTPS_PROXY") && run.stderr.contains("here alone"), "{run:?}");
    assert!(!env.token_file().exists());
}

#[test]
fn another_portal_under_the_same_name_gets_none_of_the_former_credentials() {
    let env = TestEnv::with_scenario(
        "start_url = [\"https://keyfob.awsapps.com/start\", \"https://other.awsapps.com/start\"]\n",
    );
    env.sign_in();
    assert_eq!(env.run(&["credential-process", "--profile", "dev"]).code, 0);
    assert_eq!(env.role_files().len(), 1);
    let config = fs::read_to_string(env.path(".aws/config")).unwrap();
    env.write_config(&config.replace("//keyfob.awsapps", "//other.awsapps"));
    env.sign_in();
    assert!(env.role_files().is_empty());
}

#[test]
fn a_present_directory_that_cannot_be_entered_hinders_nothing() {
    let env = TestEnv::new();
    env.sign_in();
    let closed = env.path("closed");
    fs::create_dir(&closed).unwrap();
    // The shell enters it, and then it is closed.
    let keyfob = env!("CARGO_BIN_EXE_keyfob");
    let script =
        format!("cd closed && chmod 0 . && exec {keyfob} credential-process --profile dev");
    let mut command = Command::new("sh");
    command.args(["-c", &script]).env_clear().current_dir(env.home.path());
    for (name, value) in env.command(&[]).get_envs() {
        command.envs(value.map(|value| (name, value)));
    }
    command.env("PATH", "/usr/bin:/bin");
    env.lower(&mut command);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(env.role_files().len(), 1, "it is kept");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
}
