//! Whose credentials a command means that names no profile with an option.

use serde_json::Value;

use crate::support::TestEnv;

/// Three profiles, and an index with the roles of all accounts.
fn env() -> TestEnv {
    let env = TestEnv::new();
    env.sign_in();
    assert_eq!(env.run(&["roles", "--output", "json"]).code, 0);
    env
}

/// Whom the credentials belong to that a command exports.
fn account_and_role(env: &TestEnv, arguments: &[&str]) -> (String, String) {
    let run = env.run(&[&["whoami", "--output", "json"], arguments].concat());
    assert_eq!(run.code, 0, "{run:?}");
    let who: Value = serde_json::from_str(&run.stdout).unwrap();
    let arn = who["arn"].as_str().unwrap();
    let role = arn.split('/').nth(1).unwrap();
    let role = role.strip_prefix("AWSReservedSSO_").and_then(|role| role.rsplit_once('_'));
    (who["account"].as_str().unwrap().to_owned(), role.unwrap().0.to_owned())
}

fn config(env: &TestEnv) -> String {
    std::fs::read_to_string(env.path(".aws/config")).unwrap()
}

fn start_url(env: &TestEnv) -> String {
    let config = config(env);
    config.lines().find_map(|line| line.strip_prefix("sso_start_url = ")).unwrap().to_owned()
}

fn fails(env: &TestEnv, arguments: &[&str], texts: &[&str]) {
    let run = env.run(arguments);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run:?}");
    for text in texts {
        assert!(run.stderr.contains(text), "{text:?} is not in {run:?}");
    }
}

#[test]
fn the_variable_counts_where_no_option_names_a_profile_and_then_the_default() {
    let mut env = env();
    fails(&env, &["export"], &["no profile is named", "keyfob profiles"]);
    let config = std::fs::read_to_string(env.path(".aws/config")).unwrap();
    env.write_config(&format!("{config}[default]\nregion = eu-west-1\n"));
    fails(&env, &["exec", "--", "true"], &["no `default` with credentials"]);
    env.write_config(&config.replace("[profile dev]", "[default]"));
    let run = env.run(&["exec", "--", "sh", "-c", "echo $KEYFOB_EXEC"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "default\n"), "{run:?}");
    env.write_config(&config);
    env.set("AWS_PROFILE", "dev");
    let run = env.run(&["exec", "--", "sh", "-c", "echo $KEYFOB_EXEC"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "dev\n"), "{run:?}");
    assert!(env.run(&["explain"]).stdout.starts_with("profile dev\n"));
    env.set("AWS_PROFILE", "dve");
    for command in ["export", "explain", "login", "logout", "roles"] {
        fails(&env, &[command], &["no profile `dve`", "did you mean `dev`?"]);
    }
    assert_eq!(env.run(&["export", "--profile", "dev"]).code, 0);
    env.set("AWS_PROFILE", "dev");
    fails(&env, &["credential-process"], &["AWS_PROFILE is not read here: add `--profile dev`"]);
}

#[test]
fn words_name_a_profile_or_a_role_that_no_profile_has() {
    let env = env();
    let account = |name| account_and_role(&env, name);
    assert_eq!(account(&["dev"]), ("111122223333".into(), "ReadOnly".into()));
    assert_eq!(account(&["DEV"]), ("111122223333".into(), "ReadOnly".into()));
    assert_eq!(account(&["staging", "dev"]), ("222233334444".into(), "Developer".into()));
    fails(
        &env,
        &["export", "staging"],
        &["`staging` fits several:", "ReadOnly       222233334444"],
    );
    fails(&env, &["export", "tion"], &["fits no profile and no role"]);
    fails(&env, &["export", "prodution"], &["did you mean `Production`?"]);
    fails(&env, &["export", "dev", "--profile", "old"], &["leave out one of both"]);
    let besides = ["--mfa-code", "123456", "--force-refresh"];
    assert_eq!(account(&[&["staging", "dev"][..], &besides].concat()).1, "Developer");
}

#[test]
fn a_role_that_is_refused_is_answered_with_the_one_that_is_there() {
    let env = env();
    let refused = |account_id, role_name| {
        let run = env.run(&["export", "--account-id", account_id, "--role-name", role_name]);
        assert_eq!((run.code, run.stdout.as_str()), (4, ""), "{run:?}");
        run.stderr
    };
    assert!(refused("111122223333", "ReadOlny").contains("did you mean `ReadOnly`?"));
    assert!(refused("222233334445", "ReadOnly").contains("did you mean `222233334444`?"));
    assert!(!refused("111122223333", "Nobody").contains("did you mean"));
}

#[test]
fn words_before_the_dashes_are_no_part_of_the_command() {
    let env = env();
    let script = "echo $KEYFOB_EXEC $0 $1";
    let run = env.run(&["exec", "dev", "--", "sh", "-c", script, "a", "--"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "dev a --\n"), "{run:?}");
    assert!(run.stderr.contains("With the credentials of dev:"), "{run:?}");
    let run = env.run(&["exec", "--profile", "dev", "sh", "-c", script, "a", "--", "b"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "dev a --\n"), "{run:?}");
    let run = env.run(&["exec", "--profile", "dev", "old"]);
    assert!(run.code == 127 && run.stderr.contains("`keyfob exec --profile old`?"), "{run:?}");
    let run = env.run(&["exec", "staging", "developer", "--", "sh", "-c", script, "a", "b"]);
    assert_eq!(run.stdout, "Developer@222233334444 a b\n", "{run:?}");
}

#[test]
fn whoever_forgets_the_dashes_is_told_where_they_belong() {
    let mut env = env();
    env.set("PATH", "/usr/bin:/bin");
    for variable in [None, Some("old")] {
        if let Some(name) = variable {
            env.set("AWS_PROFILE", name);
        }
        for (arguments, meant) in [
            (&["dev"][..], "keyfob exec dev --`"),
            (&["dev", "sh", "-c", "echo a"], "keyfob exec dev -- sh -c 'echo a'`"),
            (&["staging", "developer", "sh", "-c", "x"], "exec staging developer -- sh -c x`"),
            (
                &["dev", "--region", "r", "--", "true"],
                "before the words: `keyfob exec OPTION... dev --",
            ),
        ] {
            let run = env.run(&[&["exec"], arguments].concat());
            assert_eq!((run.code, run.stdout.as_str()), (127, ""), "{run:?}");
            assert!(run.stderr.contains(meant), "{meant} is not in {run:?}");
            assert!(!run.stderr.contains("With the credentials"), "{run:?}");
        }
    }
    let (code, shown) = env.terminal("{keyfob} exec dev").finish();
    assert!(code == 127 && shown.contains("did you mean `keyfob exec dev --`?"), "{shown}");
    // A program is one, whatever else has its name.
    env.write_config(&config(&env).replace("[profile dev]", "[profile true]"));
    env.set("AWS_PROFILE", "true");
    assert_eq!(env.run(&["exec", "true"]).code, 0);
}

#[test]
fn words_may_be_of_one_session_alone() {
    let mut env = env();
    let two = config(&env)
        + "[sso-session acme]\nsso_start_url = https://acme.awsapps.com/start\n\
                              sso_region = eu-central-1\n";
    env.write_config(&two.replace("https://acme.awsapps.com/start", &start_url(&env)));
    env.sign_in_to(&["--sso-session", "acme"]);
    assert_eq!(env.run(&["roles", "--sso-session", "acme", "--output", "json"]).code, 0);
    let hint = "name the session: `--sso-session work` or `--sso-session acme`";
    for command in [&["export"][..], &["whoami"], &["switch"]] {
        fails(&env, &[command, &["staging", "developer"]].concat(), &[hint]);
    }
    fails(&env, &["exec", "staging", "developer", "--", "true"], &[hint]);
    let with = "echo $KEYFOB_EXEC";
    for words in [
        &["--sso-session", "acme", "staging", "developer"][..],
        &["staging", "developer", "acme"],
        &["staging", "dev", "acme"],
    ] {
        let run = env.run(&[&["exec"], words, &["--", "sh", "-c", with]].concat());
        assert_eq!((run.code, run.stdout.as_str()), (0, "Developer@222233334444\n"), "{run:?}");
    }
    let switch = ["switch", "staging", "developer", "--sso-session", "acme"];
    assert_eq!(env.run(&switch).code, 0);
    fails(&env, &["export", "--sso-session", "acme", "read"], &["fits several"]);
    fails(&env, &["export", "--sso-session", "amce", "dev"], &["did you mean `acme`?"]);
    fails(&env, &["export", "--sso-session", "acme"], &["no role of the session is named"]);
    // Who is known by variables is nobody to choose.
    env.set("AWS_SSO_ACCOUNT_ID", "222233334444");
    env.set("AWS_SSO_ROLE_NAME", "Developer");
    assert_eq!(env.run(&["export", "--sso-session", "acme"]).code, 0);
}

#[test]
fn roles_that_nobody_has_listed_are_told_with_the_command_that_lists_them() {
    let env = TestEnv::new();
    env.sign_in();
    let hint = "`keyfob roles --sso-session work`";
    fails(&env, &["export", "prod", "admin"], &["fits no profile", hint]);
    let (code, shown) = env.terminal("{keyfob} exec prod admin -- true").finish();
    assert!(code == 2 && shown.contains(hint), "{shown}");
    let session = config(&env).split("[profile").next().unwrap().to_owned();
    env.write_config(&session);
    for command in ["exec -- true", "switch", "export"] {
        let (code, shown) = env.terminal(&format!("{{keyfob}} {command}")).finish();
        assert!(code == 2 && shown.contains(hint), "{shown}");
    }
    assert_eq!(env.run(&["roles"]).code, 0);
    let (code, shown) = env.terminal("{keyfob} exec prudoction -- true").finish();
    assert!(code == 2 && shown.contains("did you mean `Production`?"), "{shown}");
    assert!(!shown.contains("keyfob roles"), "{shown}");
}

#[test]
fn a_role_without_a_profile_has_the_region_of_the_environment() {
    let mut env = env();
    let run = |env: &TestEnv, arguments: &[&str]| {
        let exported = env.run(&[&["export", "--format", "json"], arguments].concat());
        let json: Value = serde_json::from_str(&exported.stdout).unwrap();
        let words = ["--", "sh", "-c", "echo $AWS_REGION $AWS_DEFAULT_REGION"];
        let run = env.run(&[&["exec"], arguments, &words].concat());
        let region = json["AWS_REGION"].as_str().unwrap_or_default().to_owned();
        assert_eq!(run.stdout.trim(), format!("{region} {region}").trim(), "{run:?}");
        region
    };
    let role = ["staging", "developer"];
    assert_eq!(run(&env, &role), "");
    env.set("AWS_DEFAULT_REGION", "eu-north-1");
    assert_eq!(run(&env, &role), "eu-north-1");
    env.write_config(&config(&env).replace("[profile dev]", "[profile dev]\nregion = eu-west-3"));
    assert_eq!(run(&env, &["dev"]), "eu-west-3");
    assert_eq!(run(&env, &["--region", "eu-west-1", "staging", "developer"]), "eu-west-1");
}

#[test]
fn a_web_identity_and_a_container_count_where_nothing_is_named_and_keys_do_not() {
    let mut env = env();
    env.set("AWS_ACCESS_KEY_ID", "AKIAOFTHESHELL");
    env.set("AWS_SECRET_ACCESS_KEY", "s3cret-of-the-shell");
    fails(&env, &["exec", "--", "true"], &["no profile is named"]);
    std::fs::write(env.path("token"), "a-token").unwrap();
    env.set("AWS_WEB_IDENTITY_TOKEN_FILE", env.path("token").to_str().unwrap());
    fails(&env, &["export"], &["no profile is named"]); // half of one is none
    env.set("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/Deploy");
    let script = "echo $AWS_ACCESS_KEY_ID $AWS_ROLE_ARN $AWS_WEB_IDENTITY_TOKEN_FILE $KEYFOB_EXEC";
    let run = env.run(&["exec", "--", "sh", "-c", script]);
    assert!(run.code == 0 && run.stdout.starts_with("ASIA"), "{run:?}");
    assert!(run.stdout.ends_with(" environment\n") && !run.stdout.contains("arn:"), "{run:?}");
    assert!(run.stderr.contains("With the web identity of the environment:"), "{run:?}");
    assert!(env.run(&["export"]).stdout.contains("AWS_ACCESS_KEY_ID=ASIA"));
    // A profile that is named, or `default`, comes before it.
    let run = env.run(&["exec", "dev", "--", "sh", "-c", "echo $KEYFOB_EXEC"]);
    assert_eq!(run.stdout, "dev\n", "{run:?}");
    env.write_config(&config(&env).replace("[profile dev]", "[default]"));
    let run = env.run(&["exec", "--", "sh", "-c", "echo $KEYFOB_EXEC"]);
    assert_eq!(run.stdout, "default\n", "{run:?}");
    env.write_config("");
    env.unset("AWS_ROLE_ARN");
    env.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/");
    let run = env.run(&["exec", "--", "true"]);
    assert!(run.code == 5 && run.stderr.contains("127.0.0.1:1"), "{run:?}");
    fails(&env, &["credential-process"], &["missing"]);
}

#[test]
fn credentials_are_announced_once_they_are_there() {
    let env = TestEnv::new();
    let run = env.run(&["exec", "dev", "--", "true"]);
    assert!(run.code == 1 && !run.stderr.contains("With the credentials"), "{run:?}");
    assert_eq!(env.run(&["login", "--device-code", "--no-browser", "work"]).code, 0);
    let run = env.run(&["exec", "dev", "--", "true"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, "With the credentials of dev:\n"), "{run:?}");
}

#[test]
fn a_name_is_a_session_or_a_profile() {
    let mut env = TestEnv::new();
    let login = ["login", "--device-code", "--no-browser"];
    for name in ["work", "dev"] {
        let run = env.run(&[&login[..], &[name]].concat());
        assert!(run.code == 0 && run.stderr.contains("Signed in to `work`"), "{run:?}");
        let run = env.run(&["logout", name]);
        assert!(run.code == 0 && run.stderr.contains("Signed out of `work`"), "{run:?}");
    }
    fails(&env, &["login", "wrok"], &["did you mean"]);
    let config = std::fs::read_to_string(env.path(".aws/config")).unwrap();
    let other =
        "[sso-session b]\nsso_start_url = https://b.awsapps.com/start\nsso_region = eu-west-1\n";
    env.write_config(&format!("{config}{other}"));
    fails(&env, &["logout"], &["several sso-sessions"]);
    env.set("AWS_PROFILE", "dev");
    let run = env.run(&["logout"]);
    assert!(run.code == 0 && run.stderr.contains("Not signed in to `work`"), "{run:?}");
    env.unset("AWS_PROFILE");
    env.write_config(&format!("{config}{other}").replace("[profile dev]", "[default]"));
    let run = env.run(&["logout"]);
    assert!(run.code == 0 && run.stderr.contains("Not signed in to `work`"), "{run:?}");
    env.write_config(&format!(
        "{config}[profile keys]\naws_access_key_id = a\naws_secret_access_key = b\n"
    ));
    env.set("AWS_PROFILE", "keys");
    let run = env.run(&["logout"]);
    assert!(run.code == 0 && run.stderr.contains("AWS_PROFILE names `keys`"), "{run:?}");
}

#[test]
fn a_start_url_of_the_environment_means_the_session_that_has_it() {
    let mut env = TestEnv::new();
    let config = std::fs::read_to_string(env.path(".aws/config")).unwrap();
    let start_url = config.lines().find_map(|line| line.strip_prefix("sso_start_url = ")).unwrap();
    let other =
        "[sso-session b]\nsso_start_url = https://b.awsapps.com/start\nsso_region = eu-west-1\n";
    env.write_config(&format!("{config}{other}"));
    env.set("AWS_SSO_START_URL", start_url);
    fails(&env, &["logout"], &["a start URL needs its region"]);
    env.set("AWS_SSO_REGION", "eu-central-1");
    let run = env.run(&["logout"]);
    assert!(run.code == 0 && run.stderr.contains("Not signed in to `work`"), "{run:?}");
}

#[test]
fn on_a_terminal_a_person_chooses() {
    let env = env();
    let mut terminal = env.terminal("{keyfob} whoami staging");
    terminal.wait_for("Whose credentials?");
    terminal.type_text(" developer");
    terminal.wait_for("Developer");
    terminal.type_text("\r");
    let (code, shown) = terminal.finish();
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("account 222233334444"), "{shown}");
    // What was used comes first the next time, and says so.
    let mut terminal = env.terminal("{keyfob} exec -- sh -c 'echo $KEYFOB_EXEC'");
    terminal.wait_for("Whose credentials?");
    terminal.wait_for("Developer      222233334444  work");
    terminal.wait_for(" s ago");
    terminal.wait_for("aws+staging@example.com");
    terminal.type_text("\r");
    terminal.wait_for("Developer, Staging 222233334444, work, sso");
    let (code, shown) = terminal.finish();
    assert!(code == 0 && shown.contains("Developer@222233334444"), "{shown}");
    // Nobody finds an age or a mail by what is typed, and a narrow terminal shows neither.
    // Only after the first line is the terminal as wide as the helper makes it.
    let mut terminal = env.terminal("read go; stty cols 40; {keyfob} exec -- env");
    terminal.type_text("\n");
    terminal.wait_for("Whose credentials?");
    terminal.wait_for("type to filter");
    assert!(!terminal.shown.contains("ago"), "{}", terminal.shown);
    terminal.type_text("\u{1b}");
    let (code, shown) = terminal.finish();
    assert_eq!(code, 130, "{shown}");
}
