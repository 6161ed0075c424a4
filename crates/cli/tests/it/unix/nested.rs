//! Commands of profiles that run keyfob again.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{TestEnv, signal};

const KEYFOB: &str = env!("CARGO_BIN_EXE_keyfob");

/// Profiles each of which asks for the next; the last one waits, with what it began.
fn nested() -> (TestEnv, PathBuf) {
    let mut env = TestEnv::new();
    let alive = env.path("alive");
    assert!(Command::new("mkfifo").arg(&alive).status().unwrap().success());
    env.set("PATH", "/usr/bin:/bin");
    env.write_config(&format!(
        "[profile outer]\ncredential_process = {KEYFOB} credential-process --profile middle\n\
         [profile middle]\ncredential_process = {KEYFOB} credential-process --profile inner; true\n\
         [profile inner]\ncredential_process = (sleep 986 & sleep 987) 3> {}\n",
        alive.display()
    ));
    (env, alive)
}

/// Waits until the innermost command runs.
fn wait_for(alive: &Path) -> fs::File {
    fs::File::open(alive).unwrap()
}

/// Waits until nothing of the innermost command is left.
fn wait_for_end(mut alive: fs::File) {
    assert_eq!(alive.read(&mut [0]).unwrap(), 0);
}

#[test]
fn nested_commands_end_with_the_outer_one() {
    for name in ["INT", "TERM"] {
        let (env, alive) = nested();
        let child = env.command(&["credential-process", "--profile", "outer"]).spawn().unwrap();
        let alive = wait_for(&alive);
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        assert!(matches!(output.status.code(), Some(130 | 143)), "{output:?}");
        wait_for_end(alive);
    }
}

#[test]
fn nested_commands_end_within_the_time_of_the_outer_one_and_the_innermost_is_told() {
    let (mut env, alive) = nested();
    env.set("KEYFOB_TIME_LEFT", "12000");
    let child = env.command(&["credential-process", "--profile", "outer"]).spawn().unwrap();
    let alive = wait_for(&alive);
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(5), "{stderr}");
    wait_for_end(alive);
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains("profile `outer`"), "{stderr}");
}

#[test]
fn a_profile_that_asks_for_itself_ends_whatever_its_name_is() {
    let mut env = TestEnv::new();
    env.set("PATH", "/usr/bin:/bin");
    for name in ["plain", "a,b", ",", "100%", "a\tb c"] {
        env.write_config(&format!(
            "[profile '{name}']\ncredential_process = {KEYFOB} credential-process --profile '{name}'\n"
        ));
        let run = env.run(&["credential-process", "--profile", name]);
        assert_eq!(run.code, 5, "{run:?}");
        let reason = "its command asks for the credentials of the same profile";
        assert!(run.stderr.contains(reason), "{run:?}");
        assert_eq!(run.stderr.matches("it ended with").count(), 1, "{run:?}");
    }
}

#[test]
fn a_person_is_told_which_command_is_waited_for() {
    let env = TestEnv::new();
    let slow = "sleep 2.5; echo '{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\"}'";
    env.write_config(&format!("[profile slow]\ncredential_process = {slow}\n"));
    let run = env.run(&["export", "--profile", "slow"]);
    assert_eq!(run.code, 0, "{run:?}");
    let told = "Waiting for the credential_process of profile `slow` (Ctrl-C to stop) ...";
    assert!(run.stderr.contains(told), "{run:?}");
    let quiet = env.run(&["credential-process", "--profile", "slow"]);
    assert_eq!((quiet.code, quiet.stderr.as_str()), (0, ""), "{quiet:?}");
}
