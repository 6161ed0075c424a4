//! What is other than on Unix: homes, variables, access lists, command lines, and who ends with whom.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::support::{Run, TestEnv, mode};

/// A profile whose keys are printed by a command line.
fn by_command(env: &TestEnv, line: &str) -> Run {
    env.write_config(&format!("[profile keys]\ncredential_process = {line}\n"));
    env.run(&["credential-process", "--profile", "keys"])
}

const KEYS: &str =
    r#"{"Version":1,"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"of a command"}"#;

#[test]
fn the_home_is_that_of_the_system_and_names_of_variables_have_no_case() {
    let mut env = TestEnv::new();
    let home = env.variable("HOME").to_owned();
    let explain = |env: &TestEnv| env.run(&["explain", "--profile", "dev", "--output", "json"]);
    env.unset("HOME");
    env.set("UserProfile", &home);
    assert_eq!(explain(&env).code, 0);
    env.unset("UserProfile");
    let (drive, path) = home.split_at(2);
    env.set("HomeDrive", drive);
    env.set("HOMEPATH", path);
    assert_eq!(explain(&env).code, 0);
    env.set("aws_config_file", r"~\other");
    assert_eq!(explain(&env).code, 2);
}

#[test]
fn what_is_made_is_for_its_user_alone_and_what_is_edited_keeps_its_list() {
    let env = TestEnv::new();
    let edit = ["configure", "profile", "new", "--account-id", "111122223333"];
    let edit = [&edit[..], &["--role-name", "ReadOnly", "--sso-session", "work"]].concat();
    let before = mode(&env.path(".aws/config"));
    let run = env.run(&edit);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(mode(&env.path(".aws/config")), before);
    fs::remove_file(env.path(".aws/config")).unwrap();
    let session = ["configure", "sso-session", "work", "--region", "eu-central-1"];
    let run = env.run(&[&session[..], &["--start-url", "https://d-1.awsapps.com/start"]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(mode(&env.path(".aws/config")), 0o600);
    let env = TestEnv::new();
    env.sign_in();
    assert_eq!(mode(&env.path(".aws/sso/cache")), 0o700);
    assert_eq!(mode(&env.token_file()), 0o600);
}

#[test]
fn a_config_may_have_the_line_ends_and_the_mark_of_an_editor() {
    let env = TestEnv::new();
    let config = fs::read_to_string(env.path(".aws/config")).unwrap();
    env.write_config(&format!("\u{feff}{}", config.replace('\n', "\r\n")));
    env.sign_in();
    let run = env.run(&["credential-process", "--profile", "dev"]);
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn a_command_line_may_have_blanks_and_quotation_marks() {
    let env = TestEnv::new();
    fs::create_dir(env.path("Program Files")).unwrap();
    let script = env.path(r"Program Files\my keys.cmd");
    fs::write(&script, format!("@if not \"%~1\"==\"a b\" exit /b 3\r\n@echo {KEYS}\r\n")).unwrap();
    let script = script.display();
    for line in [format!("\"{script}\" \"a b\""), format!("call \"{script}\" \"a b\"")] {
        let run = by_command(&env, &line);
        assert!(run.code == 0 && run.stdout.contains("of a command"), "{line}: {run:?}");
    }
    let run = by_command(&env, &format!("\"{script}\" other"));
    assert!(run.code == 5 && run.stderr.contains('3'), "{run:?}");
}

#[test]
fn keyfob_is_a_command_of_other_tools_from_a_path_with_blanks() {
    let env = TestEnv::new();
    env.sign_in();
    let program = env.path(r"Program Files");
    fs::create_dir(&program).unwrap();
    let program = program.join("keyfob.exe");
    fs::copy(env!("CARGO_BIN_EXE_keyfob"), &program).unwrap();
    let text = fs::read_to_string(env.path(".aws/config")).unwrap();
    let line = format!("\"{}\" credential-process --profile \"dev\"", program.display());
    env.write_config(&format!("{text}[profile outer]\ncredential_process = {line}\n"));
    let run = env.run(&["export", "--profile", "outer", "--format", "process"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stdout.contains("\"Version\":1"), "{run:?}");
}

#[test]
fn exec_runs_programs_and_gives_their_code() {
    let env = TestEnv::new();
    env.sign_in();
    let exec =
        |line: &str| env.run(&["exec", "--profile", "dev", "--", "cmd.exe", "/D", "/C", line]);
    let run = exec("echo %AWS_ACCESS_KEY_ID%");
    assert!(run.code == 0 && run.stdout.trim().starts_with("ASIA"), "{run:?}");
    assert_eq!(exec("exit 7").code, 7);
    assert_eq!(exec("exit 300").code, 1, "more than 255 is 1");
    let run = env.run(&["exec", "--profile", "dev", "--", "no-such-program"]);
    assert_eq!(run.code, 127, "{run:?}");
}

#[test]
fn what_exec_runs_ends_with_it() {
    let env = TestEnv::new();
    env.sign_in();
    // The inner one tells that it runs, and waits on a pipe that nobody writes to.
    let keyfob = env!("CARGO_BIN_EXE_keyfob");
    let emulator = [keyfob, "emulator", "--port", "0"];
    let arguments = [&["exec", "--profile", "dev", "--"], &emulator[..]].concat();
    let mut exec = env.command(&arguments).stdin(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(exec.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("http://127.0.0.1:") {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0, "the emulator tells its address");
    }
    exec.kill().unwrap();
    exec.wait().unwrap();
    // Its end of the pipe is closed when it has ended too.
    while said.read_line(&mut line).unwrap() > 0 {}
}

#[test]
fn what_a_shell_reads_sets_its_variables() {
    let env = TestEnv::new();
    env.sign_in();
    let run = env.run(&["export", "--profile", "dev", "--format", "windows-cmd"]);
    assert_eq!(run.code, 0, "{run:?}");
    let elsewhere = tempfile::tempdir().unwrap();
    let script = elsewhere.path().join("set.cmd");
    fs::write(&script, format!("@echo off\r\n{}\r\necho %AWS_ACCESS_KEY_ID%\r\n", run.stdout))
        .unwrap();
    let output = Command::new("cmd.exe").args(["/D", "/C"]).arg(&script).output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.trim().starts_with("ASIA"), "{shown}");
    let run = env.run(&["export", "--profile", "dev", "--format", "powershell"]);
    assert!(run.stdout.contains("$Env:AWS_ACCESS_KEY_ID = 'ASIA"), "{run:?}");
}

#[test]
fn a_file_that_a_program_has_open_is_replaced_all_the_same() {
    let env = TestEnv::new();
    env.sign_in();
    env.expire_token();
    let reader = fs::File::open(env.token_file()).unwrap();
    let run = env.run(&["credential-process", "--profile", "dev"]);
    assert_eq!(run.code, 0, "{run:?}");
    drop(reader);
    assert_ne!(env.token()["expiresAt"], "2020-01-01T00:00:00Z");
}
