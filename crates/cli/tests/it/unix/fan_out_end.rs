//! How the commands of `exec --match` end: by themselves, by a reader who goes, by Ctrl-C.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Command;

use crate::support::{Run, TestEnv, signal, wait_until};
use crate::unix::fan_out::{many, organisation};

/// Whether somebody of the process group runs; who is dead and was not fetched yet does not.
fn is_there(group: &str) -> bool {
    let output = Command::new("ps").args(["-A", "-o", "pgid=,stat="]).output().unwrap();
    let processes = String::from_utf8(output.stdout).unwrap();
    processes.lines().any(|line| {
        let mut words = line.split_whitespace();
        words.next() == Some(group) && !words.next().unwrap().starts_with('Z')
    })
}

/// Waits for the end of what was killed a moment ago.
fn assert_gone(groups: &[String]) {
    wait_until("they have ended", || !groups.iter().any(|group| is_there(group)));
}

/// The process groups that noted themselves in a file.
fn groups(env: &TestEnv) -> Vec<String> {
    let text = fs::read_to_string(env.path("groups")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn what_a_command_leaves_in_the_background_is_not_waited_for() {
    let env = organisation(1, "[\"ReadOnly\"]", "");
    let script = "sleep 1000 & echo $$ > $HOME/groups; echo ran";
    let run = env.fan_out(&["--match", ""], script);
    assert_eq!((run.code, run.stdout.as_str()), (0, "team-1/ReadOnly | ran\n"), "{run:?}");
    let group = &groups(&env)[0];
    assert!(is_there(group), "nobody asked for its end");
    Command::new("sh").args(["-c", &format!("kill -KILL -{group}")]).status().unwrap();
}

#[test]
fn who_reads_no_more_ends_what_prints_and_lets_no_more_begin() {
    let env = organisation(6, "[\"ReadOnly\"]", "");
    let script = "echo $$ >> $HOME/groups; while :; do echo line; done";
    let mut command = env.command(&many(&["--match", "", "--parallel", "2"], script));
    let mut child = command.spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut String::new()).unwrap();
    drop(stdout);
    let run = Run::of(child);
    assert_ne!(run.code, 0, "not all ran: {run:?}");
    assert!(run.stderr.contains(" did not run"), "{run:?}");
    let groups = groups(&env);
    assert!((1..=2).contains(&groups.len()), "{groups:?}");
    assert_gone(&groups);
}

#[test]
fn ctrl_c_ends_all_with_what_they_began() {
    let env = organisation(6, "[\"ReadOnly\"]", "");
    for output in ["prefix", "ndjson"] {
        let _ = fs::remove_file(env.path("groups"));
        // While it forks, dash may miss a signal; what it waits for ends at once.
        let script = "(trap '' INT; sleep 1000) & echo $$ >> $HOME/groups; wait";
        let options = ["--match", "", "--parallel", "3", "--output", output];
        let child = env.command(&many(&options, script)).spawn().unwrap();
        wait_until("three run", || groups(&env).len() == 3);
        signal(&child, "INT");
        let run = Run::of(child);
        assert_eq!(run.code, 130, "{run:?}");
        assert!(run.stderr.contains("error: interrupted"), "{run:?}");
        let groups = groups(&env);
        assert_eq!(groups.len(), 3, "more were started");
        assert_gone(&groups);
    }
}

#[test]
fn a_second_ctrl_c_ends_those_that_do_not_mind_the_first() {
    let env = organisation(2, "[\"ReadOnly\"]", "");
    let script = "trap 'echo told' INT; echo $$ >> $HOME/groups; while :; do sleep 0.05; done";
    let options = ["--match", "", "--parallel", "2"];
    let mut child = env.command(&many(&options, script)).spawn().unwrap();
    wait_until("both run", || groups(&env).len() == 2);
    signal(&child, "INT");
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for _ in 0..2 {
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert!(line.ends_with(" | told\n"), "{line:?}");
    }
    assert!(groups(&env).iter().all(|group| is_there(group)));
    signal(&child, "INT");
    let run = Run::of(child);
    assert_eq!(run.code, 130, "{run:?}");
    assert_gone(&groups(&env));
}

#[test]
fn a_keyfob_that_is_killed_starts_no_more_and_what_prints_ends_with_it() {
    let env = organisation(6, "[\"ReadOnly\"]", "");
    let script = "echo $$ >> $HOME/groups; while :; do echo line; done";
    let child = env.command(&many(&["--match", "", "--parallel", "2"], script)).spawn().unwrap();
    wait_until("both run", || groups(&env).len() == 2);
    signal(&child, "KILL");
    drop(child.wait_with_output().unwrap());
    assert_gone(&groups(&env));
    assert_eq!(groups(&env).len(), 2);
}

#[test]
fn a_reader_who_takes_his_time_holds_up_no_signal() {
    let env = organisation(2, "[\"ReadOnly\"]", "");
    let (_reader, writer) = std::io::pipe().unwrap();
    let script = "echo $$ >> $HOME/groups; while :; do echo line; done";
    let mut command = env.command(&many(&["--match", "", "--parallel", "2"], script));
    let mut child = command.stdout(writer).spawn().unwrap();
    wait_until("both run", || groups(&env).len() == 2);
    signal(&child, "TERM");
    assert_gone(&groups(&env));
    // It waits for the reader, until it is told again.
    while child.try_wait().unwrap().is_none() {
        signal(&child, "TERM");
        std::thread::yield_now();
    }
    assert_eq!(child.wait().unwrap().code(), Some(143));
}

#[test]
fn a_terminal_shows_how_far_it_is_and_ctrl_c_ends_it() {
    let env = organisation(4, "[\"ReadOnly\"]", "");
    let run = "exec {keyfob} exec --match '' --parallel 1 -- sh -c";
    let (code, shown) = env.terminal(&format!("{run} 'echo ran'")).finish();
    assert_eq!((code, shown.matches(" | ran").count()), (0, 4), "{shown}");
    assert!(shown.contains("] 4 of 4 done"), "{shown}");
    let (_, quiet) = env.terminal(&format!("{run} true -q --quiet")).finish();
    assert!(quiet.contains("] 4 of 4 done"), "these are of the command: {quiet}");
    let mut terminal = env.terminal(&format!("{run} 'sleep 1000 & echo started; wait'"));
    terminal.wait_for("started");
    terminal.interrupt();
    let (code, shown) = terminal.finish();
    assert_eq!(code, 130, "{shown}");
}
