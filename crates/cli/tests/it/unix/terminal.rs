//! Questions on a terminal, answered as a person would.

use std::fs;
use std::process::Command;

use crate::support::TestEnv;

fn config(env: &TestEnv) -> String {
    fs::read_to_string(env.path(".aws/config")).unwrap()
}

#[test]
fn a_profile_is_made_by_signing_in_and_choosing() {
    let env = TestEnv::with_person();
    let mut terminal = env.terminal("{keyfob} configure profile new");
    terminal.wait_for("?user_code=");
    terminal.wait_for("Waiting");
    let code = terminal.shown.split("user_code=").nth(1).unwrap().split_whitespace().next();
    env.approve_device(&format!("={}", code.unwrap()));
    terminal.wait_for("Account:");
    terminal.wait_for("Staging");
    terminal.type_text("stag");
    terminal.type_text("\r");
    terminal.wait_for("Role:");
    terminal.type_text("develop\r");
    terminal.wait_for("Region of the profile");
    terminal.type_text("\r");
    let (code, shown) = terminal.finish();
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("+sso_role_name = Developer"), "{shown}");
    let written = "[profile new]\nsso_session = work\nsso_account_id = 222233334444\n\
                   sso_role_name = Developer\nregion = eu-central-1\n";
    assert!(config(&env).ends_with(written), "{}", config(&env));
}

#[test]
fn whoever_gives_up_has_changed_nothing() {
    for key in ["\u{3}", "\u{1b}"] {
        for (arguments, answers) in [
            ("profile new", &[("Account:", None)][..]),
            ("profile new", &[("Account:", Some("\r")), ("Role:", None)]),
            (
                "profile new",
                &[("Account:", Some("\r")), ("Role:", Some("\r")), ("Region of the", None)],
            ),
            ("profile", &[("Name of the profile", None)]),
            ("sso-session", &[("Name of the session", None)]),
            ("sso-session new", &[("Start URL", None)]),
            (
                "sso-session new",
                &[("Start URL", Some("https://d-1.awsapps.com/start\r")), ("egion", None)],
            ),
        ] {
            let env = TestEnv::new();
            env.sign_in();
            let before = config(&env);
            let mut terminal = env.terminal(&format!("{{keyfob}} configure {arguments}"));
            for (question, answer) in answers {
                terminal.wait_for(question);
                terminal.type_text(answer.unwrap_or(key));
            }
            let (code, shown) = terminal.finish();
            assert_eq!(code, 130, "{arguments}: {shown}");
            assert_eq!(config(&env), before);
            assert!(!env.path(".aws/config.keyfob-backup").exists());
        }
    }
}

#[test]
fn one_of_several_sessions_is_chosen_and_the_only_one_is_named() {
    let env = TestEnv::new();
    env.sign_in();
    let two = format!(
        "{}[sso-session other]\nsso_start_url = https://other.awsapps.com/start\n\
         sso_region = eu-west-1\n",
        config(&env)
    );
    let role = "--account-id 111122223333 --role-name ReadOnly";
    let mut terminal = env.terminal(&format!("{{keyfob}} configure profile new {role} --dry-run"));
    terminal.wait_for("work");
    terminal.wait_for("Region of the profile");
    terminal.type_text("\r");
    let (code, shown) = terminal.finish();
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("the only one"), "{shown}");
    env.write_config(&two);
    let mut terminal = env.terminal(&format!("{{keyfob}} configure profile new {role}"));
    terminal.wait_for("Session:");
    terminal.type_text("oth\r");
    terminal.wait_for("Region of the profile");
    terminal.type_text("\r");
    let (code, shown) = terminal.finish();
    assert_eq!(code, 0, "{shown}");
    assert!(config(&env).contains("[profile new]\nsso_session = other\n"), "{}", config(&env));
}

#[test]
fn the_region_is_asked_for_also_where_all_else_is_given_and_may_be_left_out() {
    let env = TestEnv::new();
    let with_region =
        |name, region| format!("[profile {name}]\nregion = {region}\ncredential_process = x\n");
    let both = with_region("a", "eu-west-2") + &with_region("b", "us-east-1");
    env.write_config(&(config(&env) + &both + &with_region("c", "us-east-1")));
    let role = "--account-id 111122223333 --role-name ReadOnly --sso-session work";
    let mut terminal = env.terminal(&format!("{{keyfob}} configure profile new {role}"));
    terminal.wait_for("Region of the profile, or nothing: us-east-1");
    terminal.type_text("\u{15}nowhere\r");
    terminal.wait_for("Region of the profile, or nothing: nowhere");
    terminal.type_text("\u{15}\r");
    let (code, shown) = terminal.finish();
    assert_eq!(code, 0, "{shown}");
    assert!(config(&env).ends_with("sso_role_name = ReadOnly\n"), "{}", config(&env));
    let mut terminal = env.terminal(&format!("{{keyfob}} configure profile new {role}"));
    terminal.wait_for("us-east-1");
    terminal.type_text("\r");
    let (code, shown) = terminal.finish();
    assert_eq!(code, 0, "{shown}");
    let written = "sso_role_name = ReadOnly\nregion = us-east-1\n";
    assert!(config(&env).ends_with(written), "{}", config(&env));
    let given = ["configure", "profile", "next", "--account-id", "111122223333"];
    let run = env.run(&[&given[..], &["--role-name", "R", "--sso-session", "work"]].concat());
    assert!(
        run.code == 0 && !config(&env).split("[profile next]").nth(1).unwrap().contains("region")
    );
}

#[test]
fn a_session_is_asked_for_until_it_makes_sense() {
    let env = TestEnv::new();
    let mut terminal = env.terminal("{keyfob} configure sso-session");
    terminal.wait_for("Name of the session");
    terminal.type_text("a b\r");
    terminal.wait_for("not a name");
    terminal.type_text("\u{7f}\u{7f}\u{7f}new\r");
    terminal.wait_for("Start URL");
    terminal.type_text("https://d-1.awsapps.com/start/#/\r");
    terminal.wait_for("egion");
    terminal.type_text("eu-wset-1\r");
    terminal.wait_for("did you mean eu-west-1?");
    terminal.type_text(&"\u{7f}".repeat("eu-wset-1".len()));
    terminal.type_text("eu-west-1\r");
    let (code, shown) = terminal.finish();
    assert_eq!(code, 0, "{shown}");
    assert!(config(&env).contains(
        "[sso-session new]\nsso_start_url = https://d-1.awsapps.com/start\nsso_region = eu-west-1\n"
    ));
}

#[test]
fn a_line_with_a_blank_in_the_path_of_keyfob_is_quoted_and_works() {
    let env = TestEnv::new();
    env.sign_in();
    let folder = env.path("a folder");
    fs::create_dir(&folder).unwrap();
    let copy = folder.join("keyfob");
    // By another process: a child that is forked here meanwhile would keep the copy open for writing,
    // and then nobody can run it.
    let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_keyfob")).arg(&copy).status();
    assert!(copied.unwrap().success());
    let role = "--account-id 111122223333 --role-name ReadOnly --sso-session work";
    let script = format!("'{}' configure profile new {role} --credential-process", copy.display());
    let (code, shown) = env.terminal(&format!("{script} --region eu-west-1")).finish();
    assert_eq!(code, 0, "{shown}");
    let config = config(&env);
    let line = config.lines().find_map(|line| line.strip_prefix("credential_process = ")).unwrap();
    assert!(line.starts_with('"'), "{line}");
    let (code, shown) = env.terminal(line).finish();
    assert_eq!(code, 0, "{shown}");
    assert!(shown.starts_with("{\"Version\":1,"), "{shown}");
}

#[test]
fn a_code_is_asked_for_on_the_terminal_and_never_on_stdout() {
    let env = TestEnv::new();
    env.write_config(MFA);
    let mut terminal =
        env.terminal("{keyfob} export --profile mfa --format json >out 2>err; cat out err");
    terminal.wait_for("MFA code of arn:aws:iam::111122223333:mfa/ci: ");
    terminal.type_text("12345\r");
    terminal.wait_for("six digits");
    terminal.type_text("123456\r");
    let (code, shown) = terminal.finish();
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("{\"AWS_ACCESS_KEY_ID\":\"ASIA"), "{shown}");
    assert!(!fs::read_to_string(env.path("out")).unwrap().contains("MFA"));
    let mut terminal = env.terminal("exec {keyfob} whoami --profile mfa --force-refresh");
    terminal.wait_for("MFA code");
    terminal.interrupt();
    let (code, shown) = terminal.finish();
    assert_eq!(code, 130, "{shown}");
    let mut terminal = env.terminal("rm -r .cache; {keyfob} login --profile mfa");
    terminal.wait_for("MFA code");
    terminal.type_text("234567\r");
    let (code, shown) = terminal.finish();
    assert_eq!(code, 0, "{shown}");
    assert_eq!(env.run(&["credential-process", "--profile", "mfa"]).code, 0);
}

const MFA: &str = "[profile user]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n\
    aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n\
    [profile mfa]\nrole_arn = arn:aws:iam::222233334444:role/Admin\n\
    source_profile = user\nmfa_serial = arn:aws:iam::111122223333:mfa/ci\n";

#[test]
fn a_wrong_code_may_be_typed_again_and_none_is_sent_twice() {
    let env = TestEnv::new();
    env.write_config(MFA);
    let mut terminal = env.terminal("{keyfob} whoami --profile mfa");
    terminal.wait_for("MFA code of ");
    terminal.type_text("999999\r");
    terminal.wait_for("Each code counts once");
    terminal.wait_for("MFA code of ");
    terminal.type_text("999999\r");
    terminal.wait_for("that code was used");
    terminal.wait_for("MFA code of ");
    assert_eq!(env.calls("AssumeRole"), 1);
    terminal.type_text("123456\r");
    let (code, shown) = terminal.finish();
    assert_eq!(code, 0, "{shown}");
    assert_eq!(env.calls("AssumeRole"), 2);
    let run = env.run(&["whoami", "--profile", "mfa", "--force-refresh", "--mfa-code", "999999"]);
    assert_eq!(run.code, 4, "{run:?}");
    assert!(run.stderr.contains("hint: a code counts once"), "{run:?}");
    let mut terminal = env.terminal("{keyfob} whoami --profile mfa --force-refresh");
    terminal.wait_for("MFA code of ");
    terminal.type_text("999998\r");
    terminal.wait_for("Each code counts once");
    terminal.type_text("\r");
    let (code, shown) = terminal.finish();
    assert_eq!(code, 1, "{shown}");
    assert!(shown.contains("none was typed"), "{shown}");
}

#[test]
fn questions_know_the_keys_of_a_shell() {
    const KEYS: [&str; 5] = ["\u{15}", "\u{17}", "\u{1b}[H", "\u{1b}[F", "\u{1b}[3~"];
    let [kill_line, kill_word, home, end, delete] = KEYS;
    let env = TestEnv::new();
    env.write_config(MFA);
    let mut terminal = env.terminal("{keyfob} whoami --profile mfa");
    terminal.wait_for("MFA code of ");
    terminal.type_text(&format!("77 88{kill_word}{kill_line}92345{home}{delete}1{end}6\r"));
    let (code, shown) = terminal.finish();
    assert_eq!(code, 0, "{shown}");

    let mut terminal = env.terminal("{keyfob} configure sso-session new");
    terminal.wait_for("Start URL");
    let url = format!("wrong words{kill_word}{kill_line}d-1.awsapps.com/start{home}https://{end}/");
    terminal.type_text(&format!("{url}\r"));
    terminal.wait_for("egion");
    terminal.type_text("eu west-1\r");
    terminal.wait_for("egion of Identity Center: eu west-1");
    terminal.type_text(&format!("{kill_line}eu-west-1\r"));
    let (code, shown) = terminal.finish();
    assert_eq!(code, 0, "{shown}");
    let written = "sso_start_url = https://d-1.awsapps.com/start/\nsso_region = eu-west-1\n";
    assert!(config(&env).contains(written), "{}", config(&env));
}

#[test]
fn a_question_that_is_broken_off_leaves_the_terminal_as_it_was() {
    let env = TestEnv::new();
    env.write_config(MFA);
    for (signal, code) in [("-TERM", "code=143"), ("-INT", "code=130")] {
        let mut terminal = env.terminal(
            "stty -g >before; sh -c 'echo pid=$$.; exec {keyfob} whoami --profile mfa'; \
             echo code=$?; stty -g >after",
        );
        terminal.wait_for("pid=");
        terminal.wait_for(".");
        let pid = terminal.shown.split("pid=").nth(1).unwrap().trim_end_matches('.').to_owned();
        terminal.wait_for("MFA code of ");
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        terminal.wait_for(code);
        let (_, shown) = terminal.finish();
        let settings = |name| fs::read_to_string(env.path(name)).unwrap();
        assert_eq!(settings("after"), settings("before"), "{shown}");
    }
}

#[test]
fn a_bar_takes_one_line_of_a_narrow_terminal() {
    let env = TestEnv::new();
    env.sign_in();
    // Only now is the terminal as wide as the helper makes it.
    let script = "read go; stty cols 30; echo begin; {keyfob} roles --output csv >out";
    let mut terminal = env.terminal(script);
    terminal.type_text("\n");
    let (code, shown) = terminal.finish();
    assert_eq!(code, 0, "{shown}");
    let shown = shown.split("begin\r\n").nth(1).unwrap();
    assert!(shown.contains("3 of 3 accounts"), "{shown:?}");
    assert!(!shown.contains('\n'), "{shown:?}");
    for drawn in shown.split("\r\u{1b}[2K") {
        assert!(drawn.chars().count() < 30, "{drawn:?}");
    }
    let (code, shown) = env.terminal("{keyfob} roles --refresh >out 2>err; cat err").finish();
    assert_eq!((code, shown.as_str()), (0, ""));
}

#[test]
fn a_dead_session_is_offered_to_be_signed_in_to() {
    let env = TestEnv::new();
    for (answer, expected) in [("n\r", 1), ("\r", 7)] {
        let mut terminal = env.terminal("{keyfob} exec --profile dev -- sh -c 'exit 7'");
        terminal.wait_for("Sign in now?");
        terminal.type_text(answer);
        let (code, shown) = terminal.finish();
        assert_eq!(code, expected, "{shown}");
    }
    let env = TestEnv::new();
    let (code, shown) = env.terminal("{keyfob} export --profile dev --no-login").finish();
    assert_eq!(code, 1, "{shown}");
}

#[test]
fn a_listing_shows_how_far_it_is() {
    let env = TestEnv::new();
    env.sign_in();
    let (code, shown) = env.terminal("{keyfob} roles").finish();
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("[####################----------] 2 of 3 accounts"), "{shown:?}");
    let rows = shown.split("3 of 3 accounts\r\u{1b}[2K").nth(1).expect("the bar goes away");
    assert!(rows.starts_with("ACCOUNT "), "{rows:?}");
    assert!(
        env.terminal("{keyfob} roles --output ndjson").finish().1.starts_with("{\"accountId\"")
    );
}

#[test]
fn names_from_the_portal_do_nothing_to_the_terminal() {
    let name = "\\u001b]0;gotcha\\u0007pay\\u009b2J\\u202e\\u200bments";
    let env = TestEnv::with_scenario(&format!(
        "[[user]]\nname = \"Jo\"\nemail = \"jo@example.com\"\n\
         [[account]]\nid = \"111122223333\"\nname = \"{name}\"\nroles = [\"ReadOnly\"]\n"
    ));
    env.sign_in();
    let outputs = ["table", "json", "csv", "ndjson"];
    let mut shown: Vec<String> = outputs
        .iter()
        .map(|output| env.terminal(&format!("{{keyfob}} roles --output {output}")).finish().1)
        .collect();
    let mut terminal = env.terminal("{keyfob} configure profile new");
    terminal.wait_for("Account:");
    terminal.wait_for("ments");
    terminal.type_text("\r");
    terminal.wait_for("Role:");
    terminal.type_text("\r");
    terminal.wait_for("Region of the profile");
    terminal.type_text("\r");
    shown.push(terminal.finish().1);
    for shown in shown {
        assert!(shown.contains("ments"), "{shown:?}");
        let harm = ["\u{1b}]", "\u{7}", "\u{9b}", "\u{202e}", "\u{200b}"];
        assert!(!harm.iter().any(|harm| shown.contains(harm)), "{shown:?}");
    }
}
