//! Commands of profiles that run keyfob again.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::thread::JoinHandle;

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

/// Waits until the innermost command runs; the thread ends when nothing of it is left.
fn watch(alive: PathBuf) -> JoinHandle<u64> {
    let mut reader = fs::File::open(alive).unwrap();
    std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()).unwrap())
}

#[test]
fn nested_commands_end_with_the_outer_one() {
    for name in ["INT", "TERM"] {
        let (env, alive) = nested();
        let child = env.command(&["credential-process", "--profile", "outer"]).spawn().unwrap();
        let watch = watch(alive);
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        assert!(matches!(output.status.code(), Some(130 | 143)), "{output:?}");
        watch.join().unwrap();
    }
}

#[test]
fn nested_commands_end_within_the_time_of_the_outer_one_and_the_innermost_is_told() {
    let (mut env, alive) = nested();
    env.set("KEYFOB_TIME_LEFT", "9000");
    let child = env.command(&["credential-process", "--profile", "outer"]).spawn().unwrap();
    let watch = watch(alive);
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(5), "{stderr}");
    watch.join().unwrap();
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
