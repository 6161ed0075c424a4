//! The manual pages.

use std::fs;

use crate::support::{TestEnv, files};

#[test]
fn every_command_has_a_page_with_its_name() {
    let env = TestEnv::new();
    let run = env.run(&["man", "--dir", "share/man/man1"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "", ""));
    let help = env.run(&["--help"]).stdout;
    let commands = help.split("Commands:\n").nth(1).unwrap().lines();
    let commands = commands.take_while(|line| !line.is_empty());
    let commands = commands.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let mut names: Vec<String> =
        commands.filter(|name| !name.is_empty()).map(|name| format!("keyfob-{name}")).collect();
    names.retain(|name| name != "keyfob-help");
    assert!(names.len() > 12, "{names:?}");
    let of_configure = ["migrate", "populate", "profile", "sso", "sso-session"];
    names.extend(of_configure.map(|name| format!("keyfob-configure-{name}")));
    names.push("keyfob-roles-diff".to_owned());
    let of_profiles = ["diff", "ls", "prune", "sync"];
    names.extend(of_profiles.map(|name| format!("keyfob-profiles-{name}")));
    names.push("keyfob".to_owned());
    for name in &names {
        let page = fs::read_to_string(env.path(&format!("share/man/man1/{name}.1"))).unwrap();
        let escaped = name.replace('-', "\\-");
        assert!(page.contains(&format!(".SH NAME\n{escaped} \\- ")), "{page}");
        assert!(page.contains(".SH SYNOPSIS\n"), "{page}");
    }
    assert_eq!(files(&env.path("share/man/man1")).len(), names.len());
    let page = env.run(&["man"]).stdout;
    assert_eq!(page, fs::read_to_string(env.path("share/man/man1/keyfob.1")).unwrap());
}

#[test]
fn a_directory_that_cannot_be_made_is_named() {
    let env = TestEnv::new();
    fs::write(env.path("file"), "").unwrap();
    let run = env.run(&["man", "--dir", "file/man1"]);
    assert!(run.code == 5 && run.stderr.contains("file/man1"), "{run:?}");
}
