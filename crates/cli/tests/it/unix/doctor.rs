//! `keyfob doctor`, on machines where something is wrong.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use serde_json::Value;

use crate::support::{Run, TestEnv, mode};

/// What was found by one check, or found to be fine: severity, text and command.
fn found(run: &Run, check: &str) -> Vec<(String, String, String)> {
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(json["version"], 1);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rows = |member: &str| json[member].as_array().unwrap().clone();
    let ok = rows("ok").into_iter().map(|row| (row, Some("ok")));
    rows("findings")
        .into_iter()
        .map(|row| (row, None))
        .chain(ok)
        .filter(|(row, _)| row["check"] == check)
        .map(|(row, ok)| {
            let severity = ok.map_or_else(|| text(&row["severity"]), str::to_owned);
            (severity, text(&row["text"]), text(&row["command"]))
        })
        .collect()
}

fn only(run: &Run, check: &str) -> (String, String, String) {
    let mut all = found(run, check);
    assert_eq!(all.len(), 1, "{check}: {all:?}");
    all.remove(0)
}

fn doctor(env: &TestEnv) -> Run {
    env.run(&["doctor", "--output", "json"])
}

fn offline(env: &TestEnv) -> Run {
    env.run(&["doctor", "--offline", "--output", "json"])
}

/// What is found of a severity by a check, with its command.
fn told(run: &Run, check: &str, severity: &str, text: &str, command: &str) {
    let all = found(run, check);
    let mut all = all.iter();
    let is_it = |row: &&(String, String, String)| {
        row.0 == severity && row.1.contains(text) && row.2 == command
    };
    assert!(all.any(|row| is_it(&row)), "{check} {severity} {text} `{command}`: {run:#?}");
}

#[test]
fn a_machine_that_works_is_told_to() {
    let env = TestEnv::with_tls();
    env.sign_in();
    let run = doctor(&env);
    assert_eq!(run.code, 0, "{run:?}");
    for check in ["cache", "clock", "config", "permissions", "variables"] {
        assert_eq!(only(&run, check).0, "ok", "{run:?}");
    }
    let network = found(&run, "network");
    assert_eq!(network.len(), 2, "{network:?}");
    assert!(network.iter().all(|row| row.1.contains(" through the proxy 127.0.0.1:")));
    let region = found(&run, "region");
    assert_eq!(region.len(), 2, "the sso-session and the legacy start URL: {region:?}");
    assert!(region.iter().all(|row| row.0 == "ok" && row.1.contains("eu-central-1")), "{region:?}");
    // As a proxy that opens TLS does.
    told(&run, "tls", "note", "is opened on the way by keyfob emulator", TLS_COMMAND);
}

const TLS_COMMAND: &str =
    "openssl s_client -connect oidc.eu-central-1.amazonaws.com:443 </dev/null";

#[test]
fn a_middlebox_that_is_not_trusted_is_named() {
    let mut env = TestEnv::with_tls();
    let nothing = env.path("other.pem");
    fs::write(&nothing, other_authority()).unwrap();
    env.set("AWS_CA_BUNDLE", nothing.to_str().unwrap());
    let run = doctor(&env);
    assert_eq!(run.code, 5, "{run:?}");
    let tls = found(&run, "tls");
    assert!(tls.len() == 2 && tls.iter().all(|row| row.0 == "error"), "{run:?}");
    assert!(tls[0].1.ends_with("is not trusted here; it is signed by keyfob emulator"), "{tls:?}");
    assert!(tls[0].2.starts_with("export AWS_CA_BUNDLE=FILE"), "{tls:?}");
}

/// The certificate of another emulator.
fn other_authority() -> String {
    let env = TestEnv::with_tls();
    env.server.ca_certificate_pem().unwrap().to_owned()
}

#[test]
fn a_start_url_in_another_region_is_an_error_with_the_command_that_mends_it() {
    let env = TestEnv::with_tls();
    let config = fs::read_to_string(env.path(".aws/config")).unwrap();
    env.write_config(&config.replace("eu-central-1", "eu-west-1"));
    let run = doctor(&env);
    let command = "keyfob configure sso-session work --region eu-central-1 --force";
    told(&run, "region", "error", "`work` is in eu-central-1, says https://", command);
    // The command does.
    let words: Vec<_> = command.split(' ').skip(1).collect();
    assert_eq!(env.run(&words).code, 0);
    let again = doctor(&env);
    assert!(found(&again, "region").iter().any(|row| row.0 == "ok"), "{again:?}");
}

#[test]
fn a_clock_that_is_wrong_is_told_by_how_much() {
    for (seconds, severity) in [(600, "error"), (-120, "warning"), (20, "ok")] {
        let env = TestEnv::with_scenario(&format!("clock_offset = {seconds}"));
        let run = doctor(&env);
        let (found, text, command) = only(&run, "clock");
        assert_eq!(found, severity, "{run:?}");
        match seconds {
            600 => assert!(text.contains("10 min behind that of 127.0.0.1:"), "{text}"),
            -120 => assert!(text.contains("ahead of that of 127.0.0.1:"), "{text}"),
            _ => {}
        }
        assert_eq!(command.contains("timedatectl"), severity != "ok");
    }
}

#[test]
fn hosts_that_do_not_answer_are_one_finding() {
    let mut env = TestEnv::new();
    for service in ["SSO", "SSO_OIDC"] {
        env.set(&format!("AWS_ENDPOINT_URL_{service}"), "http://127.0.0.1:1");
    }
    let run = doctor(&env);
    let network = found(&run, "network");
    assert_eq!(network.len(), 1, "{network:?}");
    assert!(network[0].1.starts_with("no answer from 127.0.0.1:1: "), "{network:?}");
    assert_eq!(network[0].2, "curl -sv -o /dev/null http://127.0.0.1:1/");
    assert_eq!(run.code, 5);
}

#[test]
fn a_proxy_is_named_without_its_password() {
    let mut env = TestEnv::with_tls();
    env.set("HTTPS_PROXY", "http://me:s3cret-of-the-proxy@127.0.0.1:1");
    let run = doctor(&env);
    told(&run, "proxy", "error", "127.0.0.1:1", "unset HTTPS_PROXY  # for a direct connection");
    env.set("HTTPS_PROXY", "http://me:s3cret-of-the-proxy@127.0.0.1:1/path");
    let refused = doctor(&env);
    assert_eq!(only(&refused, "proxy").0, "error");
    for run in [run, refused] {
        assert!(!format!("{run:?}").contains("s3cret"), "{run:?}");
    }
}

#[test]
fn variables_that_beat_a_profile_are_told() {
    let mut env = TestEnv::new();
    env.set("AWS_PROFILE", "dvv");
    env.set("AWS_DEFAULT_PROFILE", "dev");
    env.set("AWS_ACCESS_KEY_ID", "AKIA");
    env.set("AWS_SECRET_ACCESS_KEY", "s3cret-of-the-shell");
    env.set("REQUESTS_CA_BUNDLE", "/nonexistent.pem");
    let run = offline(&env);
    let text = "AWS_PROFILE names the profile `dvv`, which there is not; did you mean `dev`?";
    told(&run, "variables", "error", text, "unset AWS_PROFILE");
    let text = "tools disagree which one counts";
    told(&run, "variables", "warning", text, "unset AWS_DEFAULT_PROFILE");
    let text = "not the profile `dvv` of AWS_PROFILE";
    let unset = "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_CREDENTIAL_EXPIRATION";
    told(&run, "variables", "warning", text, unset);
    let text = "REQUESTS_CA_BUNDLE names /nonexistent.pem, which is not there";
    told(&run, "variables", "error", text, "unset REQUESTS_CA_BUNDLE");
    assert!(!format!("{run:?}").contains("s3cret"), "{run:?}");
    env.set("AWS_CREDENTIAL_EXPIRATION", "2026-01-01T00:00:00Z");
    let text = "the credentials of the environment ended at 2026-01-01T00:00:00Z";
    told(&offline(&env), "variables", "error", text, unset);
    env.unset("AWS_CREDENTIAL_EXPIRATION");
    env.set("KEYFOB_EXEC", "dev");
    told(&offline(&env), "variables", "note", "from keyfob exec", "exit");
}

#[test]
fn files_that_others_can_read_are_closed_by_fix_and_by_nothing_else() {
    let env = TestEnv::new();
    env.sign_in();
    let token = env.token_file();
    let open = fs::Permissions::from_mode(0o644);
    fs::set_permissions(&token, open.clone()).unwrap();
    let credentials = env.path(".aws/credentials");
    fs::write(&credentials, "[x]\naws_access_key_id = A\naws_secret_access_key = s3cret\n")
        .unwrap();
    fs::set_permissions(&credentials, open).unwrap();
    let torn = env.path(".aws/sso/cache/torn.json");
    fs::write(&torn, "{\"accessToken\": \"ab").unwrap();
    fs::set_permissions(&torn, fs::Permissions::from_mode(0o600)).unwrap();

    let run = offline(&env);
    assert_eq!(run.code, 0, "nothing is broken by it: {run:?}");
    told(&run, "permissions", "warning", "~/.aws/credentials", "chmod go-rwx ~/.aws/credentials");
    let mv = "mv ~/.aws/sso/cache/torn.json ~/.aws/sso/cache/torn.json.corrupt";
    told(&run, "cache", "warning", "perhaps half of one", mv);
    assert_eq!((mode(&token), torn.exists()), (0o644, true));

    let refused = env.run(&["doctor", "--offline", "--fix"]);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.stderr.contains("`keyfob doctor --fix --yes`"), "{refused:?}");
    assert_eq!((mode(&token), torn.exists()), (0o644, true));

    let fixed = env.run(&["doctor", "--offline", "--fix", "--yes"]);
    assert_eq!(fixed.code, 0, "{fixed:?}");
    assert!(fixed.stderr.contains(mv) && fixed.stderr.contains("3 done."), "{fixed:?}");
    assert_eq!((mode(&token), mode(&credentials)), (0o600, 0o600));
    assert!(!torn.exists() && env.path(".aws/sso/cache/torn.json.corrupt").exists());
    let again = env.run(&["doctor", "--offline"]);
    assert!(!again.stderr.contains("--fix"), "{again:?}");
    assert_eq!(env.run(&["credential-process", "--profile", "dev"]).code, 0, "nothing is lost");
}

#[test]
fn a_home_that_cannot_be_written_is_told_before_it_hurts() {
    let env = TestEnv::new();
    let home = env.home.path().display();
    let close = |mode: &str| {
        let chmod = format!("chmod -R {mode} '{home}'");
        assert!(Command::new("sh").args(["-c", &chmod]).status().unwrap().success());
    };
    let mut command = env.command(&["doctor", "--offline", "--output", "json"]);
    env.lower(&mut command);
    close("a-w");
    let run = command.output().unwrap().into();
    close("u+w");
    for directory in ["sso/cache", "cli/cache"] {
        let text = format!("/{directory} cannot be written");
        told(&run, "permissions", "error", &text, "chmod u+rwx ~/.aws");
    }
    let text = "/keyfob/assumed-roles cannot be written";
    told(&run, "permissions", "error", text, "chmod u+rwx ~");
    assert_eq!(run.code, 5, "{run:?}");
}

#[test]
fn a_config_that_cannot_be_used_is_told_with_its_lines() {
    let env = TestEnv::new();
    let config = fs::read_to_string(env.path(".aws/config")).unwrap();
    env.write_config(&format!(
        "{config}[profile gone]\ncredential_process = /nonexistent/granted x\n\
         [profile loop]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = nobody\n\
         [dev2]\nsso_session = work\n\
         [profile g]\ngranted_sso_start_url = https://x.awsapps.com/start\n\
         [profile h]\ngranted_sso_start_url = https://x.awsapps.com/start\n\
         granted_sso_account_id = 111122223333\ngranted_sso_role_name = Admin\n\
         [profile v]\ncredential_process = /nonexistent/aws-vault export --format=json v\n"
    ));
    let run = offline(&env);
    assert_eq!(run.code, 5, "{run:?}");
    let text = "its credential_process runs `/nonexistent/granted`, which is not there";
    told(&run, "config", "error", text, "keyfob explain gone");
    told(&run, "config", "error", "there is no source profile `nobody`", "keyfob explain loop");
    let text = "~/.aws/config:18:2: this is not read as profile `dev2`";
    told(&run, "config", "error", text, "\"${EDITOR:-vi}\" +18 ~/.aws/config");
    told(&run, "tools", "warning", "for granted alone", "keyfob configure profile g");
    told(&run, "tools", "warning", "profile h is for", "keyfob configure migrate --from granted");
    let text = "runs `/nonexistent/aws-vault`, which is not there";
    told(&run, "config", "error", text, "keyfob configure migrate --from aws-vault");

    env.write_config("");
    told(&offline(&env), "config", "warning", "no profile", "keyfob configure sso");
    fs::remove_file(env.path(".aws/config")).unwrap();
    symlink("/proc/self/mem", env.path(".aws/config")).unwrap();
    assert_eq!(found(&offline(&env), "config")[0].0, "error");
}

#[test]
fn the_aws_of_the_path_is_asked_for_its_version() {
    let mut env = TestEnv::new();
    let bin = env.path("bin");
    fs::create_dir(&bin).unwrap();
    env.set("PATH", &format!("{}:/usr/bin:/bin", bin.display()));
    let script = |body: &str| {
        let aws = bin.join("aws");
        fs::write(&aws, format!("#!/bin/sh\n{body}\n")).unwrap();
        fs::set_permissions(&aws, fs::Permissions::from_mode(0o755)).unwrap();
    };
    script("echo aws-cli/2.4.0 Python/3.8");
    let aws = |run: &Run| {
        let all = found(run, "tools");
        all.into_iter().find(|row| row.1.starts_with("~/bin/aws ")).unwrap()
    };
    let (severity, text, _) = aws(&offline(&env));
    assert!(severity == "warning" && text.contains("cannot read sso_session"), "{text}");
    script("echo aws-cli/2.31.0 Python/3.8 >&2");
    assert_eq!(aws(&offline(&env)).0, "ok");
    script("exit 1");
    assert_eq!(aws(&offline(&env)).1, "~/bin/aws does not tell its version");
    env.write_config("[profile dev]\nsso_session = nobody\n");
    let text = "~/bin/aws does not tell its version; the config file may be why";
    assert_eq!(aws(&offline(&env)).1, text);
}

#[test]
fn who_is_signed_in_is_told_and_what_was_refused_is_an_error() {
    let env = TestEnv::new();
    let nobody = "nobody is signed in to `work`";
    told(&offline(&env), "sign-in", "note", nobody, "keyfob login --sso-session work");
    env.sign_in();
    told(&offline(&env), "sign-in", "ok", "somebody is signed in to `work`", "");
    env.server.idp().lock().unwrap().revoke_sessions();
    env.expire_token();
    assert_eq!(env.run(&["credential-process", "--profile", "dev"]).code, 1);
    let run = offline(&env);
    let text = "the sign-in to `work` is over: the service refused to refresh the token at ";
    told(&run, "sign-in", "error", text, "keyfob login --sso-session work");
    assert_eq!(run.code, 5);
}

#[test]
fn one_host_is_one() {
    let env = TestEnv::new();
    assert!(env.run(&["doctor"]).stderr.contains("Asking 1 host (Ctrl-C"));
}

#[test]
fn what_hurts_most_comes_first() {
    let mut env = TestEnv::new();
    env.set("AWS_REGION", "us-east-1");
    env.set("AWS_DEFAULT_PROFILE", "nobody");
    fs::set_permissions(env.path(".aws"), fs::Permissions::from_mode(0o777)).unwrap();
    let run = env.run(&["doctor"]);
    let severity = |line: &str| line.split(':').next().unwrap().to_owned();
    let lines = run.stdout.lines().skip(2).filter(|line| !line.starts_with(' ')).map(severity);
    let mut order: Vec<_> = lines.collect();
    order.dedup();
    assert_eq!(order, ["error", "warning", "note", "ok"], "{run:?}");
    assert!(run.stdout.starts_with("keyfob "), "{run:?}");
    assert!(!run.stdout.contains(env.home.path().to_str().unwrap()), "for a ticket: {run:?}");
}
