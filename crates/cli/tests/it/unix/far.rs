//! A person who works from afar: there is no browser here, and a terminal may go, shrink or know
//! little.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::support::{TestEnv, wait_until};

/// A machine with a program that opens pages.
fn with_opener() -> TestEnv {
    let mut env = TestEnv::with_person();
    let opener = env.path("bin/xdg-open");
    fs::create_dir(env.path("bin")).unwrap();
    fs::write(&opener, "#!/bin/sh\necho \"$1\" > \"$HOME/opening\"; mv ~/opening ~/opened\n")
        .unwrap();
    fs::set_permissions(&opener, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", env.path("bin").display());
    env.set("PATH", &path);
    env
}

#[test]
fn no_browser_is_opened_where_nobody_sits() {
    let mut env = with_opener();
    let opened = env.path("opened");
    for variables in [&["SSH_CONNECTION"][..], &["SSH_CONNECTION", "DISPLAY"], &[]] {
        variables.iter().for_each(|name| env.set(name, ":10"));
        for arguments in [&["login"][..], &["login", "--profile", "old"]] {
            let mut waiting = env.start(arguments);
            env.approve_device(&waiting.wait_for_url());
            let run = waiting.finish();
            assert!(run.code == 0 && run.stderr.contains("on any device"), "{run:?}");
            assert!(!run.stderr.contains("warning"), "{run:?}");
            assert!(!opened.exists(), "{variables:?} {arguments:?}");
        }
        variables.iter().for_each(|name| env.unset(name));
    }
    // A device code is for this machine, too.
    env.set("DISPLAY", ":0");
    let mut waiting = env.start(&["login", "--device-code"]);
    let page = waiting.wait_for_url();
    wait_until("the page is opened", || opened.exists());
    assert_eq!(fs::read_to_string(&opened).unwrap().trim(), page);
    env.approve_device(&page);
    assert_eq!(waiting.finish().code, 0);
}

#[test]
fn a_signal_ends_the_sign_ins_to_all_sessions() {
    let env = TestEnv::with_person();
    let config = fs::read_to_string(env.path(".aws/config")).unwrap();
    let other =
        "[sso-session b]\nsso_start_url = https://b.awsapps.com/start\nsso_region = eu-west-1\n";
    env.write_config(&format!("{config}{other}"));
    let mut waiting = env.start(&["login", "--all", "--no-browser", "--timeout", "30"]);
    waiting.wait_for("Waiting");
    waiting.send("TERM");
    let run = waiting.finish();
    assert_eq!(run.code, 143, "{run:?}");
    assert_eq!(run.stderr.matches("Signing in to").count(), 1, "{run:?}");
}

/// Questions before anything was sent, and after it.
const QUESTIONS: [(&str, &str); 4] = [
    ("exec -- true", "Whose credentials?"),
    ("configure profile new", "Account:"),
    ("configure profile new --account-id 111122223333 --role-name R", "Region of"),
    ("exec --profile old -- true", "Sign in now?"),
];

#[test]
fn a_signal_ends_a_question_and_leaves_the_terminal_as_it_was() {
    let env = TestEnv::new();
    env.sign_in();
    for (arguments, question) in QUESTIONS {
        for (signal, code) in [("-TERM", "code=143"), ("-HUP", "code=129")] {
            let mut terminal = env.terminal(&format!(
                "stty -g >before; sh -c 'echo pid=$$.; exec {{keyfob}} {arguments}'; \
                 echo code=$?; stty -g >after"
            ));
            terminal.wait_for("pid=");
            terminal.wait_for(".");
            let pid = terminal.shown.split("pid=").nth(1).unwrap().trim_end_matches('.').to_owned();
            terminal.wait_for(question);
            assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
            terminal.wait_for("\u{1b}[J"); // nothing of it stays
            terminal.wait_for(code);
            let (_, shown) = terminal.finish();
            let settings = |name| fs::read_to_string(env.path(name)).unwrap();
            assert_eq!(settings("after"), settings("before"), "{arguments}: {shown}");
        }
    }
}

#[test]
fn a_question_goes_with_its_terminal() {
    let env = TestEnv::new();
    env.sign_in();
    for (arguments, question) in QUESTIONS {
        let script = format!("sh -c 'echo pid=$$.; exec {{keyfob}} {arguments}'; true");
        let mut terminal = env.terminal(&script);
        terminal.wait_for("pid=");
        terminal.wait_for(".");
        let pid = terminal.shown.split("pid=").nth(1).unwrap().trim_end_matches('.').to_owned();
        terminal.wait_for(question);
        drop(terminal);
        wait_until(arguments, || {
            let state = Command::new("ps").args(["-o", "stat=", "-p", &pid]).output().unwrap();
            state.stdout.is_empty() || state.stdout.starts_with(b"Z")
        });
    }
}

#[test]
fn rows_are_as_long_as_the_terminal_is_wide_also_when_that_changes() {
    let env = TestEnv::new();
    env.sign_in();
    assert_eq!(env.run(&["roles"]).code, 0);
    let mut terminal = env.terminal("{keyfob} exec -- sh -c 'echo $KEYFOB_EXEC'");
    terminal.wait_for("type to filter");
    assert!(!terminal.shown.contains('\u{2026}'), "{}", terminal.shown);
    terminal.resize(40, 12);
    // Keys that come together with the news of the size may wait for the next one.
    terminal.type_text("staging");
    terminal.type_until(" ", "\u{2026}");
    terminal.type_text("developer");
    terminal.type_until("\r", "Developer@222233334444");
    let (code, shown) = terminal.finish();
    assert_eq!(code, 0, "{shown}");
}

#[test]
fn a_dumb_terminal_is_told_what_there_is_to_choose_from() {
    let env = TestEnv::new();
    env.sign_in();
    assert_eq!(env.run(&["roles"]).code, 0);
    for (arguments, told) in [
        ("exec staging -- true", "`staging` fits several:"),
        ("exec -- true", "name one; `keyfob profiles` lists them"),
        ("configure profile new", "--account-id"),
    ] {
        let (code, shown) = env.terminal(&format!("TERM=dumb {{keyfob}} {arguments}")).finish();
        assert!(code == 2 && shown.contains(told), "{arguments}: {shown}");
        assert!(!shown.contains('\u{1b}'), "{shown:?}");
    }
}
