use std::fs;

use crate::support::{TestEnv, mode};

fn config(env: &TestEnv) -> String {
    fs::read_to_string(env.path(".aws/config")).unwrap()
}

const SESSION: [&str; 7] = [
    "configure",
    "sso-session",
    "work",
    "--start-url",
    "https://d-1.awsapps.com/start",
    "--region",
    "eu-west-1",
];

#[test]
fn a_session_and_a_profile_are_written_into_an_empty_home() {
    let env = TestEnv::new();
    fs::remove_file(env.path(".aws/config")).unwrap();
    let run = env.run(&SESSION);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stdout.contains("+sso_region = eu-west-1"), "{run:?}");
    assert!(run.stderr.contains("keyfob login --sso-session work"), "{run:?}");
    let arguments = ["configure", "profile", "dev", "--account-id", "123456789012", "--role-name"];
    let more = ["ReadOnly", "--region", "eu-west-1", "--output", "json", "--credential-process"];
    let run = env.run(&[&arguments[..], &more[..]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("JavaScript runs credential_process"), "{run:?}");
    let keyfob = std::path::absolute(env!("CARGO_BIN_EXE_keyfob")).unwrap();
    let keyfob = keyfob.display();
    assert_eq!(
        config(&env),
        format!(
            "[sso-session work]\nsso_start_url = https://d-1.awsapps.com/start\n\
             sso_region = eu-west-1\nsso_registration_scopes = sso:account:access\n\n\
             [profile dev]\nsso_session = work\nsso_account_id = 123456789012\n\
             sso_role_name = ReadOnly\nregion = eu-west-1\noutput = json\n\
             credential_process = {keyfob} credential-process --profile dev\n"
        )
    );
    assert_eq!(mode(&env.path(".aws/config")), 0o600);
    let again = env.run(&SESSION);
    assert_eq!((again.code, again.stdout.as_str()), (0, ""), "{again:?}");
    assert!(again.stderr.contains("says so already"), "{again:?}");
}

#[test]
fn the_first_edit_leaves_a_backup_and_everything_else_as_it_was() {
    let env = TestEnv::new();
    let before = "# mine\r\n[profile old]\r\naws_secret_access_key = hunter2\r\nregion=x ; c\r\n";
    env.write_config(before);
    let run = env.run(&SESSION);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(!run.stdout.contains("hunter2"), "{run:?}");
    assert!(config(&env).starts_with(before));
    let backup = fs::read_to_string(env.path(".aws/config.keyfob-backup")).unwrap();
    assert_eq!(backup, before);
    let run = env.run(&[
        "configure",
        "sso-session",
        "two",
        "--start-url",
        "https://d-2.awsapps.com/start",
        "--region",
        "eu-west-1",
    ]);
    assert_eq!(run.code, 0, "{run:?}");
    let backup = fs::read_to_string(env.path(".aws/config.keyfob-backup")).unwrap();
    assert_eq!(backup, before);
}

#[test]
fn a_dry_run_shows_the_change_and_writes_nothing() {
    let env = TestEnv::new();
    let before = config(&env);
    let run = env.run(&["configure", "profile", "dev", "--region", "eu-west-1", "--dry-run"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stdout.contains("+region = eu-west-1"), "{run:?}");
    assert_eq!(config(&env), before);
    assert!(!env.path(".aws/config.keyfob-backup").exists());
}

#[test]
fn other_settings_are_not_overwritten_without_force() {
    let env = TestEnv::new();
    let before = config(&env);
    let arguments = ["configure", "profile", "dev", "--role-name", "Admin"];
    let run = env.run(&arguments);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("config:7: sso_role_name = ReadOnly"), "{run:?}");
    assert!(run.stderr.contains("hint: --force overwrites"), "{run:?}");
    assert_eq!(config(&env), before);
    let forced = [&arguments[..], &["--force"]].concat();
    assert_eq!(env.run(&forced).code, 0);
    assert_eq!(config(&env), before.replacen("ReadOnly", "Admin", 1));
}

#[test]
fn without_a_terminal_what_is_missing_is_listed() {
    let env = TestEnv::new();
    env.write_config("");
    let run = env.run(&["configure", "sso-session", "work"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("missing --start-url, --region"), "{run:?}");
    for what in ["sso-session", "profile"] {
        let run = env.run(&["configure", what]);
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.stderr.contains("missing NAME"), "{run:?}");
    }
    let run = env.run(&["configure", "profile", "dev", "--role-name", "R"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("--sso-session, or --start-url"), "{run:?}");
    assert!(run.stderr.contains("--account-id"), "{run:?}");
    assert_eq!(config(&env), "");
}

#[test]
fn what_some_sdk_would_not_read_is_refused() {
    let env = TestEnv::new();
    let before = config(&env);
    let profile = ["configure", "profile"];
    let role = ["--account-id", "123456789012", "--role-name", "R"];
    let run = env.run(&[&profile[..], &["my prof"], &role].concat());
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("is not a name that every tool reads"), "{run:?}");
    let output = ["p", "--output", "x\n[profile evil]"];
    let run = env.run(&[&profile[..], &output, &role].concat());
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("control characters"), "{run:?}");
    let run = env.run(&["configure", "sso-session", "s", "--start-url", "u", "--region", "a/b"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert_eq!(config(&env), before);
}

#[test]
fn a_legacy_profile_is_written_from_the_variables_of_aws_sso_util() {
    let mut env = TestEnv::new();
    env.write_config("");
    env.set("AWS_CONFIGURE_SSO_DEFAULT_SSO_START_URL", "https://d-1.awsapps.com/start");
    env.set("AWS_CONFIGURE_SSO_DEFAULT_SSO_REGION", "eu-west-1");
    let role = ["--account-id", "123456789012", "--role-name", "R"];
    let run = env.run(&[&["configure", "profile", "p"], &role[..]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(
        config(&env),
        "[profile p]\nsso_start_url = https://d-1.awsapps.com/start\nsso_region = eu-west-1\n\
         sso_account_id = 123456789012\nsso_role_name = R\n"
    );
}

#[test]
fn what_cannot_work_is_refused_with_what_was_meant() {
    let env = TestEnv::new();
    let before = config(&env);
    let role = ["--role-name", "R", "--account-id"];
    for (arguments, told) in [
        (&["profile", "p", "1234-5678-9012"][..], "`1234-5678-9012` is no account id"),
        (
            &["profile", "p", "123456789012", "--region", "eu-west1"],
            "`eu-west1` is not a region of AWS; did you mean eu-west-1?",
        ),
        (
            &[
                "profile",
                "p",
                "123456789012",
                "--start-url",
                "https://d-1.awsapps.com/start",
                "--sso-region",
                "us-esat-1",
            ],
            "did you mean us-east-1?",
        ),
    ] {
        let (name, more) = arguments.split_at(2);
        let run = env.run(&[&["configure"], name, &role, more].concat());
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.stderr.contains(told), "{run:?}");
    }
    let mut session = SESSION;
    session[6] = "aws-global";
    assert_eq!(env.run(&session).code, 2);
    session[6] = "eu-wset-1";
    let run = env.run(&session);
    assert!(run.stderr.contains("hint: --force writes it all the same"), "{run:?}");
    assert_eq!(config(&env), before);
    session[6] = "eu-west-9";
    session[2] = "new";
    let run = env.run(&session);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("warning: keyfob does not know the region `eu-west-9`"), "{run:?}");
}

#[test]
fn a_start_url_from_the_browser_is_cleaned_and_told() {
    let env = TestEnv::new();
    env.write_config("[other]\n");
    let mut session = SESSION;
    session[4] = "https://d-1.awsapps.com/start/#/?tab=accounts";
    let run = env.run(&session);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("The start URL is https://d-1.awsapps.com/start, wi"), "{run:?}");
    assert!(config(&env).contains("sso_start_url = https://d-1.awsapps.com/start\n"));
    let role = ["--account-id", "123456789012", "--role-name", "R"];
    let run = env.run(&[&["configure", "profile", "other"], &role[..]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("warning: ") && run.stderr.contains("config:1:2: this is not"));
}

#[test]
fn legacy_profiles_become_ones_with_a_session() {
    let env = TestEnv::new();
    let legacy = "sso_start_url = https://d-1.awsapps.com/start\nsso_region = eu-west-1\n";
    let role = "sso_account_id = 1\nsso_role_name = R\n";
    env.write_config(&format!(
        "[profile a] # first\n{legacy}{role}\n[profile b]\n{role}{legacy}\n\
         [sso-session d-1]\nsso_start_url = https://other.awsapps.com/start\nsso_region = x\n"
    ));
    let dry = env.run(&["configure", "migrate", "--all", "--dry-run"]);
    assert!(dry.stdout.contains("+sso_session = d-1-2"), "{dry:?}");
    let run = env.run(&["configure", "migrate", "--profile", "a"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("keyfob login --sso-session d-1-2"), "{run:?}");
    assert_eq!(env.run(&["configure", "migrate", "--all"]).code, 0);
    assert_eq!(
        config(&env),
        format!(
            "[profile a] # first\n{role}sso_session = d-1-2\n\n[profile b]\n{role}\
             sso_session = d-1-2\n\n\
             [sso-session d-1]\nsso_start_url = https://other.awsapps.com/start\nsso_region = x\n\n\
             [sso-session d-1-2]\n{legacy}sso_registration_scopes = sso:account:access\n"
        )
    );
    let run = env.run(&["configure", "migrate", "--profile", "a"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(env.run(&["configure", "migrate", "--all"]).stderr.contains("no legacy profile"));
}

#[test]
fn a_profile_that_gets_its_credentials_otherwise_is_not_made_a_riddle() {
    let env = TestEnv::new();
    let role = ["--account-id", "111122223333", "--role-name", "ReadOnly"];
    for other in [
        "role_arn = arn:aws:iam::222233334444:role/Hub\nsource_profile = dev",
        "aws_access_key_id = AKIA1\naws_secret_access_key = s",
        "credential_process = true",
        "login_session = arn:aws:sts::1:x",
    ] {
        let config = format!(
            "[sso-session work]\nsso_start_url = https://x.awsapps.com/start\n\
             sso_region = eu-west-1\n[profile dev]\nsso_session = work\n\
             sso_account_id = 111122223333\nsso_role_name = ReadOnly\n[profile hub]\n{other}\n"
        );
        env.write_config(&config);
        let arguments = [&["configure", "profile", "hub"][..], &role].concat();
        let run = env.run(&arguments);
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.stderr.contains("config:8: profile `hub` gets its credentials by"), "{run:?}");
        assert_eq!(fs::read_to_string(env.path(".aws/config")).unwrap(), config);
        let run = env.run(&[&arguments[..], &["--force"]].concat());
        assert_eq!(run.code, 0, "{run:?}");
    }
}

#[test]
fn a_dry_run_names_no_command_for_what_is_not_there() {
    let env = TestEnv::new();
    let session = ["--start-url", "https://x.awsapps.com/start", "--region", "eu-west-1"];
    let run = env.run(&[&["configure", "sso-session", "w", "--dry-run"][..], &session].concat());
    assert!(run.code == 0 && !run.stderr.contains("keyfob login"), "{run:?}");
    let run = env.run(&["configure", "migrate", "--all", "--dry-run"]);
    assert!(run.code == 0 && !run.stderr.contains("keyfob login"), "{run:?}");
    let run = env.run(&["configure", "migrate"]);
    assert!(run.code == 2 && run.stderr.contains("--all"), "{run:?}");
    let run = env.run(&["configure", "sso-session", "a b"]);
    assert!(run.code == 2 && run.stderr.contains("a b"), "{run:?}");
}

#[test]
fn the_region_of_a_session_is_found_out() {
    let mut env = TestEnv::with_tls();
    env.write_config("");
    let url = "https://keyfob.awsapps.com/start";
    let configure = ["configure", "sso-session", "acme", "--start-url", url];
    let run = env.run(&configure);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.starts_with(&format!("{url} is in eu-central-1.\n")), "{run:?}");
    let config = fs::read_to_string(env.path(".aws/config")).unwrap();
    assert!(config.contains("sso_region = eu-central-1\n"), "{config}");
    // Where it cannot be asked, it has to be said.
    env.write_config("");
    env.set("HTTPS_PROXY", "http://127.0.0.1:1");
    let run = env.run(&configure);
    assert!(run.code == 2 && run.stderr.contains("missing --region"), "{run:?}");
}
