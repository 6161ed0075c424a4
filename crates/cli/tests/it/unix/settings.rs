//! Settings that cannot be read are errors with their name: they are not unset.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use crate::support::{Run, TestEnv};

const DEV: [&str; 3] = ["credential-process", "--profile", "dev"];

/// Runs with a variable that need not be a text.
fn run_with(env: &TestEnv, arguments: &[&str], name: &str, value: &[u8]) -> Run {
    let output = env.command(arguments).env(name, OsStr::from_bytes(value)).output().unwrap();
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn is_refused(run: &Run, texts: &[&str]) {
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run:?}");
    for text in texts {
        assert!(run.stderr.contains(text), "{text:?} is not in {run:?}");
    }
}

#[test]
fn a_proxy_that_is_none_is_refused_and_never_passed_by() {
    let env = TestEnv::new();
    env.sign_in();
    for url in [
        "http://user:hunter 2@127.0.0.1:3128",
        "ftp://user:hunter2@127.0.0.1",
        "socks5://127.0.0.1:1080",
        "not a url",
        "http://user:1/hunter2@127.0.0.1:3128",
    ] {
        for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
            let run = run_with(&env, &DEV, name, url.as_bytes());
            let told = format!("{name}: the proxy cannot be used: ");
            is_refused(&run, &[&told, &format!("`unset {name}`")]);
            assert!(!run.stderr.contains("hunter"), "{run:?}");
        }
    }
    is_refused(&run_with(&env, &DEV, "HTTPS_PROXY", b"http://\xff"), &["HTTPS_PROXY is not UTF-8"]);
    is_refused(&run_with(&env, &DEV, "NO_PROXY", b"\xff"), &["NO_PROXY is not UTF-8"]);
    assert_eq!(env.calls("GetRoleCredentials"), 0);
    // What is in the cache needs no proxy.
    assert_eq!(env.run(&DEV).code, 0);
    assert_eq!(run_with(&env, &DEV, "HTTPS_PROXY", b"not a url").code, 0);
}

#[test]
fn a_proxy_that_does_not_answer_is_named_with_its_variable() {
    let mut env = TestEnv::with_tls();
    env.set("HTTPS_PROXY", "http://user:hunter2@127.0.0.1:1");
    let run = env.run(&["login", "--device-code", "--no-browser"]);
    assert_eq!(run.code, 3, "{run:?}");
    let named = "no connection through the proxy 127.0.0.1:1 of HTTPS_PROXY";
    assert!(run.stderr.contains(named) && !run.stderr.contains("hunter2"), "{run:?}");
}

#[test]
fn certificates_that_are_not_there_are_a_mistake_of_the_configuration() {
    let mut env = TestEnv::new();
    env.sign_in();
    env.set("AWS_CA_BUNDLE", "/nonexistent/ca.pem");
    let named = "AWS_CA_BUNDLE: cannot read the certificates of /nonexistent/ca.pem: No such file";
    is_refused(&env.run(&DEV), &[named]);
    env.unset("AWS_CA_BUNDLE");
    let config = fs::read_to_string(env.path(".aws/config")).unwrap();
    let bundle = env.path("empty.pem");
    fs::write(&bundle, "").unwrap();
    let ca_bundle = format!("[profile dev]\nca_bundle = {}", bundle.display());
    env.write_config(&config.replace("[profile dev]", &ca_bundle));
    is_refused(&env.run(&DEV), &[".aws/config:5: ca_bundle: cannot read", "it holds no certif"]);
}

#[test]
fn a_variable_that_counts_and_is_not_a_text_is_named() {
    let env = TestEnv::new();
    env.sign_in();
    let config = fs::read_to_string(env.path(".aws/config")).unwrap();
    let keys = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\n\
                aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n";
    env.write_config(&format!(
        "{config}[default]\n{keys}[profile chain]\nsource_profile = dev\n\
         role_arn = arn:aws:iam::222233334444:role/Admin\n"
    ));
    for (arguments, name) in [
        (&["whoami"][..], "AWS_PROFILE"),
        (&["whoami"], "AWS_ACCESS_KEY_ID"),
        (&["whoami"], "AWS_REGION"),
        (&["credential-process", "--profile", "chain"], "AWS_DEFAULT_REGION"),
        (&DEV, "AWS_ENDPOINT_URL_SSO"),
        (&["credential-process", "--role-name", "R"], "AWS_SSO_ACCOUNT_ID"),
    ] {
        let mut command = env.command(arguments);
        // One key is no key: with the other one it counts.
        if name == "AWS_ACCESS_KEY_ID" {
            command.env("AWS_SECRET_ACCESS_KEY", "x");
        }
        let output = command.env(name, OsStr::from_bytes(b"prod\xff")).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}: {said}");
        assert!(said.contains(&format!("the variable {name} is not UTF-8")), "{said}");
        assert!(output.stdout.is_empty());
    }
    assert_eq!(run_with(&env, &DEV, "AWS_PROFILE", b"prod\xff").code, 0, "it is not asked for");
    assert_eq!(run_with(&env, &DEV, "LS_COLORS", b"\xff").code, 0);
    let link = env.home.path().join(OsStr::from_bytes(b"config\xff"));
    fs::rename(env.path(".aws/config"), &link).unwrap();
    let run = run_with(&env, &DEV, "AWS_CONFIG_FILE", link.as_os_str().as_bytes());
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn an_account_id_without_twelve_digits_is_refused_before_the_network() {
    let env = TestEnv::new();
    env.sign_in();
    let config = fs::read_to_string(env.path(".aws/config")).unwrap();
    env.write_config(&config.replace("sso_account_id = 1111", "sso_account_id = 1111-"));
    for command in ["credential-process", "whoami", "export"] {
        let run = env.run(&[command, "--profile", "dev"]);
        is_refused(&run, &[".aws/config:6: profile `dev`: `1111-22223333` is no account id"]);
    }
    let role = ["credential-process", "--sso-session", "work", "--role-name", "ReadOnly"];
    is_refused(&env.run(&[&role[..], &["--account-id", "1"]].concat()), &["twelve digits"]);
    let run = run_with(&env, &role, "AWS_SSO_ACCOUNT_ID", b"1");
    is_refused(&run, &["AWS_SSO_ACCOUNT_ID: `1` is no account id"]);
    assert_eq!(env.calls("GetRoleCredentials"), 0);
    // A sign-in needs no account.
    env.sign_in_to(&["--profile", "dev"]);
}

#[test]
fn a_section_that_is_not_read_is_told_by_every_command_that_asks_for_it() {
    let env = TestEnv::new();
    let sso = "sso_session = work\nsso_account_id = 111122223333\nsso_role_name = ReadOnly\n";
    let session = "[sso-session work]\nsso_start_url = https://d-1.awsapps.com/start\n\
                   sso_region = eu-west-1\n";
    env.write_config(&format!("{session}[dev]\n{sso}[profile my prof]\n{sso}[profile open\n{sso}"));
    for (name, line, reason) in [
        ("dev", 4, "in the config file its header is `[profile dev]`"),
        ("my prof", 8, "the name has characters outside"),
        ("open", 12, "the section header has no closing bracket"),
    ] {
        for command in ["credential-process", "whoami", "export", "login", "roles", "explain"] {
            let run = env.run(&[command, "--profile", name]);
            let told =
                format!(".aws/config:{line}:2: this is not read as profile `{name}`: {reason}");
            is_refused(&run, &[&told]);
        }
        for command in
            [&["exec", "--profile", name, "--", "true"][..], &["export", name], &["login", name]]
        {
            is_refused(&env.run(command), &["this is not read as"]);
        }
    }
    // Of a large file not every line is kept.
    let many: String = (0..6000).map(|n| format!("[profile p{n}]\n  region = x\n")).collect();
    env.write_config(&format!("{many}  [profile dev]\n{sso}"));
    let told = ".aws/config:12001:4: this is not read as profile `dev`: an indented section header";
    is_refused(&env.run(&["credential-process", "--profile", "dev"]), &[told]);
}

#[test]
fn endpoints_of_an_indented_file_go_where_they_are_meant() {
    let env = TestEnv::new();
    env.sign_in();
    let url = env.server.base_url().to_owned();
    let config = fs::read_to_string(env.path(".aws/config")).unwrap();
    let role =
        "  sso_session = work\n  sso_account_id = 111122223333\n  sso_role_name = ReadOnly\n";
    let indented = format!(
        "{config}[profile s3]\n{role}  s3 =\n    endpoint_url = http://127.0.0.1:1\n\
         [profile v]\n{role}  services = v\n[services v]\n  sso =\n    endpoint_url = {url}\n\
         [profile gone]\n{role}  services = gone\n"
    );
    env.write_config(&indented);
    let endpoint = |profile: &str| {
        let mut command = env.command(&["explain", "--profile", profile, "--output", "json"]);
        let output = command.env_remove("AWS_ENDPOINT_URL_SSO").output().unwrap();
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        json["endpoints"]["sso"].as_str().unwrap_or_default().to_owned()
    };
    assert!(endpoint("s3").starts_with("https://portal.sso."), "{}", endpoint("s3"));
    assert_eq!(endpoint("v"), format!("{url}/"));
    let mut command = env.command(&["credential-process", "--profile", "gone"]);
    let output = command.env_remove("AWS_ENDPOINT_URL_SSO").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("profile `gone` names the services `gone`, which do not exist"),
        "{said}"
    );
}

#[test]
fn what_needs_no_network_works_beside_a_proxy_that_cannot_be_used() {
    let mut env = TestEnv::new();
    env.sign_in();
    assert_eq!(env.run(&["credential-process", "--profile", "dev"]).code, 0);
    env.set("HTTPS_PROXY", "socks5://proxy.corp");
    env.set("AWS_CA_BUNDLE", "/nonexistent/bundle");
    let status = env.run(&["status"]);
    assert_eq!(status.code, 0, "{status:?}");
    assert!(status.stdout.contains("work"), "{status:?}");
    for command in [
        &["credential-process", "--profile", "dev"][..],
        &["export", "--profile", "dev"],
        &["exec", "--profile", "dev", "--", "true"],
    ] {
        let run = env.run(command);
        assert_eq!(run.code, 0, "{command:?}: {run:?}");
    }
    let server = env.run(&["exec", "--profile", "dev", "--server", "--", "true"]);
    assert_eq!(server.code, 0, "{server:?}");
}
