//! What `export` writes is read as it was, and no value runs as a command.
//!
//! The shell that is always there reads it here; `tests/interop/test_export.py` has the others, and
//! the readers of `.env` files.

use std::fs;
use std::process::Command;

use crate::support::{Run, TestEnv};

/// Values of a secret; PWN stands for a command.
const HOSTILE: [&str; 23] = [
    "`PWN`",
    "$(PWN)",
    "'; PWN; '",
    "'$(PWN)'",
    "\"; PWN; \"",
    "a'b\"$(PWN)`PWN`\\c",
    "$HOME",
    "${HOME:-x}",
    "it's",
    "''",
    "\"\"",
    "\\",
    "\\\\",
    "a\\nb",
    "\\'",
    " blanks  around ",
    "a # comment",
    "a;b&c|d>e<f(g)h*i?j[k]l~m",
    "!! !$ 50%PATH% ^ {a,b} ~",
    "=ls",
    "a:=ls:=",
    "ünïcödé 🔑 \u{2019}\u{2028}",
    "plain+/_.:-==",
];

/// A world with a profile whose secret is this text.
fn with_secret(secret: &str) -> TestEnv {
    let env = TestEnv::new();
    let keys = serde_json::json!({"Version": 1, "AccessKeyId": "AKIA", "SecretAccessKey": secret});
    fs::write(env.path("keys"), keys.to_string()).unwrap();
    let file = env.path("keys");
    env.write_config(&format!(
        "[profile hostile]\ncredential_process = cat \"{}\"\n",
        file.display()
    ));
    env
}

fn exported(env: &TestEnv, format: &str) -> Run {
    env.run(&["export", "--profile", "hostile", "--format", format])
}

/// What a shell has that reads the text.
fn evaluated(env: &TestEnv, text: &str) -> String {
    fs::write(env.path("exported"), text).unwrap();
    let script = "set -a; . ./exported; printf %s \"$AWS_SECRET_ACCESS_KEY\"";
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).env_clear().env("HOME", "/home/me").env("PATH", "/usr/bin:/bin");
    let output = shell.current_dir(env.home.path()).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{text}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_shell_reads_every_value_as_it_was_and_runs_none() {
    for value in HOSTILE {
        let value = value.replace("PWN", "touch ./pwned");
        let env = with_secret(&value);
        for format in ["env", "env-no-export", "dotenv"] {
            let run = exported(&env, format);
            if run.code == 0 {
                assert_eq!(evaluated(&env, &run.stdout), value, "{format}: {run:?}");
                assert!(!env.path("pwned").exists(), "{format}: {value}");
                continue;
            }
            assert_eq!((format, run.code, run.stdout.as_str()), ("dotenv", 2, ""), "{run:?}");
            assert!(run.stderr.contains("AWS_SECRET_ACCESS_KEY cannot be written: "), "{run:?}");
            assert!(run.stderr.contains("hint: take `--format json`"), "{run:?}");
        }
        let json = exported(&env, "json");
        let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
        assert_eq!(json["AWS_SECRET_ACCESS_KEY"], value);
        let docker = exported(&env, "docker");
        assert!(
            docker.stdout.contains(&format!("\nAWS_SECRET_ACCESS_KEY={value}\n")),
            "{docker:?}"
        );
    }
}

#[test]
fn a_value_of_several_lines_is_refused_in_every_format_of_lines() {
    let env = with_secret("a\nPATH=/evil");
    for format in ["env", "env-no-export", "fish", "powershell", "windows-cmd", "dotenv", "docker"]
    {
        let run = exported(&env, format);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{format}: {run:?}");
        assert!(run.stderr.contains("a line end or another control character"), "{run:?}");
    }
    let json: serde_json::Value = serde_json::from_str(&exported(&env, "json").stdout).unwrap();
    assert_eq!(json["AWS_SECRET_ACCESS_KEY"], "a\nPATH=/evil");
}

#[test]
fn a_profile_of_the_shell_does_not_win_over_what_is_exported() {
    let env = TestEnv::new();
    env.sign_in();
    for arguments in [&["export", "--profile", "dev"][..], &["export", "--unset"]] {
        let run = env.run(arguments);
        let script = format!("{}echo ${{AWS_PROFILE-}}${{AWS_DEFAULT_PROFILE-}}", run.stdout);
        let script = format!("{script}${{AWS_SECURITY_TOKEN-}}");
        let mut shell = Command::new("sh");
        for name in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN"] {
            shell.env(name, "stale");
        }
        let output = shell.args(["-c", &script]).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "\n", "{run:?}");
    }
}

#[test]
fn whoami_names_the_variables_whose_keys_are_refused() {
    let mut env = TestEnv::new();
    env.set("AWS_ACCESS_KEY_ID", "ASIASTALE");
    env.set("AWS_SECRET_ACCESS_KEY", "of-yesterday");
    env.set("AWS_SESSION_TOKEN", "token-of-yesterday");
    let run = env.run(&["whoami"]);
    assert_eq!((run.code, run.stdout.as_str()), (4, ""), "{run:?}");
    let all = "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN";
    assert!(run.stderr.contains(&format!("of the environment are refused ({all})")), "{run:?}");
    let unset = "`unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN`";
    assert!(run.stderr.contains(&format!("hint: run {unset}")), "{run:?}");
    assert!(run.stderr.contains("caused by: "), "{run:?}");
    assert!(!run.stderr.contains("yesterday"), "{run:?}");
    env.unset("AWS_SESSION_TOKEN");
    let run = env.run(&["whoami"]);
    assert!(run.stderr.contains("`unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY`"), "{run:?}");
}

#[test]
fn what_the_emulator_tells_to_export_is_quoted() {
    let mut env = TestEnv::new();
    let directory = env.path("a $(touch pwned) b");
    fs::create_dir(&directory).unwrap();
    env.set("TMPDIR", directory.to_str().unwrap());
    let mut emulator = env.start(&["emulator", "--tls"]);
    emulator.wait_for("Ctrl-C");
    let script = format!("{}\nprintf %s \"$AWS_CA_BUNDLE\"", exports(&emulator.said));
    let shown = Command::new("sh").args(["-c", &script]).output().unwrap();
    let bundle = String::from_utf8(shown.stdout).unwrap();
    assert!(bundle.starts_with(directory.to_str().unwrap()), "{}", emulator.said);
    assert!(fs::exists(&bundle).unwrap(), "{bundle}");
    emulator.interrupt();
    emulator.finish();
}

fn exports(said: &str) -> String {
    said.lines().filter(|line| line.contains("export ")).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_cannot_unset_a_variable_says_so() {
    let env = TestEnv::new();
    for format in ["json", "process", "dotenv", "docker"] {
        let run = env.run(&["export", "--unset", "--format", format]);
        assert!(run.code == 2 && run.stdout.is_empty(), "{run:?}");
    }
    assert_eq!(env.run(&["export", "--unset", "--format", "fish"]).code, 0);
}
