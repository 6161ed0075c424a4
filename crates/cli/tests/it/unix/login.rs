use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::{TestEnv, files, get, mode, now, read_json};

/// Approves an authorization code and lets "the browser" come back; returns the page it sees.
fn come_back(env: &TestEnv, url: &str) -> String {
    let redirect = env.server.idp().lock().unwrap().approve_authorization(now(), url).unwrap();
    get(&redirect)
}

#[test]
fn a_device_code_signs_in_and_the_files_are_private() {
    let env = TestEnv::new();
    env.sign_in();
    let token = env.token();
    for member in ["accessToken", "refreshToken", "clientId", "clientSecret", "region", "startUrl"]
    {
        assert!(token[member].as_str().is_some_and(|value| !value.is_empty()), "{member}");
    }
    for path in files(&env.path(".aws/sso/cache")) {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    assert_eq!(mode(&env.path(".aws/sso/cache")), 0o700);
}

#[test]
fn a_browser_means_an_authorization_code_and_gets_the_url_as_its_argument() {
    let mut env = TestEnv::with_person();
    let (script, seen) = (env.path("browser"), env.path("seen"));
    let shown = seen.display();
    fs::write(
        &script,
        format!("#!/bin/sh\nprintf %s \"$1\" > {shown}.new && mv {shown}.new {shown}"),
    )
    .unwrap();
    let mut permissions = fs::metadata(&script).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o755);
    fs::set_permissions(&script, permissions).unwrap();
    env.set("BROWSER", script.to_str().unwrap());
    env.set("SSH_CONNECTION", "1.2.3.4 5 6.7.8.9 22");

    let mut login = env.start(&["login"]);
    let url = login.wait_for_url();
    assert!(login.said.contains("authorization code (PKCE): BROWSER is set"), "{}", login.said);
    assert!(come_back(&env, &url).contains("Signed in"));
    let run = login.finish();
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(run.stdout, "");
    while !seen.exists() {
        std::thread::yield_now(); // the browser runs on its own
    }
    assert_eq!(fs::read_to_string(seen).unwrap(), url);
    assert_eq!(env.calls("CreateToken:authorization_code"), 1);
}

#[test]
fn strangers_at_the_listener_neither_complete_nor_abort_a_sign_in() {
    let mut env = TestEnv::new();
    env.set("BROWSER", "true");
    let mut login = env.start(&["login"]);
    let url = login.wait_for_url();
    let port = url.split("127.0.0.1%3A").nth(1).unwrap().split("%2F").next().unwrap();
    for path in ["favicon.ico", "oauth/callback?code=x&state=forged", "oauth/callback?error=no"] {
        let answer = get(&format!("http://127.0.0.1:{port}/{path}"));
        assert!(answer.starts_with("HTTP/1.1 40"), "{answer}");
    }
    come_back(&env, &url);
    assert_eq!(login.finish().code, 0);
}

#[test]
fn a_denial_ends_the_sign_in_with_3_and_leaves_no_token() {
    let mut env = TestEnv::with_person();
    let mut login = env.start(&["login", "--device-code"]);
    let url = login.wait_for_url();
    let code = url.rsplit('=').next().unwrap();
    env.server.idp().lock().unwrap().deny_device(now(), code).unwrap();
    let run = login.finish();
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.stderr.contains("error: the sign-in was refused"), "{run:?}");

    env.set("BROWSER", "true");
    let mut login = env.start(&["login"]);
    let url = login.wait_for_url();
    let redirect = env.server.idp().lock().unwrap().deny_authorization(now(), &url).unwrap();
    assert!(get(&redirect).contains("Not signed in"));
    assert_eq!(login.finish().code, 3);
    assert!(!env.token_file().exists());
}

#[test]
fn an_expired_code_ends_the_sign_in_with_3() {
    let mut scenario = emulator::Scenario::default();
    scenario.lifetimes.device_code = std::time::Duration::from_secs(1);
    let env = TestEnv::start_emulator(scenario);
    let run = env.run(&["login", "--device-code"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.stderr.contains("the code has expired"), "{run:?}");
}

#[test]
fn nobody_at_the_browser_ends_the_sign_in_when_the_time_is_up() {
    let mut env = TestEnv::new();
    env.set("BROWSER", "true");
    let run = env.run(&["login", "--timeout", "1"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.stderr.contains("not done within 1 s"), "{run:?}");
}

#[test]
fn ctrl_c_ends_every_wait_with_130_and_leaves_no_file_half_written() {
    let mut env = TestEnv::with_person();
    for arguments in [&["login", "--device-code"][..], &["login"]] {
        env.set("BROWSER", "true");
        let mut login = env.start(arguments);
        login.wait_for_url();
        login.interrupt();
        assert_eq!(login.finish().code, 130);
    }
    assert!(!env.token_file().exists());
    let is_lock = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "lock");
    for path in files(&env.path(".aws/sso/cache")) {
        assert!(is_lock(&path) || read_json(&path).is_object(), "{}", path.display());
    }
}

#[test]
fn a_registration_is_used_again_for_its_own_flow() {
    let mut env = TestEnv::new();
    env.sign_in();
    env.sign_in();
    assert_eq!(env.calls("RegisterClient"), 1);
    env.set("BROWSER", "true");
    let mut login = env.start(&["login"]);
    let url = login.wait_for_url();
    come_back(&env, &url);
    assert_eq!(login.finish().code, 0);
    assert_eq!(env.calls("RegisterClient"), 2);
}

#[test]
fn a_registration_that_the_server_does_not_know_any_more_is_renewed_once() {
    let env = TestEnv::with_scenario(
        "[[fault]]\noperation = \"StartDeviceAuthorization\"\nkind = \"expired_registration\"\n\
         skip = 1\ntimes = 1\n",
    );
    env.sign_in();
    env.sign_in();
    assert_eq!(env.calls("RegisterClient"), 2);
}

#[test]
fn if_needed_opens_no_page_where_a_token_lives_or_can_be_refreshed() {
    let env = TestEnv::new();
    env.sign_in();
    let run = env.run(&["login", "--if-needed"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(env.calls("CreateToken:refresh_token"), 0);
    env.change_token("expiresAt", &(now() + std::time::Duration::from_secs(600)).to_string());
    let run = env.run(&["login", "--if-needed"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(env.calls("CreateToken:refresh_token"), 1);
    assert_eq!(env.calls("StartDeviceAuthorization"), 1);
}

#[test]
fn if_needed_opens_a_page_where_nothing_else_helps() {
    let env = TestEnv::with_person();
    let mut login = env.start(&["login", "--if-needed", "--device-code"]);
    let url = login.wait_for_url();
    env.approve_device(&url);
    assert_eq!(login.finish().code, 0);
}

#[test]
fn a_legacy_profile_is_signed_in_to_with_a_device_code() {
    let mut env = TestEnv::with_person();
    env.set("BROWSER", "true");
    let mut login = env.start(&["login", "--profile", "old"]);
    let url = login.wait_for_url();
    assert!(login.said.contains("a device code: the start URL belongs to no sso-session"));
    env.approve_device(&url);
    assert_eq!(login.finish().code, 0);
    let run = env.run(&["credential-process", "--profile", "old"]);
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn a_sign_in_that_cannot_be_stored_asks_nobody() {
    let env = TestEnv::new();
    fs::write(env.path(".aws/sso"), "").unwrap(); // where the directory would be
    let run = env.run(&["login", "--device-code"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.stderr.contains("error: cannot write"), "{run:?}");
    assert_eq!(env.calls("RegisterClient"), 0);
}

#[test]
fn a_new_sign_in_forgets_the_roles_of_a_dead_session() {
    let env = TestEnv::new();
    env.sign_in();
    assert_eq!(env.run(&["credential-process", "--profile", "dev"]).code, 0);
    assert_eq!(env.role_files().len(), 1);
    let mut token = env.token();
    token["expiresAt"] = Value::from("2020-01-01T00:00:00Z");
    token.as_object_mut().unwrap().remove("refreshToken");
    fs::write(env.token_file(), token.to_string()).unwrap();
    env.sign_in();
    assert!(env.role_files().is_empty());
}
