//! Every fault of the emulator crossed with every command that calls AWS: `docs/faults.md` is the
//! table of what a user sees. `UPDATE_EXPECT=1` writes it anew.

use std::fmt::Write;
use std::path::Path;
use std::thread;
use std::time::Duration;
use std::{env, fs};

use emulator::{Fault, FaultKind};

use crate::support::TestEnv;

const HEAD: &str = "\
# What a user sees when the service fails

Every fault of the emulator, at every call, crossed with the commands that call AWS.
The token of `credential-process` has expired; that of the others is fresh.
In each case the token file is whole afterwards, and no secret is in what is shown.
The test `faults` in `crates/cli/tests/it` makes this table and compares it.

| fault | command | exit | stderr |
|---|---|---|---|
";

fn faults() -> [(&'static str, FaultKind); 12] {
    [
        ("the connection breaks", FaultKind::Drop { processed: false }),
        ("the connection breaks after the call", FaultKind::Drop { processed: true }),
        ("the answer breaks off", FaultKind::Truncated),
        ("502 without a body", FaultKind::Empty { status: 502 }),
        ("200 with a page of HTML", FaultKind::NotJson { status: 200 }),
        ("500", FaultKind::Status(500)),
        ("throttled", FaultKind::Throttle { retry_after: Some(0) }),
        ("forbidden", FaultKind::Forbidden),
        ("unauthorized", FaultKind::Unauthorized),
        ("the registration has expired", FaultKind::ExpiredRegistration),
        ("slow down", FaultKind::SlowDown),
        ("half a second late", FaultKind::Latency(Duration::from_millis(500))),
    ]
}

const COMMANDS: [&[&str]; 6] = [
    &["credential-process", "--profile", "dev"],
    &["export", "--profile", "dev", "--format", "process"],
    &["whoami", "--profile", "dev"],
    &["roles", "--output", "json"],
    &["login", "--device-code", "--no-browser", "--timeout", "60"],
    &["logout"],
];

fn row(name: &str, kind: &FaultKind, command: &[&str]) -> String {
    let env = TestEnv::new();
    env.sign_in();
    if command[0] == "credential-process" {
        env.expire_token();
    }
    let mut fault = Fault::new("*", *kind);
    if command[0] == "roles" && matches!(kind, FaultKind::Throttle { .. }) {
        fault = fault.times(2); // it never gives up, while the session lives
    }
    env.server.idp().lock().unwrap().set_faults(&[fault]);
    let run = env.run(command);
    if env.token_file().exists() {
        assert!(env.token()["accessToken"].is_string());
    } else {
        assert_eq!(command[0], "logout");
    }
    let said = shown(&run.stderr, &env);
    format!("| {name} | `{}` | {} | {said} |\n", command.join(" "), run.code)
}

/// What is shown, without what differs from run to run, and without what the HTTP library says of a
/// connection that broke: that depends on the moment.
fn shown(stderr: &str, env: &TestEnv) -> String {
    const SKIPPED: [&str; 3] = ["Signing in", "Sign in", "Waiting"];
    const OF_LIBRARY: [&str; 4] = ["client error", "connection", "error reading", "end of file"];
    let home = env.home.path().display().to_string();
    let host = env.server.base_url().trim_start_matches("http://");
    let text = stderr.replace(&home, "~").replace(host, "HOST").replace('|', "/");
    let is_kept = |line: &&str| {
        let cause = line.trim_start_matches("caused by: ");
        let is_skipped = SKIPPED.iter().any(|start| line.starts_with(start));
        !(line.is_empty() || is_skipped || OF_LIBRARY.iter().any(|start| cause.starts_with(start)))
    };
    let broken = "no answer from HOST";
    let without_cause = |line: &str| match line.split_once(broken) {
        Some((before, _)) => format!("{before}{broken}"),
        None => line.to_owned(),
    };
    let lines: Vec<_> = text.lines().map(str::trim).filter(is_kept).map(without_cause).collect();
    lines.iter().map(|line| without_time(line)).collect::<Vec<_>>().join(" / ")
}

/// Without the moment of an end, and without how far away it is: the machine may be slow.
fn without_time(line: &str) -> String {
    match line.split_once(" until ").zip(line.split_once(" min)")) {
        Some(((before, _), (_, after))) => format!("{before} until TIME (in MINUTES min){after}"),
        None => line.to_owned(),
    }
}

#[test]
fn every_fault_has_the_outcome_that_the_table_says() {
    let threads = faults().map(|(name, kind)| {
        thread::spawn(move || COMMANDS.map(|command| row(name, &kind, command)).concat())
    });
    let mut table = HEAD.to_owned();
    for thread in threads {
        table.write_str(&thread.join().unwrap()).unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults.md");
    if env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &table).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap();
    for (expected, seen) in expected.lines().zip(table.lines()) {
        assert_eq!(expected, seen);
    }
    assert_eq!(expected.lines().count(), table.lines().count());
}
