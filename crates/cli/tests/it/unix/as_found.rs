//! Commands that edit the config file, with files as they are found: behind links, with the line ends
//! of Windows, broken in a section, and where nothing can be written.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

use crate::support::{ACCOUNT, Run, TestEnv, files, mode};

const POPULATE: [&str; 4] = ["configure", "populate", "--region", "eu-west-1"];
const SYNC: [&str; 6] = ["profiles", "sync", "--region", "eu-west-1", "--region", "us-east-1"];
const MIGRATE: [&str; 3] = ["configure", "migrate", "--all"];
const SSO: [&str; 10] = [
    "configure",
    "sso",
    "new",
    "--non-interactive",
    "--sso-session",
    "work",
    "--account-id",
    ACCOUNT,
    "--role-name",
    "ReadOnly",
];
const EDITS: [&[&str]; 4] = [&POPULATE, &SYNC, &MIGRATE, &SSO];

fn config(env: &TestEnv) -> String {
    fs::read_to_string(env.path(".aws/config")).unwrap()
}

fn signed_in() -> TestEnv {
    let env = TestEnv::new();
    env.sign_in();
    env
}

#[test]
fn a_file_behind_a_link_keeps_its_line_ends_and_what_a_person_wrote() {
    for command in EDITS {
        let env = signed_in();
        let (file, real) = (env.path(".aws/config"), env.path("dotfiles"));
        let own = "\u{feff}# mine\r\n".to_owned() + &config(&env).replace('\n', " # why\r\n");
        fs::write(&real, own.trim_end()).unwrap();
        fs::set_permissions(&real, Permissions::from_mode(0o640)).unwrap();
        fs::remove_file(&file).unwrap();
        symlink("../dotfiles", &file).unwrap();
        let run = env.run(command);
        assert_eq!(run.code, 0, "{run:?}");
        let text = config(&env);
        assert_ne!(text, own);
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "{text:?}");
        assert_eq!(text.matches("# why").count(), own.matches("# why").count(), "{text}");
        assert!(text.starts_with("\u{feff}# mine\r\n[sso-session work] # why\r\n"), "{text:?}");
        assert!(fs::symlink_metadata(&file).unwrap().is_symlink());
        assert_eq!(mode(&real), 0o640);
        let run = env.run(command);
        assert_eq!((run.code, config(&env)), (0, text), "{run:?}");
    }
}

#[test]
fn a_broken_section_stays_as_it_is() {
    for command in EDITS {
        let env = signed_in();
        let broken = "[profile broken]\nwhat is this\n";
        let own = config(&env).replace("[profile old]", &format!("{broken}[profile old]"));
        env.write_config(&own);
        let run = env.run(command);
        // Who writes many profiles must know all that are there.
        if [&POPULATE[..], &SYNC].contains(&command) {
            assert_eq!((run.code, config(&env)), (2, own), "{run:?}");
            assert!(run.stderr.contains(".aws/config:9:1: "), "{run:?}");
            assert!(run.stderr.contains("hint: mend that line first"), "{run:?}");
        } else {
            assert_eq!(run.code, 0, "{run:?}");
            assert!(config(&env).contains(broken) && config(&env) != own, "{}", config(&env));
        }
    }
}

#[test]
fn where_nothing_can_be_written_nothing_is_left_and_the_directory_is_named() {
    for command in EDITS {
        let env = signed_in();
        let (directory, before) = (env.path(".aws"), config(&env));
        let mut child = env.command(command);
        env.lower(&mut child);
        fs::set_permissions(&directory, Permissions::from_mode(0o500)).unwrap();
        let run = Run::of(child.spawn().unwrap());
        fs::set_permissions(&directory, Permissions::from_mode(0o700)).unwrap();
        assert_eq!((run.code, config(&env)), (5, before), "{run:?}");
        assert!(run.stderr.contains("cannot edit ") && run.stderr.contains("nothing was changed"));
        assert!(run.stdout.is_empty(), "{run:?}");
        let mut names: Vec<_> =
            files(&directory).iter().map(|it| it.file_name().unwrap().to_owned()).collect();
        names.sort();
        assert_eq!(names, ["config", "sso"], "{run:?}");
    }
}

#[test]
fn a_file_that_must_not_be_written_is_told_before_anything_is_asked() {
    let env = TestEnv::new();
    let (file, before) = (env.path(".aws/config"), config(&env));
    fs::set_permissions(&file, Permissions::from_mode(0o444)).unwrap();
    for command in ["sso", "sso-session", "profile"] {
        let (code, shown) = env.terminal(&format!("{{keyfob}} configure {command}")).finish();
        assert_eq!((code, config(&env)), (5, before.clone()), "{shown}");
        assert!(shown.contains("it is read-only") && shown.contains("`chmod u+w`"), "{shown}");
    }
    assert!(env.server.idp().lock().unwrap().calls().is_empty());
    // A dry run may be asked for all the same.
    let mut terminal = env.terminal("{keyfob} configure sso --dry-run");
    terminal.wait_for("Session:");
    terminal.interrupt();
    assert_eq!(terminal.finish().0, 130);
}
