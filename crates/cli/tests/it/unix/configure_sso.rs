//! `keyfob configure sso`: from nothing to a working profile.

use std::fs;

use crate::support::{Run, TestEnv};

fn config(env: &TestEnv) -> String {
    fs::read_to_string(env.path(".aws/config")).unwrap_or_default()
}

/// A home with nothing in it.
fn empty(env: TestEnv) -> TestEnv {
    fs::remove_dir_all(env.path(".aws")).unwrap();
    env
}

/// The start URL of the emulator, and its region.
fn portal(env: &TestEnv) -> (String, String) {
    let text = config(env);
    let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).unwrap();
    (value("sso_start_url = ").to_owned(), value("sso_region = ").to_owned())
}

const WRITTEN: &str = "[profile Staging.Developer]\nsso_session = acme\n\
    sso_account_id = 222233334444\nsso_role_name = Developer\nregion = eu-west-1\n";

/// All that can be said, but for the name.
const ALL: [&str; 12] = [
    "--sso-session",
    "acme",
    "--start-url",
    "https://d-1.awsapps.com/start",
    "--sso-region",
    "eu-central-1",
    "--account-id",
    "222233334444",
    "--role-name",
    "Developer",
    "--region",
    "eu-west-1",
];

fn run(env: &TestEnv, arguments: &[&str]) -> Run {
    env.run(&[&["configure", "sso"], arguments].concat())
}

#[test]
fn from_an_empty_home_to_a_profile_that_works() {
    let env = empty(TestEnv::with_tls());
    let mut terminal = env.terminal("{keyfob} configure sso");
    terminal.wait_for("Name of the session: sso");
    terminal.type_text("\u{15}acme\r");
    terminal.wait_for("Start URL of the access portal:");
    terminal.type_text("https://keyfob.awsapps.com/start/#/\r");
    terminal.wait_for("https://keyfob.awsapps.com/start is in eu-central-1.");
    terminal.wait_for("Region of Identity Center: eu-central-1");
    terminal.type_text("\r");
    terminal.wait_for("Signing in to `acme` with a device code");
    terminal.wait_for("Account:");
    assert!(!env.path(".aws/config").exists());
    terminal.type_text("stag\r");
    terminal.wait_for("Role:");
    terminal.type_text("develop\r");
    terminal.wait_for("Region of the profile, or nothing: eu-central-1");
    terminal.type_text("\u{15}eu-west-1\r");
    terminal.wait_for("Name of the profile: Staging.Developer");
    terminal.type_text("\r");
    terminal.wait_for("Write a profile for every other role, too?");
    assert!(!env.path(".aws/config").exists());
    terminal.type_text("\r");
    let (code, shown) = terminal.finish();
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("Use it with `keyfob exec --profile Staging.Developer"), "{shown}");
    let session = "[sso-session acme]\nsso_start_url = https://keyfob.awsapps.com/start\n\
                   sso_region = eu-central-1\nsso_registration_scopes = sso:account:access\n\n";
    assert_eq!(config(&env), format!("{session}{WRITTEN}"));
    assert_eq!(env.run(&["credential-process", "--profile", "Staging.Developer"]).code, 0);
}

#[test]
fn whoever_wants_all_roles_gets_each_of_them_once() {
    let env = TestEnv::new();
    let (start_url, region) = portal(&env);
    let env = empty(env);
    let portal = format!("--sso-session acme --start-url {start_url} --sso-region {region}");
    let role = "--account-id 222233334444 --role-name Developer --region eu-west-1";
    let mut terminal = env.terminal(&format!("{{keyfob}} configure sso {portal} {role}"));
    terminal.wait_for("Name of the profile: Staging.Developer");
    terminal.type_text("\r");
    terminal.wait_for("Write a profile for every other role, too?");
    terminal.type_text("y\r");
    let (code, shown) = terminal.finish();
    assert_eq!(code, 0, "{shown}");
    let text = config(&env);
    assert!(text.contains(WRITTEN) && text.matches("[profile ").count() > 3, "{text}");
    assert_eq!(text.matches("sso_role_name = Developer\n").count(), 1, "{text}");
    let (profiles, regions) = (text.matches("[profile "), text.matches("\nregion = eu-west-1\n"));
    assert_eq!(profiles.count(), regions.count(), "{text}");
    assert_eq!(env.run(&["profiles", "sync"]).code, 0);
    assert_eq!(config(&env), text);
}

#[test]
fn the_sessions_of_the_config_are_offered_and_a_new_one() {
    let env = TestEnv::new();
    env.sign_in();
    let before = config(&env);
    let mut terminal = env.terminal("{keyfob} configure sso --no-sync");
    terminal.wait_for("Session:");
    terminal.wait_for("work");
    terminal.wait_for("a new one");
    terminal.type_text("\r");
    terminal.wait_for("Account:");
    terminal.type_text("stag\r");
    terminal.wait_for("Role:");
    terminal.type_text("develop\r");
    terminal.wait_for("Region of the profile");
    terminal.type_text("\u{15}\r");
    terminal.wait_for("Name of the profile:");
    // One that is there, and is something else.
    terminal.type_text("\u{15}dev\r");
    terminal.wait_for("sso_account_id = 111122223333");
    terminal.type_text("\u{15}mine\r");
    let (code, shown) = terminal.finish();
    assert_eq!(code, 0, "{shown}");
    let written = "\n[profile mine]\nsso_session = work\nsso_account_id = 222233334444\n\
                   sso_role_name = Developer\n";
    assert_eq!(config(&env), format!("{before}{written}"));

    let mut terminal = env.terminal("{keyfob} configure sso");
    terminal.wait_for("a new one");
    terminal.type_text("a new\r");
    terminal.wait_for("Name of the session: ");
    terminal.interrupt();
    assert_eq!(terminal.finish().0, 130);
}

#[test]
fn a_second_run_changes_nothing_and_says_what_is_there() {
    let env = TestEnv::new();
    env.sign_in();
    let before = config(&env).replace("[profile dev]", "# mine\n[profile dev] # this one")
        + "region=us-east-1\n[profile dev]\nregion   = us-west-2\n";
    env.write_config(&before);
    let (code, shown) = env.terminal("{keyfob} configure sso dev --no-sync").finish();
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("config:5: the profile `dev` is there already"), "{shown}");
    assert!(shown.contains("says so already"), "{shown}");
    let again = run(&env, &["--profile", "dev", "--region", "us-west-2"]);
    assert_eq!((again.code, again.stdout.as_str()), (0, ""), "{again:?}");
    assert_eq!(config(&env), before);
    // What is said otherwise is refused, with the line.
    for (option, value, line) in [
        ("--role-name", "Admin", "config:8: sso_role_name = ReadOnly"),
        ("--region", "eu-west-1", "region = us-west-2"),
        ("--start-url", "https://d-1.awsapps.com/start", "config:2: sso_start_url = "),
        ("--sso-region", "us-east-1", "config:3: sso_region = eu-central-1"),
    ] {
        let run = run(&env, &["dev", "--sso-session", "work", option, value]);
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.stderr.contains(line) && run.stderr.contains("--force"), "{run:?}");
    }
    assert_eq!(config(&env), before);
    assert!(!env.path(".aws/config.keyfob-backup").exists());
}

#[test]
fn without_questions_all_that_is_missing_is_named_at_once() {
    let env = empty(TestEnv::new());
    let missing = |arguments: &[&str], expected: &str| {
        for more in [&[][..], &["--non-interactive"]] {
            let run = run(&env, &[arguments, more].concat());
            assert_eq!(run.code, 2, "{run:?}");
            assert!(run.stderr.contains(&format!("missing {expected}\n")), "{run:?}");
        }
    };
    let named = [&ALL[..], &["--profile", "new"]].concat();
    let all = "--sso-session, --start-url, --sso-region, --account-id, --role-name";
    missing(&[], &format!("NAME, {all}"));
    missing(&ALL, "NAME");
    for (at, option) in named.iter().enumerate().step_by(2).take(5) {
        let mut rest = named.clone();
        rest.drain(at..at + 2);
        missing(&rest, option);
    }
    // A terminal makes no difference where nobody shall be asked.
    let (code, shown) = env.terminal("{keyfob} configure sso --non-interactive").finish();
    assert!(code == 2 && shown.contains(all), "{shown}");
    assert!(env.server.idp().lock().unwrap().calls().is_empty());
    assert!(!env.path(".aws").exists());
    let run = run(&env, &[&ALL[..], &["new"]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("keyfob login --sso-session acme"), "{run:?}");
    assert!(env.server.idp().lock().unwrap().calls().is_empty());
    let written = WRITTEN.replace("Staging.Developer", "new");
    assert!(config(&env).ends_with(&written), "{}", config(&env));
}

#[test]
fn without_questions_the_region_is_found_out_and_a_sign_in_has_to_be_said() {
    let env = empty(TestEnv::with_tls());
    let url = "https://keyfob.awsapps.com/start";
    let portal = ["--sso-session", "acme", "--start-url", url];
    let role = [&ALL[6..], &["--use-device-code", "--no-browser", "--sync", "new"]].concat();
    let run = run(&env, &[&portal[..], &role].concat());
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains(&format!("{url} is in eu-central-1.")), "{run:?}");
    assert!(run.stderr.contains("Signed in to `acme`"), "{run:?}");
    assert!(run.stdout.contains("\n+ Staging.Developer\n"), "{run:?}");
    assert_eq!(env.run(&["credential-process", "--profile", "new"]).code, 0);
}

#[test]
fn whoever_gives_up_at_any_question_has_changed_nothing() {
    let env = TestEnv::new();
    let before = config(&env);
    let start_url = portal(&env).0 + "\r";
    let questions = [
        ("Session:", "a new\r"),
        ("Name of the session:", "\u{15}acme\r"),
        ("Start URL", &start_url),
        ("Region of Identity", "eu-central-1\r"),
        ("Account:", "stag\r"),
        ("Role:", "develop\r"),
        ("Region of the profile", "\r"),
        ("Name of the profile", "\r"),
        ("every other role", ""),
    ];
    for key in ["\u{3}", "\u{1b}"] {
        for last in 0..questions.len() {
            let mut terminal = env.terminal("{keyfob} configure sso");
            for (question, answer) in &questions[..last] {
                terminal.wait_for(question);
                terminal.type_text(answer);
            }
            terminal.wait_for(questions[last].0);
            terminal.type_text(key);
            let (code, shown) = terminal.finish();
            assert_eq!(code, 130, "{shown}");
            assert_eq!(config(&env), before, "{shown}");
        }
    }
    assert!(!env.path(".aws/config.keyfob-backup").exists());
}

#[test]
fn whoever_gives_up_the_sign_in_has_changed_nothing() {
    let env = TestEnv::with_person();
    let before = config(&env);
    let mut terminal = env.terminal("exec {keyfob} configure sso --sso-session work");
    terminal.wait_for("Waiting (Ctrl-C to stop)");
    terminal.interrupt();
    let (code, shown) = terminal.finish();
    assert_eq!((code, config(&env)), (130, before), "{shown}");
}

#[test]
fn what_cannot_work_is_told_before_anything_is_asked() {
    let env = TestEnv::new();
    let before = config(&env);
    for (arguments, told) in [
        ("'a b'", "a b"),
        ("--sso-session 'a b'", "a b"),
        ("--account-id 12", "twelve digits"),
        ("--region eu-wset-1", "did you mean eu-west-1?"),
        ("--start-url d-1", "is not a start URL"),
        ("--sync --no-sync", "cannot be used with"),
        ("--profile x y", "cannot be used with"),
    ] {
        let (code, shown) = env.terminal(&format!("{{keyfob}} configure sso {arguments}")).finish();
        assert!(code == 2 && shown.contains(told), "{arguments}: {shown}");
    }
    // A role that is not assigned, and one that nearly is.
    env.sign_in();
    let given = "--sso-session work --account-id 222233334444 --role-name Develper";
    let (code, shown) = env.terminal(&format!("{{keyfob}} configure sso {given}")).finish();
    assert!(code == 4 && shown.contains("did you mean `Developer`?"), "{shown}");
    // A session with a line that nobody understands.
    env.write_config(&before.replacen("sso_region", "what\nsso_region", 1));
    let given = "new --account-id 222233334444 --role-name Developer";
    let (code, shown) =
        env.terminal(&format!("{{keyfob}} configure sso {given} --sso-session work")).finish();
    assert!(code == 2 && shown.contains("config:3:"), "{shown}");
}

#[test]
fn a_dry_run_shows_what_would_be_written() {
    let env = empty(TestEnv::new());
    let run = run(&env, &[&ALL[..], &["new", "--dry-run"]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stdout.contains("+[sso-session acme]") && run.stdout.contains("+[profile new]"));
    assert!(!run.stderr.contains("keyfob login"), "{run:?}");
    assert!(!env.path(".aws").exists());
}
