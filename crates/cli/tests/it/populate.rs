//! `keyfob configure populate`, as users of aws-sso-util know it.

use std::fs;
use std::os::unix::fs::MetadataExt;

use emulator::Account;

use crate::support::{Run, TestEnv};

const URL: &str = "https://keyfob.awsapps.com/start";

/// A home as aws-sso-util leaves it: profiles with a start URL, and a sign-in of it.
fn env() -> TestEnv {
    let env = TestEnv::new();
    let accounts = [
        Account::new("111122223333", "Team A [Prod]", &["Admin", "ReadOnly"]),
        Account::new("444455556666", "R&D", &["Admin"]),
    ];
    env.server.idp().lock().unwrap().set_accounts(&accounts);
    env.write_config(&format!(
        "# mine\n[profile old]\nsso_start_url = {URL}\nsso_region = eu-central-1\n\
         sso_account_id = 111122223333\nsso_role_name = Admin\n"
    ));
    env.sign_in_to(&["--start-url", URL, "--sso-region", "eu-central-1"]);
    env
}

fn populate(env: &TestEnv, options: &[&str]) -> Run {
    env.run(&[&["configure", "populate"], options].concat())
}

fn config(env: &TestEnv) -> String {
    fs::read_to_string(env.path(".aws/config")).unwrap()
}

#[test]
fn every_role_gets_a_profile_that_works_and_a_second_time_nothing_is_touched() {
    let env = env();
    let before = config(&env);
    let run = populate(&env, &["-r", "eu-west-1", "-c", "output=json"]);
    assert_eq!(run.code, 0, "{run:?}");
    let keyfob = env!("CARGO_BIN_EXE_keyfob");
    let own = format!(
        "\n[profile Team-A-Prod.ReadOnly]\nsso_start_url = {URL}\nsso_region = eu-central-1\n\
         sso_account_name = Team A [Prod]\nsso_account_id = 111122223333\n\
         sso_role_name = ReadOnly\nregion = eu-west-1\noutput = json\n\
         credential_process = {keyfob} credential-process --profile Team-A-Prod.ReadOnly\n\
         sso_auto_populated = true\nkeyfob_sync = v1 {URL} 111122223333 ReadOnly "
    );
    let text = config(&env);
    assert!(text.starts_with(&before) && text.contains(&own), "{text}");
    assert!(text.contains("\n[profile 'R&D.Admin']\n"), "{text}");
    for name in ["Team-A-Prod.Admin", "R&D.Admin"] {
        let run = env.run(&["credential-process", "--profile", name]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    }
    let written = fs::metadata(env.path(".aws/config")).unwrap();
    let again = populate(&env, &["-r", "eu-west-1", "-c", "output=json"]);
    assert!(again.stderr.contains("+0 -0 ~0 !0 of 3 profiles"), "{again:?}");
    let touched = fs::metadata(env.path(".aws/config")).unwrap();
    assert_eq!((written.ino(), written.mtime_nsec()), (touched.ino(), touched.mtime_nsec()));
}

#[test]
fn what_aws_sso_util_made_is_taken_over_and_what_a_person_wrote_stays() {
    let env = env();
    let section = |name: &str, role: &str, more: &str| {
        format!(
            "[profile {name}]\nsso_start_url = {URL}\nsso_region = eu-central-1\n\
             sso_account_id = 111122223333\nsso_role_name = {role}\nregion = eu-west-1\n{more}\n"
        )
    };
    let command = "credential_process = aws-sso-util credential-process --profile x\n\
                   sso_auto_populated = true\ncli_pager = less";
    let theirs = section("Team-A-Prod.Admin", "Admin", command);
    let person = section("Team-A-Prod.ReadOnly", "ReadOnly", "# by hand");
    env.write_config(&format!("{theirs}\n{person}"));
    let run = populate(&env, &["-r", "eu-west-1", "-c", "cli_pager=cat"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("the new one is `Team-A-Prod.ReadOnly.sso`"), "{run:?}");
    let text = config(&env);
    assert!(text.contains(&person), "{text}");
    assert_eq!(text.matches("[profile Team-A-Prod.Admin]").count(), 1, "{text}");
    assert!(text.contains("cli_pager = less") && !text.contains("aws-sso-util"), "{text}");

    let overwrite = ["-r", "eu-west-1", "-c", "cli_pager=cat", "--existing-config-action"];
    populate(&env, &[&overwrite[..], &["overwrite"]].concat());
    assert!(!config(&env).contains("cli_pager = less"));
    populate(&env, &["-r", "eu-west-1", "--existing-config-action", "discard"]);
    let text = config(&env);
    assert!(!text.contains("cli_pager") && text.contains(&person), "{text}");

    // A setting that a person changes is theirs.
    let edited = text.replacen("region = eu-west-1\n", "region = us-east-1\n", 1);
    env.write_config(&edited);
    let run = populate(&env, &["-r", "eu-west-1"]);
    assert!(run.stdout.contains("! Team-A-Prod.Admin") && config(&env) == edited, "{run:?}");
    populate(&env, &["-r", "eu-west-1", "--overwrite-edited"]);
    assert_eq!(config(&env).matches("region = us-east-1").count(), 0);
}

#[test]
fn prune_removes_what_is_no_longer_assigned_and_was_not_changed() {
    let env = env();
    let options = ["-r", "us-east-1", "-r", "eu-west-1", "-c", "output=json"];
    populate(&env, &options);
    assert_eq!(config(&env).matches("sso_auto_populated").count(), 6);
    let left = [Account::new("444455556666", "R&D", &["Admin"])];
    env.server.idp().lock().unwrap().set_accounts(&left);
    let run = populate(&env, &[&options[..], &["--prune"]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    let text = config(&env);
    assert_eq!(text.matches("sso_auto_populated").count(), 2, "{text}");
    assert!(text.contains("[profile 'R&D.Admin.euwe1']") && text.contains("# mine"), "{text}");
}

#[test]
fn a_dry_run_prints_the_profiles_and_writes_nothing() {
    let env = env();
    let before = config(&env);
    let run = populate(&env, &["--dry-run", "--region", "us-east-1", "--no-credential-process"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stdout.starts_with("[profile R&D.Admin]\nsso_start_url = "), "{run:?}");
    assert!(
        run.stdout.contains("\n\n[profile Team-A-Prod.Admin]\n")
            && !run.stdout.contains("credential_process")
    );
    assert!(!run.stdout.contains("[profile old]"), "{run:?}");
    assert_eq!(config(&env), before);
}

#[test]
fn a_command_may_name_the_profiles() {
    let env = env();
    let script = "sh -c 'test \"$3\" = Admin && echo SKIP || echo \" $1.$4.$7 \"' x";
    let run = populate(&env, &["-r", "us-east-1", "--profile-name-process", script]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stdout.contains("+ Team-A-Prod.us-east-1.1\n"), "{run:?}");
    assert_eq!(config(&env).matches("sso_auto_populated").count(), 1);

    let before = config(&env);
    for (command, told) in [
        ("false", "'R&D' 444455556666 Admin: exit status: 1"),
        ("/nonexistent/command", "No such file"),
        ("'", "cannot be read"),
    ] {
        let run = populate(&env, &["-r", "us-east-1", "--profile-name-process", command]);
        assert_ne!(run.code, 0, "{run:?}");
        assert!(run.stderr.contains(told), "{run:?}");
        assert_eq!(config(&env), before);
    }
}

#[test]
fn what_is_missing_or_wrong_is_told_and_nothing_is_asked_of_the_server() {
    let env = env();
    let before = config(&env);
    for (options, told) in [
        (&[][..], "missing --region"),
        (&["-r", "r", "--components", "{who}"], "account_number, role_name"),
        (&["-r", "r", "-u", "other", "--sso-region", "eu-central-1"], "the config has https://"),
        (&["-r", "r", "-u", "https://other.awsapps.com/start"], "the config has https://"),
        (&["-r", "r", "-c", "output"], "it is not KEY=VALUE"),
        (&["-r", "r", "-c", "region=x"], "`region` is not one of -c"),
        (&["-r", "r", "--trim-role-name", "(?=x)"], "--trim-role-name"),
    ] {
        let run = populate(&env, options);
        assert_eq!((run.code, config(&env) == before), (2, true), "{run:?}");
        assert!(run.stderr.contains(told), "{told}: {run:?}");
    }
    assert_eq!(env.calls("ListAccounts"), 0);
}
