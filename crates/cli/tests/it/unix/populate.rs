//! `keyfob configure populate`, as users of aws-sso-util know it.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

use emulator::{Account, Fault, FaultKind};

use crate::support::{Run, TestEnv, wait_until};

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
        ("sh -c 'echo no name >&2; exit 3'", "no name\n"),
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
    let mut env = env();
    let before = config(&env);
    let region = ["-r", "eu-west-1"];
    for (options, told) in [
        (&["--components", "{who}"][..], "account_number, role_name"),
        (&["-u", "other", "--sso-region", "eu-central-1"], "the config has https://"),
        (&["-u", "https://other.awsapps.com/start"], "the config has https://"),
        (&["-c", "output"], "it is not KEY=VALUE"),
        (&["-c", "region=x"], "`region` is not one of -c"),
        (&["--trim-role-name", "(?=x)"], "--trim-role-name"),
        (&["-r", "eu west 1"], "did you mean eu-west-1?"),
        (&["-r", "eu-west-1]"], "is not a region of AWS"),
    ] {
        let run = populate(&env, &[&region, options].concat());
        assert_eq!((run.code, config(&env) == before), (2, true), "{run:?}");
        assert!(run.stderr.contains(told), "{told}: {run:?}");
    }
    assert!(populate(&env, &[]).stderr.contains("missing --region"));
    env.set("AWS_DEFAULT_REGION", "eu-wset-1");
    let run = populate(&env, &[]);
    assert!(run.code == 2 && run.stderr.contains("did you mean eu-west-1?"), "{run:?}");
    assert_eq!(env.calls("ListAccounts"), 0);
}

#[test]
fn keys_that_stand_in_a_profile_are_not_printed() {
    let env = env();
    populate(&env, &["-r", "us-east-1"]);
    let keys = "sso_role_name = Admin\naws_secret_access_key = hidden\nAWS_Session_Token = hidden\naws_security_token = hidden\n";
    let text = config(&env).replace("sso_role_name = Admin\n", keys);
    env.write_config(&text);
    for region in ["us-east-1", "eu-west-1"] {
        let dry_run = populate(&env, &["-r", region, "--dry-run"]);
        assert!(dry_run.stdout.contains("\naws_secret_access_key = ****\n"), "{dry_run:?}");
        let all = [dry_run, populate(&env, &["-r", region, "--overwrite-edited"])];
        for run in all {
            assert!(run.code == 0 && !format!("{run:?}").contains("hidden"), "{run:?}");
        }
    }
    assert_eq!(config(&env).matches(" = hidden").count(), text.matches(" = hidden").count());
}

#[test]
fn what_the_server_does_not_list_stays_and_is_told() {
    let env = env();
    let options = ["-r", "eu-west-1", "--prune"];
    assert_eq!(populate(&env, &options).code, 0);
    let before = config(&env);
    let set = |faults: &[Fault], accounts: &[Account]| {
        let idp = env.server.idp();
        let mut idp = idp.lock().unwrap();
        idp.set_faults(faults);
        idp.set_accounts(accounts);
    };
    let roles = |kind| Fault::new("ListAccountRoles", kind);
    // The roles of both accounts are gone, but neither a refusal nor a bad answer says so.
    let other = [Account::new("111122223333", "Team A [Prod]", &["Other"])];
    let throttled = Fault::new("*", FaultKind::Throttle { retry_after: Some(0) }).times(3);
    for (kind, code) in [(FaultKind::Forbidden, 0), (FaultKind::NotJson { status: 200 }, 5)] {
        set(
            &[throttled.clone(), roles(kind)],
            &[&other[..], &[Account::new("444455556666", "R&D", &[])]].concat(),
        );
        let run = populate(&env, &options);
        assert_eq!((run.code, config(&env)), (code, before.clone()), "{run:?}");
        for id in ["111122223333", "444455556666"] {
            let told = format!("warning: the roles of {id} were not listed: ListAccountRoles");
            assert_eq!(run.stderr.contains(&told), code == 5, "{run:?}");
        }
        let told = "the roles of 2 accounts could not be listed; the others are there";
        assert_eq!(run.stderr.contains(told), code == 5, "{run:?}");
    }
    set(&[roles(FaultKind::NotJson { status: 200 })], &other);
    let run = populate(&env, &["-r", "eu-west-1", "--force-refresh"]);
    assert_eq!((run.code, config(&env)), (5, before), "{run:?}");
    assert!(run.stderr.contains("the roles of 1 account could not be listed"), "{run:?}");
    // The next one finds out, and removes what is gone then.
    set(&[], &other);
    let run = populate(&env, &options);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stdout.contains("+ Team-A-Prod.Other\n") && run.stdout.contains("- R&D.Admin\n"));
}

#[test]
fn whoever_interrupts_a_listing_has_changed_nothing() {
    let env = env();
    let before = config(&env);
    let late = Fault::new("ListAccountRoles", FaultKind::Latency(Duration::from_secs(600)));
    env.server.idp().lock().unwrap().set_faults(&[late]);
    let run = env.start(&["configure", "populate", "-r", "eu-west-1", "--prune"]);
    wait_until("roles are asked for", || env.calls("ListAccountRoles") > 0);
    run.interrupt();
    let run = run.finish();
    assert_eq!((run.code, config(&env)), (130, before), "{run:?}");
    env.server.idp().lock().unwrap().set_faults(&[]);
    assert_eq!(populate(&env, &["-r", "eu-west-1"]).code, 0);
}
