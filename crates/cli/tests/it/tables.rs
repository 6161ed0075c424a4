//! The tables that people read: which columns they have, and in which order.

use crate::support::{Run, TestEnv};

fn env() -> TestEnv {
    let env = TestEnv::new();
    env.sign_in();
    env
}

fn printed(env: &TestEnv, line: &str) -> String {
    let run = of(env, line);
    assert_eq!(run.code, 0, "{run:?}");
    run.stdout
}

fn of(env: &TestEnv, line: &str) -> Run {
    env.run(&line.split(' ').collect::<Vec<_>>())
}

#[test]
fn columns_come_as_they_are_asked_for() {
    let env = env();
    assert_eq!(
        printed(&env, "roles --account 111122223333 --columns role,account"),
        "ROLE      ACCOUNT\nOperator  111122223333\nReadOnly  111122223333\n"
    );
    assert_eq!(
        printed(&env, "accounts --account 111122223333 --columns name --columns email"),
        "NAME        EMAIL\nProduction  aws+production@example.com\n"
    );
    assert_eq!(printed(&env, "search staging adm --columns role --no-header"), "Administrator\n");
    assert_eq!(
        printed(&env, "roles --account 111122223333 --output csv --columns role,name"),
        "roleName,accountName\nOperator,Production\nReadOnly,Production\n"
    );
    assert_eq!(
        printed(&env, "accounts --account 111122223333 --output csv --no-header"),
        "111122223333,Production,aws+production@example.com\n"
    );
    assert_eq!(
        printed(&env, "profiles --columns role,profile"),
        "ROLE      PROFILE\nReadOnly  dev\nOperator  old\n"
    );
    let lines = printed(&env, "status --columns session,sign-in --no-header");
    let cells: Vec<&str> = lines.lines().next().unwrap().split("  ").collect();
    assert_eq!((cells.first(), cells.last()), (Some(&"work"), Some(&"signed in")), "{lines}");
    assert_eq!(
        printed(&env, "status work --columns sign-in,session"),
        "SIGN-IN    SESSION\nsigned in  work\n"
    );
}

#[test]
fn a_column_that_does_not_exist_is_answered_with_those_that_do() {
    let env = env();
    for (line, texts) in [
        ("roles --columns rloe", ["account, name, email, role", "'role'"]),
        ("accounts --columns acount", ["account, name, email, tags]", "'account'"]),
        ("accounts --columns role", ["account, name, email, tags]", "role"]),
        ("profiles --columns profil", ["profile, kind, account, role, session", "'profile'"]),
        ("status --columns acces-token", ["session, sign-in, access-token", "'access-token'"]),
        ("roles --output json --columns role", ["--columns", "tables and csv"]),
        ("search prod --output ndjson --no-header", ["--no-header", "tables and csv"]),
        ("status --output json --columns session", ["--columns", "tables and csv"]),
        ("profiles --output json --no-header", ["--no-header", "tables and csv"]),
        ("status --long --no-header", ["--long", "--no-header"]),
    ] {
        let run = of(&env, line);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{line}: {run:?}");
        assert!(texts.iter().all(|text| run.stderr.contains(text)), "{line}: {}", run.stderr);
    }
}
