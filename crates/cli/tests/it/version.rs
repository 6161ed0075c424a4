//! What the binary tells of itself.

use crate::support::TestEnv;

#[test]
fn the_version_is_one_line() {
    let env = TestEnv::new();
    for line in [&["--version"][..], &["-V"]] {
        let run = env.run(line);
        assert_eq!(run.code, 0);
        assert_eq!(run.stdout, concat!("keyfob ", env!("CARGO_PKG_VERSION"), "\n"));
    }
}

#[test]
fn whoever_reports_a_bug_can_tell_how_the_binary_was_built() {
    let env = TestEnv::new();
    for line in [&["--version", "--verbose"][..], &["--verbose", "--version"], &["-vV"], &["-Vv"]] {
        let run = env.run(line);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{line:?}");
        let (version, facts) = run.stdout.split_once('\n').unwrap();
        assert_eq!(version, concat!("keyfob ", env!("CARGO_PKG_VERSION")));
        let fact = |name: &str| {
            let value = facts.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            value.unwrap_or_else(|| panic!("no {name} in {facts}"))
        };
        assert!(fact("target").starts_with(std::env::consts::ARCH), "{facts}");
        assert!(fact("compiler").starts_with("rustc 1."), "{facts}");
        assert_eq!((fact("linking"), fact("audit data")), ("dynamic", "no"));
    }
}

#[test]
fn a_command_has_no_version_of_its_own() {
    let run = TestEnv::new().run(&["status", "--version", "--verbose"]);
    assert_eq!(run.code, 2, "{run:?}");
}
