//! `exec`, `export`, `whoami`, and profiles that mean roles.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::support::{ACCOUNT, Run, TestEnv};

const ROLES: &str = "
[profile hub]
role_arn = arn:aws:iam::222233334444:role/Hub
source_profile = dev
region = eu-west-3
duration_seconds = 7200
[profile spoke]
role_arn = arn:aws:iam::333344445555:role/Spoke
source_profile = hub
[profile user]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
[profile mfa]
role_arn = arn:aws:iam::222233334444:role/Admin
source_profile = user
mfa_serial = arn:aws:iam::111122223333:mfa/ci
[profile instance]
role_arn = arn:aws:iam::222233334444:role/Admin
credential_source = Ec2InstanceMetadata
[profile loop-a]
role_arn = arn:aws:iam::222233334444:role/A
source_profile = loop-b
[profile loop-b]
role_arn = arn:aws:iam::222233334444:role/B
source_profile = loop-a
";

fn world() -> TestEnv {
    let env = TestEnv::new();
    let config = fs::read_to_string(env.path(".aws/config")).unwrap();
    env.write_config(&(config + ROLES));
    env
}

fn signed_in() -> TestEnv {
    let env = world();
    env.sign_in();
    env
}

impl TestEnv {
    /// Runs a shell command within `exec`.
    fn exec(&self, options: &[&str], script: &str) -> Run {
        let arguments = [&["exec"], options, &["--", "sh", "-c", script]].concat();
        let output = self.command(&arguments).output().unwrap();
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

#[test]
fn credential_process_provides_every_kind_of_profile() {
    let env = signed_in();
    let run = env.run(&["credential-process", "--profile", "spoke"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(json["AccountId"], "333344445555");
    let again = env.run(&["credential-process", "--profile", "spoke"]);
    assert_eq!(again.stdout, run.stdout);
    assert_eq!(env.calls("AssumeRole"), 2);
    let user = env.run(&["credential-process", "--profile", "user"]);
    assert!(user.stdout.contains("AKIAIOSFODNN7EXAMPLE"), "{user:?}");
    assert!(!user.stdout.contains("Expiration"), "{user:?}");
}

#[test]
fn what_cannot_be_provided_says_what_to_do() {
    let env = world();
    for (profile, code, said) in [
        ("mfa", 1, "run `keyfob login --profile mfa`"),
        ("spoke", 1, "run `keyfob login --sso-session work`"),
        ("instance", 2, "name a `source_profile`"),
        ("loop-a", 2, "form a loop: loop-a -> loop-b -> loop-a"),
    ] {
        let run = env.run(&["credential-process", "--profile", profile]);
        assert_eq!((run.code, run.stdout.as_str()), (code, ""), "{run:?}");
        assert!(run.stderr.contains(said), "{run:?}");
        assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
    }
}

#[test]
fn a_given_code_is_used_once() {
    let env = world();
    let mfa = ["credential-process", "--profile", "mfa"];
    let run = env.run(&[&mfa[..], &["--mfa-code", "123456"]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(env.run(&mfa).stdout, run.stdout);
    let spent = env.run(&[&mfa[..], &["--mfa-code=123456", "--force-refresh"]].concat());
    assert_eq!(spent.code, 4, "{spent:?}");
    assert!(spent.stderr.contains("a code counts once"), "{spent:?}");
    assert_eq!(env.calls("AssumeRole"), 2);
}

#[test]
fn a_given_code_may_have_blanks_and_a_wrong_one_is_not_repeated() {
    let env = world();
    let code = |code| env.run(&["credential-process", "--profile", "mfa", "--mfa-code", code]);
    let wrong = code("98765x");
    assert_eq!(wrong.code, 2, "{wrong:?}");
    assert!(wrong.stderr.contains("--mfa-code: an MFA code has six digits"), "{wrong:?}");
    assert!(!wrong.stderr.contains("98765"), "{wrong:?}");
    assert_eq!(code("123 456").code, 0);
}

#[test]
fn a_command_gets_the_credentials_and_nothing_stale() {
    let mut env = signed_in();
    for name in ["AWS_PROFILE", "AWS_SECURITY_TOKEN", "AWS_ROLE_ARN", "AWS_VAULT"] {
        env.set(name, "stale");
    }
    env.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost/stale");
    env.set("AWS_REGION", "us-east-1");
    env.set("AWS_EC2_METADATA_DISABLED", "true");
    let run = env.exec(&["--profile", "hub"], "env; exit 7");
    assert_eq!(run.code, 7, "{run:?}");
    assert!(!run.stdout.contains("stale"), "{run:?}");
    for line in [
        "AWS_REGION=eu-west-3",
        "AWS_DEFAULT_REGION=eu-west-3",
        "AWS_EC2_METADATA_DISABLED=true",
        "KEYFOB_EXEC=hub",
    ] {
        assert!(run.stdout.lines().any(|found| found == line), "{line} in {run:?}");
    }
    assert_eq!(run.stdout.matches("AWS_SESSION_TOKEN=").count(), 1);
    let warned = "an hour at most";
    assert!(run.stderr.contains(warned), "{run:?}");
    let region = env.exec(&["--profile", "dev", "--region", "r-1"], "echo $AWS_REGION");
    assert_eq!(region.stdout, "r-1\n");
    let role = ["--account-id", ACCOUNT, "--role-name", "Operator", "--sso-session", "work"];
    let role = env.exec(&role, "echo $KEYFOB_EXEC");
    assert_eq!(role.stdout, format!("Operator@{ACCOUNT}\n"));
}

#[test]
fn nothing_of_ours_stays_resident() {
    let env = signed_in();
    let mut child = env.command(&["exec", "--profile", "dev", "--", "sh", "-c", "echo $$; read x"]);
    let mut child = child.stdin(std::process::Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    let mut stdout = std::io::BufReader::new(child.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut stdout, &mut line).unwrap();
    assert_eq!(line.trim(), child.id().to_string());
    drop(child.stdin.take());
    child.wait().unwrap();
}

#[test]
fn how_a_command_ends_is_passed_on() {
    let env = signed_in();
    let status = |arguments: &[&str]| {
        let command = [&["exec", "--profile", "dev"], arguments].concat();
        env.run(&command).code
    };
    assert_eq!(status(&["--", "/nonexistent/command"]), 127);
    assert_eq!(status(&["--", "/etc/passwd"]), 126);
    assert_eq!(status(&["--server", "--", "/nonexistent/command"]), 127);
    assert_eq!(status(&["--server", "sh", "-c", "exit 9"]), 9);
    assert_eq!(status(&["--server", "sh", "-c", "kill -KILL $$"]), 137);
    let keyfob = env!("CARGO_BIN_EXE_keyfob");
    let nested = env.exec(&["--profile", "dev"], &format!("{keyfob} exec --profile old -- true"));
    assert_eq!(nested.code, 2, "{nested:?}");
    assert!(nested.stderr.contains("with the credentials of dev"), "{nested:?}");
}

#[test]
fn signals_reach_the_command_of_a_server() {
    let env = signed_in();
    let script = "trap 'echo caught; exit 3' TERM; echo ready; while :; do sleep 0.05; done";
    let mut command = env.command(&["exec", "--profile", "dev", "--server", "sh", "-c", script]);
    let mut child = command.spawn().unwrap();
    let mut stdout = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut stdout, &mut line).unwrap();
    let kill = format!("kill -TERM {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    std::io::BufRead::read_line(&mut stdout, &mut line).unwrap();
    assert_eq!(line, "ready\ncaught\n");
    assert_eq!(child.wait().unwrap().code(), Some(3));
}

#[test]
fn the_server_gives_credentials_to_whoever_knows_the_token_alone() {
    let env = signed_in();
    // The path of curl's own file, so that a token does not stand in an argument list.
    let script = r#"
        ask() { curl -s -o "$HOME/out" -w '%{http_code} ' "$@"; head -c 300 "$HOME/out"; echo; }
        uri=$AWS_CONTAINER_CREDENTIALS_FULL_URI
        ask -H "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" "$uri"
        ask "$uri"
        ask -H "Authorization: x$AWS_CONTAINER_AUTHORIZATION_TOKEN" "$uri"
        ask -H "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" -H "Host: evil.example" "$uri"
        ask -X POST -H "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" "$uri"
        ask -H "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" "${uri%s}"
        echo "${AWS_ACCESS_KEY_ID-none} ${#AWS_CONTAINER_AUTHORIZATION_TOKEN}"
    "#;
    if Command::new("curl").arg("--version").output().is_err() {
        return; // the same is tried with real SDKs
    }
    let run = env.exec(&["--profile", "dev", "--server"], script);
    assert_eq!(run.code, 0, "{run:?}");
    let lines: Vec<_> = run.stdout.lines().collect();
    assert!(lines[0].starts_with("200 {\"AccessKeyId\":\"ASIA"), "{lines:?}");
    assert!(lines[0].contains("\"Expiration\":\""), "{lines:?}");
    let codes: Vec<_> = lines[1..6].iter().filter_map(|line| line.get(..3)).collect();
    assert_eq!(codes, ["401", "401", "403", "405", "404"], "{lines:?}");
    assert!(!lines[1..6].concat().contains("ASIA"), "{lines:?}");
    assert_eq!(lines[6], "none 64");
}

#[test]
fn a_shell_reads_what_is_exported() {
    let env = signed_in();
    let keyfob = env!("CARGO_BIN_EXE_keyfob");
    let script = format!(
        "export AWS_SESSION_TOKEN=stale; eval \"$({keyfob} export --profile dev)\"; \
         echo $AWS_ACCESS_KEY_ID $AWS_SESSION_TOKEN; eval \"$({keyfob} export --unset)\"; \
         echo ${{AWS_ACCESS_KEY_ID-gone}}"
    );
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).env_clear().env("PATH", "/usr/bin:/bin");
    for (name, value) in env.command(&[]).get_envs() {
        shell.envs(value.map(|value| (name, value)));
    }
    let shown = String::from_utf8(shell.output().unwrap().stdout).unwrap();
    let json = env.run(&["export", "--profile", "dev", "--format", "json"]).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    let text = |name: &str| json[name].as_str().unwrap();
    assert_eq!(
        shown,
        format!("{} {}\ngone\n", text("AWS_ACCESS_KEY_ID"), text("AWS_SESSION_TOKEN"))
    );
}

#[test]
fn whoami_tells_how_the_credentials_were_got() {
    let env = signed_in();
    let run = env.run(&["whoami", "--profile", "spoke", "--output", "json"]);
    assert_eq!(run.code, 0, "{run:?}");
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(json["account"], "333344445555");
    assert!(json["arn"].as_str().unwrap().contains(":assumed-role/Spoke/keyfob-"), "{json}");
    assert!(json["userId"].as_str().unwrap().starts_with("AROA"), "{json}");
    let hops = json["hops"].as_array().unwrap();
    let providers: Vec<_> = hops.iter().map(|hop| hop["provider"].as_str().unwrap()).collect();
    assert_eq!(providers, ["SSO role", "AssumeRole", "AssumeRole"]);
    assert!(hops.iter().all(|hop| hop["expiresAt"].as_str().unwrap().ends_with('Z')));
    let text = env.run(&["whoami", "--profile", "spoke"]);
    assert!(
        text.stdout.contains("AssumeRole: arn:aws:iam::222233334444:role/Hub, until"),
        "{text:?}"
    );
}

#[test]
fn without_a_terminal_a_dead_session_is_an_error_with_its_command() {
    let env = world();
    for command in [
        &["exec", "--profile", "dev", "--", "true"][..],
        &["export", "--profile", "dev"],
        &["whoami", "--profile", "dev"],
    ] {
        let run = env.run(command);
        assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{run:?}");
        assert!(run.stderr.contains("hint: run `keyfob login --sso-session work`"), "{run:?}");
    }
    let run = env.run(&["export", "--profile", "dev", "--login", "--format", "process"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("Signing in"), "{run:?}");
}
