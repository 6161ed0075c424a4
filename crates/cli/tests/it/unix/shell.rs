//! Switching the present shell, in real shells.

use std::process::Command;

use serde_json::Value;

use crate::support::{Run, TestEnv};

/// Runs a script in a shell that has read what `shell-init` prints; `None` where it is not installed.
fn in_shell(env: &TestEnv, shell: &str, script: &str) -> Option<Run> {
    let keyfob = env!("CARGO_BIN_EXE_keyfob");
    let directory = std::path::Path::new(keyfob).parent().unwrap().display();
    let init = match shell {
        "fish" => "keyfob shell-init fish | source".to_owned(),
        shell => format!("eval \"$(keyfob shell-init {shell})\""),
    };
    let mut command = Command::new(shell);
    command.args(["-c", &format!("{init}\n{script}")]).env_clear();
    for (name, value) in env.command(&[]).get_envs() {
        command.envs(value.map(|value| (name, value)));
    }
    let output = command.env("PATH", format!("{directory}:/usr/bin:/bin")).output();
    let output = output.ok()?;
    Some(Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    })
}

fn in_all(env: &TestEnv, script: &str, expected: &str) {
    let shells = ["bash", "zsh", "fish"];
    let runs: Vec<_> = shells.iter().filter_map(|shell| in_shell(env, shell, script)).collect();
    assert!(!runs.is_empty(), "none of {shells:?} is installed");
    for run in runs {
        assert_eq!(run.stdout, expected, "{run:?}");
    }
}

#[test]
fn a_shell_goes_to_a_profile_and_back() {
    let env = TestEnv::new();
    let script = "kf dev; echo $AWS_PROFILE; kf old; echo $AWS_PROFILE; kf -; echo $AWS_PROFILE\n\
                  kf -; echo $AWS_PROFILE; kf dve; echo $AWS_PROFILE; kf --unset\n\
                  echo \"<$AWS_PROFILE>\"; kf -; echo \"<$AWS_PROFILE>\"";
    in_all(&env, script, "dev\nold\ndev\nold\nold\n<>\n<>\n");
}

#[test]
fn a_role_without_a_profile_and_env_put_credentials_into_the_shell() {
    let env = TestEnv::with_scenario("[lifetimes]\nrole_credentials = 20000\n");
    env.sign_in();
    assert_eq!(env.run(&["roles", "--output", "json"]).code, 0);
    let script = "kf staging developer\n\
                  keyfob whoami --output json | grep -c '222233334444.*Developer'; keyfob prompt; echo\n\
                  kf --env dev; keyfob whoami --output json | grep -c '111122223333.*ReadOnly'\n\
                  kf dev; echo \"<$AWS_ACCESS_KEY_ID$AWS_SESSION_TOKEN>\"; keyfob prompt; echo\n\
                  kf --env dev; kf --unset; echo \"<$AWS_ACCESS_KEY_ID$AWS_REGION>\"; keyfob prompt";
    in_all(&env, script, "1\nDeveloper@222233334444 5h\n1\n<>\ndev\n<>\n");
}

#[test]
fn a_region_that_came_by_a_switch_goes_with_the_next_one() {
    let env = TestEnv::new();
    env.sign_in();
    assert_eq!(env.run(&["roles", "--output", "json"]).code, 0);
    let script = "kf staging developer --region eu-west-1; echo \"$AWS_REGION $AWS_DEFAULT_REGION\"\n\
                  kf dev; echo \"<$AWS_REGION$AWS_DEFAULT_REGION$KEYFOB_REGION>\"\n\
                  kf dev --region eu-west-2; echo $AWS_REGION; kf staging developer\n\
                  echo \"<$AWS_REGION>\"; export AWS_REGION=eu-north-1; kf dev; echo $AWS_REGION\n\
                  kf staging developer; kf dev; echo $AWS_REGION";
    in_all(&env, script, "eu-west-1 eu-west-1\n<>\neu-west-2\n<>\neu-north-1\neu-north-1\n");
}

#[test]
fn the_completions_come_along() {
    let env = TestEnv::new();
    let known = [
        ("bash", "complete -p keyfob"),
        (
            "zsh",
            "autoload -U compinit; compinit -u; eval \"$(keyfob shell-init zsh)\"; whence compdef; print $_comps[keyfob]",
        ),
        ("fish", "complete -c keyfob"),
    ];
    for (shell, script) in known {
        let Some(run) = in_shell(&env, shell, script) else { continue };
        assert!(run.code == 0 && run.stdout.contains("keyfob"), "{shell}: {run:?}");
        assert_eq!(run.stderr, "", "{shell}: {run:?}");
    }
}

#[test]
fn what_powershell_reads_is_in_its_words() {
    let env = TestEnv::new();
    let init = env.run(&["shell-init", "powershell"]).stdout;
    assert!(init.contains("switch --format powershell @args"), "{init}");
    let lines = env.run(&["switch", "--format", "powershell", "dev"]).stdout;
    assert!(lines.contains("$Env:AWS_PROFILE = 'dev'\n"), "{lines}");
    assert!(lines.contains("Remove-Item Env:AWS_ACCESS_KEY_ID"), "{lines}");
}

#[test]
fn what_nushell_reads_is_data() {
    let env = TestEnv::new();
    env.sign_in();
    let init = env.run(&["shell-init", "nushell"]).stdout;
    assert!(init.contains("def --env --wrapped kf") && init.contains("extern keyfob"), "{init}");
    let switched = |arguments: &[&str]| -> Value {
        let run = env.run(&[&["switch", "--format", "nushell"], arguments].concat());
        assert_eq!(run.code, 0, "{run:?}");
        serde_json::from_str(&run.stdout).unwrap()
    };
    let profile = switched(&["dev"]);
    assert_eq!(profile["AWS_PROFILE"], "dev");
    assert_eq!(profile.get("AWS_ACCESS_KEY_ID"), Some(&Value::Null));
    assert!(switched(&["--unset"]).as_object().unwrap().values().all(Value::is_null));
    let run = env.run(&["export", "--profile", "dev", "--format", "nushell"]);
    let credentials: Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(credentials["AWS_ACCESS_KEY_ID"].is_string(), "{run:?}");
    assert_eq!(credentials.get("AWS_PROFILE"), Some(&Value::Null));
}

#[test]
fn a_prompt_shows_who_and_how_long_and_warns() {
    let mut env = TestEnv::new();
    let prompt = |env: &TestEnv, format| {
        let run = env.run(&["prompt", "--format", format]);
        assert!(run.code == 0 && run.stderr.is_empty(), "{run:?}");
        run.stdout
    };
    assert_eq!(prompt(&env, "plain"), "");
    env.set("AWS_PROFILE", "dev");
    assert_eq!(prompt(&env, "plain"), "dev expired");
    assert_eq!(prompt(&env, "zsh"), "%F{red}dev expired%f");
    env.sign_in();
    assert_eq!(prompt(&env, "ansi"), "dev");
    let config = std::fs::read_to_string(env.path(".aws/config")).unwrap();
    env.write_config(&config.replace("[profile dev]", "[profile dev]\nkeyfob_risky = true"));
    assert_eq!(prompt(&env, "tmux"), "#[fg=red]dev#[default]");
    env.write_config(&config);
    let soon = wire::Timestamp::from_unix(crate::support::now().unix() + 601).to_string();
    env.set("AWS_CREDENTIAL_EXPIRATION", &soon);
    let text = prompt(&env, "bash");
    assert!(
        text == "\u{1}\u{1b}[33m\u{2}dev 10m\u{1}\u{1b}[0m\u{2}" || text.contains("dev 11m"),
        "{text:?}"
    );
    env.set("AWS_PROFILE", "100%#$(id)");
    for (format, written) in [("zsh", "100%%#"), ("tmux", "100%##"), ("bash", "100%#?(id)")] {
        let text = prompt(&env, format);
        assert!(text.contains(written), "{text}");
    }
}
