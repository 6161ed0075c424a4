//! The command of `exec --server` is whom keyfob serves, whatever the shared files say.
//!
//! `tests/interop/test_exec.py` shows the same with five SDKs.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::support::{Run, TestEnv, files};

const KEYFOB: &str = env!("CARGO_BIN_EXE_keyfob");
const KEYS: &str = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\n\
                    aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n";

/// A world that is signed in, with these lines in `[default]`.
fn with_default(lines: &str) -> TestEnv {
    let mut env = TestEnv::new();
    let config = fs::read_to_string(env.path(".aws/config")).unwrap();
    let config = config.replace("[profile old]", "region = eu-west-3\n[profile old]");
    env.write_config(&format!("{config}[profile user]\n{KEYS}[default]\n{lines}"));
    fs::create_dir(env.path("tmp")).unwrap();
    env.set("TMPDIR", env.path("tmp").to_str().unwrap());
    env.sign_in();
    env
}

fn served(env: &TestEnv, script: &str) -> Run {
    let run = env.run(&["exec", "--profile", "dev", "--server", "--", "sh", "-c", script]);
    assert_eq!(files(&env.path("tmp")).len(), 0, "something is left: {run:?}");
    run
}

#[test]
fn the_credentials_of_default_do_not_win_over_the_server() {
    let process = "credential_process = echo '{\"Version\":1,\"AccessKeyId\":\"A\",\
                   \"SecretAccessKey\":\"S\"}'\n";
    let role = "role_arn = arn:aws:iam::222233334444:role/Hub\nsource_profile = user\n";
    let sso = "sso_session = work\nsso_account_id = 222233334444\nsso_role_name = Administrator\n";
    for lines in [KEYS, role, sso, process] {
        let mut env = with_default(lines);
        env.set("AWS_PROFILE", "user");
        let run = served(&env, &format!("{KEYFOB} whoami --output json"));
        assert_eq!(run.code, 0, "{lines}: {run:?}");
        let json: Value = serde_json::from_str(&run.stdout).unwrap();
        assert!(json["arn"].as_str().unwrap().contains("_ReadOnly_"), "{lines}: {json}");
    }
}

#[test]
fn the_command_of_a_server_has_the_settings_of_the_profile_and_every_other_profile() {
    let env = with_default("output = text\n");
    let run = served(&env, "cat \"$AWS_CONFIG_FILE\"; echo $AWS_PROFILE");
    assert_eq!(run.code, 0, "{run:?}");
    let config = fs::read_to_string(env.path(".aws/config")).unwrap();
    let added = "\n[profile keyfob-exec]\nregion = eu-west-3\nkeyfob-exec\n";
    assert_eq!(run.stdout, config + added);
    let other = served(&env, &format!("{KEYFOB} credential-process --profile user"));
    assert!(other.stdout.contains("AKIAIOSFODNN7EXAMPLE"), "{other:?}");
}

#[test]
fn keys_of_the_first_boto_do_not_win_over_the_server() {
    let env = with_default("");
    let shown = "echo ${BOTO_CONFIG-none}; echo $AWS_CONFIG_FILE";
    fs::write(env.path(".boto"), "[GSUtil]\nparallel_thread_count = 1\n").unwrap();
    let without = served(&env, shown);
    assert!(without.stdout.starts_with("none\n"), "{without:?}");
    fs::write(env.path(".boto"), "[Credentials]\naws_access_key_id = A\n").unwrap();
    let with = served(&env, shown);
    let lines: Vec<_> = with.stdout.lines().collect();
    assert_eq!(lines[0], lines[1], "{with:?}");
}

#[test]
fn the_config_of_a_server_is_private_and_goes_with_the_command_however_that_ends() {
    let env = with_default(KEYS);
    let modes = "ls -ld \"$AWS_CONFIG_FILE\" \"${AWS_CONFIG_FILE%/*}\" | cut -c 1-10";
    assert_eq!(served(&env, modes).stdout, "drwx------\n-r--------\n");
    assert_eq!(served(&env, "kill -KILL $$").code, 137);
    let none = env.run(&["exec", "--profile", "dev", "--server", "--", "/nonexistent/command"]);
    assert_eq!((none.code, files(&env.path("tmp")).len()), (127, 0), "{none:?}");
    let script = "trap 'exit 3' TERM; echo ready; while :; do sleep 0.05; done";
    let mut command = env.command(&["exec", "--profile", "dev", "--server", "sh", "-c", script]);
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    let mut stdout = std::io::BufReader::new(child.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut stdout, &mut line).unwrap();
    let kill = format!("kill -TERM {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(3));
    assert_eq!(files(&env.path("tmp")).len(), 0);
}

#[test]
fn a_server_whose_config_cannot_be_written_does_not_run_the_command() {
    let mut env = with_default(KEYS);
    env.set("TMPDIR", "/nonexistent/directory");
    let run = env.run(&["exec", "--profile", "dev", "--server", "--", "echo", "ran"]);
    assert_eq!((run.code, run.stdout.as_str()), (5, ""), "{run:?}");
    assert!(run.stderr.contains("cannot write the config file of the command"), "{run:?}");
    assert!(run.stderr.contains("hint: set TMPDIR to a directory of yours"), "{run:?}");
}

#[test]
fn the_command_of_a_server_does_not_ask_a_proxy_for_it() {
    let mut env = with_default("");
    env.set("no_proxy", "internal.example");
    let run = served(&env, "echo $NO_PROXY $no_proxy");
    let list = "internal.example,127.0.0.1";
    assert_eq!(run.stdout, format!("{list} {list}\n"), "{run:?}");
    let plain = env.run(&["exec", "--profile", "dev", "--", "sh", "-c", "echo $NO_PROXY$no_proxy"]);
    assert_eq!(plain.stdout, "internal.example\n", "{plain:?}");
}
