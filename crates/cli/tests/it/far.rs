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
