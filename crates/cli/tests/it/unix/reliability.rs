//! Signals, other processes, full disks.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use emulator::Scenario;

use crate::support::{TestEnv, mode, now, read_json, signal, wait_until};

const SLOW_REFRESH: &str =
    "[[fault]]\noperation = \"CreateToken:refresh_token\"\nkind = \"latency\"\nms = 1000\n";

/// A session whose token has expired, and whose next refresh takes a second.
fn slow_refresh() -> TestEnv {
    let env = TestEnv::with_scenario(SLOW_REFRESH);
    env.sign_in();
    env.expire_token();
    env
}

#[test]
fn a_signal_waits_until_the_new_refresh_token_is_stored() {
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let env = slow_refresh();
        let before = env.token();
        let mut child = env.command(&["credential-process", "--profile", "dev"]).spawn().unwrap();
        wait_until("a refresh is awaited", || env.calls("CreateToken:refresh_token") == 1);
        signal(&child, name);
        assert_eq!(child.wait().unwrap().code(), Some(code));
        let after = env.token();
        assert_ne!(after["refreshToken"], before["refreshToken"]);
        let run = env.run(&["credential-process", "--profile", "dev"]);
        assert_eq!(run.code, 0, "{run:?}");
        assert_eq!(env.calls("CreateToken:refresh_token"), 1);
    }
}

#[test]
fn a_sign_in_that_begins_meanwhile_does_not_cost_a_refresh_its_answer() {
    let env = TestEnv::start_emulator(Scenario::from_toml(SLOW_REFRESH).unwrap());
    let sign_in = ["login", "--device-code", "--no-browser", "--sso-session", "work"];
    let mut first = env.start(&sign_in);
    let url = first.wait_for_url();
    env.approve_device(&url);
    assert_eq!(first.finish().code, 0);
    env.expire_token();
    let before = env.token();

    let refresh = env.command(&["credential-process", "--profile", "dev"]).spawn().unwrap();
    wait_until("a refresh is awaited", || env.calls("CreateToken:refresh_token") == 1);
    let mut second = env.start(&sign_in);
    second.wait_for_url();
    second.interrupt();
    assert_eq!(second.finish().code, 130);
    assert_eq!(refresh.wait_with_output().unwrap().status.code(), Some(0));
    assert_ne!(env.token()["refreshToken"], before["refreshToken"]);
}

#[test]
fn a_signal_ends_everything_else_at_once() {
    let env = TestEnv::with_scenario(
        "[[fault]]\noperation = \"GetRoleCredentials\"\nkind = \"latency\"\nms = 9000\n",
    );
    env.sign_in();
    // At best of several: whatever else the machine does, it adds to the time.
    let times = (1..=5).map(|calls| {
        let mut child = env.command(&["credential-process", "--profile", "dev"]).spawn().unwrap();
        wait_until("a call is awaited", || env.calls("GetRoleCredentials") == calls);
        let begin = Instant::now();
        signal(&child, "INT");
        assert_eq!(child.wait().unwrap().code(), Some(130));
        begin.elapsed()
    });
    let fastest = times.min().unwrap();
    assert!(fastest < Duration::from_millis(100), "{fastest:?}");
    let locks = fs::read_dir(env.path(".aws/cli/cache")).unwrap();
    for lock in locks.map(|entry| entry.unwrap().path()) {
        fs::File::open(lock).unwrap().try_lock().expect("a lock outlived its process");
    }
}

#[test]
fn a_denial_is_shared_by_all_who_waited_for_the_sign_in() {
    let env = TestEnv::with_person();
    let arguments = ["login", "--if-needed", "--device-code", "--no-browser"];
    let mut first = env.start(&arguments);
    let url = first.wait_for_url();
    let mut waiting: Vec<_> = (0..10).map(|_| env.start(&arguments)).collect();
    for child in &mut waiting {
        child.wait_for("Waiting for another sign-in");
    }
    env.deny_device(&url);
    assert_eq!(first.finish().code, 3);
    for child in waiting {
        let run = child.finish();
        assert_eq!(run.code, 3, "{run:?}");
        assert!(run.stderr.contains("denied"), "{run:?}");
    }
    assert_eq!(env.calls("StartDeviceAuthorization"), 1);
    let next = env.start(&arguments);
    wait_until("the next one asks again", || env.calls("StartDeviceAuthorization") == 2);
    next.interrupt();
    assert_eq!(next.finish().code, 130);
}

/// A command that cannot write a byte to any file, as on a full disk.
fn on_a_full_disk(env: &TestEnv, arguments: &str) -> (i32, String, String) {
    let keyfob = env!("CARGO_BIN_EXE_keyfob");
    let script = format!("trap '' XFSZ; ulimit -f 0; exec {keyfob} {arguments}");
    let mut command = Command::new("sh");
    command.args(["-c", &script]).env_clear().env("PATH", "/usr/bin:/bin");
    for (name, value) in env.command(&[]).get_envs() {
        command.envs(value.map(|value| (name, value)));
    }
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

#[test]
fn a_full_disk_spends_no_refresh_token_and_costs_nobody_credentials() {
    let env = TestEnv::new();
    env.sign_in();
    let (code, stdout, stderr) = on_a_full_disk(&env, "credential-process --profile dev");
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    assert!(stdout.starts_with("{\"Version\":1,"), "{stdout}");
    env.expire_token();
    let before = fs::read(env.token_file()).unwrap();
    let (code, stdout, stderr) = on_a_full_disk(&env, "credential-process --profile dev");
    assert_eq!((code, stdout.as_str()), (5, ""), "{stderr}");
    assert!(stderr.contains("cannot write"), "{stderr}");
    assert_eq!(env.calls("CreateToken:refresh_token"), 0);
    assert_eq!(fs::read(env.token_file()).unwrap(), before);
    let (code, _, stderr) = on_a_full_disk(&env, "login --device-code --no-browser");
    assert_eq!(code, 3, "{stderr}");
    assert_eq!(env.calls("StartDeviceAuthorization"), 1); // of the sign-in above
    assert_eq!(fs::read(env.token_file()).unwrap(), before);
}

#[test]
fn a_long_listing_tells_once_what_is_wrong_at_each_request() {
    let env = TestEnv::new();
    env.sign_in();
    let soon = now() + Duration::from_secs(600);
    env.change_token("expiresAt", &soon.to_string());
    let (code, stdout, stderr) = on_a_full_disk(&env, "roles --output json");
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(stdout.matches("roleName").count(), 6);
    for warning in ["was not refreshed", "the listing is not kept"] {
        assert_eq!(stderr.matches(warning).count(), 1, "{stderr}");
    }
}

#[test]
fn every_file_of_ours_is_private() {
    let env = TestEnv::with_scenario("");
    env.sign_in();
    env.run(&["credential-process", "--profile", "dev", "--debug"]);
    env.expire_token();
    env.server.idp().lock().unwrap().revoke_sessions();
    env.run(&["credential-process", "--profile", "old"]);
    env.run(&["credential-process", "--profile", "dev", "--force-refresh"]);
    let mut seen = 0;
    for directory in [".aws/sso", ".aws/sso/cache", ".aws/cli/cache"] {
        for entry in fs::read_dir(env.path(directory)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                assert_eq!(mode(&path), 0o600, "{}", path.display());
                seen += 1;
            }
        }
    }
    assert!(seen >= 5, "{seen} files");
    let refused = env.token_file().with_extension("refused");
    assert_eq!(read_json(&refused)["error"], "invalid_grant");
}
