//! `exec --match`: a command for each of many roles.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};

use emulator::Account;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, Run, TestEnv};

const KEYFOB: &str = env!("CARGO_BIN_EXE_keyfob");

/// An organisation of accounts with these roles each.
pub(crate) fn organisation(accounts: usize, roles: &str, more: &str) -> TestEnv {
    let mut scenario = format!("{more}\n[[user]]\nname = \"Jo\"\nemail = \"jo@example.com\"\n");
    for number in 1..=accounts {
        scenario += &format!(
            "[[account]]\nid = \"{number:012}\"\nname = \"team-{number}\"\nroles = {roles}\n"
        );
    }
    let env = TestEnv::with_scenario(&scenario);
    env.sign_in();
    env
}

impl TestEnv {
    /// Runs a shell command for many roles.
    pub(crate) fn fan_out(&self, options: &[&str], script: &str) -> Run {
        self.run(&many(options, script))
    }
}

pub(crate) fn many<'a>(options: &[&'a str], script: &'a str) -> Vec<&'a str> {
    [&["exec"], options, &["--", "sh", "-c", script]].concat()
}

fn items(run: &Run) -> Vec<Value> {
    run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn three_hundred_roles_run_at_the_limit_of_the_server_after_one_refresh() {
    let roles = "[\"ReadOnly\", \"Operator\", \"Administrator\"]";
    // The emulator counts by whole seconds, in which a pace of 20 may show 21.
    let env = organisation(100, roles, "rate_limit = 22");
    env.expire_token();
    let run = env.fan_out(&["--match", "", "--parallel", "8"], "echo $KEYFOB_EXEC");
    // A machine that is busy may take its time.
    let is_patience = |line: &str| line.starts_with("Waiting for ");
    assert!(run.code == 0 && run.stderr.lines().all(is_patience), "{run:?}");
    let lines: BTreeSet<&str> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 300);
    assert!(lines.contains("team-7/Operator | Operator@000000000007"), "{run:?}");
    assert_eq!((env.calls("ListAccountRoles"), env.calls("GetRoleCredentials")), (100, 300));
    assert_eq!(env.calls("CreateToken:refresh_token"), 1);
    assert!(env.server.calls().iter().all(|call| call.status != 429), "it was throttled");

    let again = env.fan_out(&["--match", "", "--parallel", "8"], ":");
    assert_eq!((again.code, env.calls("GetRoleCredentials")), (0, 300), "the cache serves");
}

#[test]
fn a_server_that_throttles_is_waited_for() {
    let env = organisation(8, "[\"ReadOnly\", \"Operator\"]", "rate_limit = 7");
    let run = env.fan_out(&["--match", "", "--parallel", "16"], "echo $AWS_ACCESS_KEY_ID");
    assert_eq!(run.code, 0, "{run:?}");
    let keys: BTreeSet<_> = run.stdout.lines().map(|line| line.rsplit(' ').next()).collect();
    assert_eq!(keys.len(), 16, "each has credentials of its own");
    assert!(env.server.calls().iter().any(|call| call.status == 429));
}

#[test]
fn queries_choose_as_search_does_and_a_dry_run_shows_it() {
    let env = TestEnv::new();
    env.sign_in();
    let shown = |options: &[&str], command: &[&str]| {
        let run = env.run(&[&["exec", "--dry-run"], options, &["--"], command].concat());
        assert_eq!(run.code, 0, "{run:?}");
        run.stdout
    };
    assert_eq!(
        shown(&["--match", "stag"], &["echo", "{account} {name}", "{role}", "{{x}", "{x}"]),
        "Staging/Administrator | echo '222233334444 Staging' Administrator '{x}' '{x}'\n\
         Staging/Developer | echo '222233334444 Staging' Developer '{x}' '{x}'\n\
         Staging/ReadOnly | echo '222233334444 Staging' ReadOnly '{x}' '{x}'\n"
    );
    assert_eq!(
        shown(
            &["--match", "stag", "--match", ACCOUNT, "--exclude", "'read", "--role", "r$"],
            &[":"]
        ),
        "Production/Operator | :\nStaging/Administrator | :\nStaging/Developer | :\n"
    );
    assert_eq!(
        shown(&["--match", "stag dev", "--regions", "eu-west-1,us-east-1"], &["{region}"]),
        "Staging/Developer/eu-west-1 | eu-west-1\nStaging/Developer/us-east-1 | us-east-1\n"
    );
    assert_eq!(env.calls("GetRoleCredentials"), 0);
}

#[test]
fn what_is_said_wrongly_is_told_before_anything_runs() {
    let env = TestEnv::new();
    env.sign_in();
    for (options, said) in [
        (&["--match", "zzzzz", "--", "true"][..], "no role that is assigned to you fits"),
        (&["--match", "stag", "--", "echo", "{region}"], "the command has {region}"),
        (&["--match", "stag"], "--match needs a command"),
        (&["--match", "stag", "dev", "--", "true"], "`dev` stands beside --match"),
        (&["--match", "stag", "--regions", "eu-wset-1", "--", "true"], "did you mean eu-west-1"),
        (&["--match", "stag", "--server", "--", "true"], "cannot be used with"),
        (&["--keep-going", "--", "true"], "--match <QUERY>"),
        (&["--match", "stag", "--role", "(", "--", "true"], "--role"),
    ] {
        let run = env.run(&[&["exec"], options].concat());
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run:?}");
        assert!(run.stderr.contains(said), "{said:?}: {run:?}");
    }
    assert_eq!(env.calls("GetRoleCredentials"), 0);
}

#[test]
fn each_command_has_the_environment_of_exec() {
    let mut env = TestEnv::new();
    env.sign_in();
    env.set("AWS_PROFILE", "dev");
    env.set("AWS_SECURITY_TOKEN", "stale");
    env.set("KEPT", "kept");
    let role = ["--sso-session", "work", "--account-id", ACCOUNT, "--role-name", "ReadOnly"];
    let of_one = env.run(&[&["exec"], &role[..], &["--", "env"]].concat());
    let options = ["--sso-session", "work", "--match", ACCOUNT, "--role", "ReadOnly"];
    let of_many = env.run(&[&["exec"], &options[..], &["--", "env"]].concat());
    let prefix = "Production/ReadOnly | ";
    let lines = of_many.stdout.lines().map(|line| line.strip_prefix(prefix).unwrap());
    let lines: BTreeSet<_> = lines.collect();
    assert_eq!(lines, of_one.stdout.lines().collect(), "{of_many:?}");
    let regions = [&options[..], &["--regions", "us-west-2"]].concat();
    let run = env.fan_out(&regions, "echo $AWS_REGION $AWS_DEFAULT_REGION; cat");
    assert_eq!(run.stdout, "Production/ReadOnly/us-west-2 | us-west-2 us-west-2\n", "{run:?}");
    let nested = env.fan_out(&options, &format!("{KEYFOB} exec --match '' -- true"));
    assert_eq!(nested.code, 2, "{nested:?}");
    assert!(nested.stderr.contains("this is inside `keyfob exec`"), "{nested:?}");
}

#[test]
fn each_role_is_an_object_when_it_has_ended() {
    let env = TestEnv::new();
    env.sign_in();
    let script = "echo out; echo err >&2; [ {role} = Developer ] && exit 3; \
                  [ {role} = ReadOnly ] && kill -KILL $$; printf '\\377'";
    let options = ["--match", "stag", "--keep-going", "--regions", "eu-west-1"];
    let run = env.fan_out(&[&options[..], &["--output", "ndjson"]].concat(), script);
    assert_eq!(run.code, 137, "{run:?}");
    let mut items = items(&run);
    items.sort_by_key(|item| item["roleName"].to_string());
    let item = |role: &str, code: Value, signal: Value, stdout: &str| {
        json!({
            "accountId": "222233334444", "accountName": "Staging", "roleName": role,
            "region": "eu-west-1", "exitCode": code, "signal": signal, "stdout": stdout,
            "stderr": "err\n", "error": null,
        })
    };
    assert_eq!(
        items,
        [
            item("Administrator", 0.into(), Value::Null, "out\n\u{fffd}"),
            item("Developer", 3.into(), Value::Null, "out\n"),
            item("ReadOnly", Value::Null, 9.into(), "out\n"),
        ]
    );
    assert!(run.stderr.contains("failed: Staging/Developer/eu-west-1: exit status: 3"), "{run:?}");
    assert!(run.stderr.contains("2 of 3 failed, 0 did not run"), "{run:?}");
}

#[test]
fn the_first_failure_lets_no_more_begin_unless_all_are_to_run() {
    let env = organisation(6, "[\"ReadOnly\"]", "");
    let script = "echo ran; [ {name} != team-2 ] || exit 4";
    let run = env.fan_out(&["--match", "", "--parallel", "1"], script);
    assert_eq!((run.code, run.stdout.lines().count()), (4, 2), "{run:?}");
    assert!(run.stderr.contains("1 of 6 failed, 4 did not run"), "{run:?}");
    assert!(run.stderr.contains("hint: --keep-going"), "{run:?}");
    let run = env.fan_out(&["--match", "", "--parallel", "1", "--keep-going"], script);
    assert_eq!((run.code, run.stdout.lines().count()), (4, 6), "{run:?}");
    assert!(run.stderr.contains("failed: team-2/ReadOnly: exit status: 4"), "{run:?}");
}

#[test]
fn a_role_without_credentials_is_a_failure_of_that_role() {
    let env = organisation(3, "[\"ReadOnly\"]", "");
    env.run(&["roles"]);
    let left: Vec<_> = [1, 3]
        .map(|number| {
            Account::new(&format!("{number:012}"), &format!("team-{number}"), &["ReadOnly"])
        })
        .into();
    env.server.idp().lock().unwrap().set_accounts(&left);
    let options = ["--match", "", "--keep-going", "--output", "ndjson"];
    let run = env.fan_out(&options, "echo ran");
    assert_eq!(run.code, 4, "{run:?}");
    let mut items = items(&run);
    items.sort_by_key(|item| item["accountId"].to_string());
    let ran: Vec<_> = items.iter().map(|item| item["stdout"].as_str().unwrap()).collect();
    assert_eq!(ran, ["ran\n", "", "ran\n"]);
    assert!(items[1]["error"].as_str().unwrap().contains("ReadOnly"), "{run:?}");
    assert_eq!(items[1]["exitCode"], Value::Null);
    assert!(run.stderr.contains("failed: team-2/ReadOnly: "), "{run:?}");
}

#[test]
fn a_command_that_there_is_not_is_told_once() {
    let env = organisation(20, "[\"ReadOnly\"]", "");
    for options in [&["--match", ""][..], &["--match", "", "--keep-going", "--parallel", "8"]] {
        let run = env.run(&[&["exec"], options, &["--", "no-such-command"]].concat());
        assert_eq!((run.code, run.stdout.as_str()), (127, ""), "{run:?}");
        assert_eq!(run.stderr.matches("no-such-command").count(), 1, "{run:?}");
    }
}

#[test]
fn a_dead_session_is_told_once_and_what_is_cached_still_serves() {
    let env = organisation(20, "[\"ReadOnly\"]", "");
    assert_eq!(env.fan_out(&["--match", "000000000007"], ":").code, 0);
    env.server.idp().lock().unwrap().revoke_sessions();
    env.expire_token();
    let run = env.fan_out(&["--match", "", "--keep-going", "--output", "ndjson"], "echo ran");
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{run:?}");
    assert_eq!(run.stderr.matches("error: ").count(), 1, "{run:?}");
    assert_eq!(run.stderr.matches("run `keyfob login --sso-session work`").count(), 1, "{run:?}");
    let cached = env.fan_out(&["--match", "000000000007"], "echo ran");
    assert_eq!(cached.stdout, "team-7/ReadOnly | ran\n", "{cached:?}");
}

#[test]
fn a_session_that_dies_in_the_middle_is_told_once() {
    let env = organisation(40, "[\"ReadOnly\"]", "");
    env.run(&["roles"]);
    let mut command = env.command(&many(&["--match", "", "--keep-going"], "echo ran"));
    let mut child = command.spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut String::new()).unwrap();
    env.server.idp().lock().unwrap().revoke_sessions();
    let lines = stdout.lines().count();
    let run = Run::of(child);
    assert!(lines < 39, "all ran");
    assert_eq!(run.code, 1, "{run:?}");
    assert_eq!(run.stderr.matches("keyfob login --sso-session work").count(), 1, "{run:?}");
    assert!(run.stderr.contains("0 of 40 failed, "), "{run:?}");
}

#[test]
fn lines_of_commands_that_run_at_once_stay_whole() {
    let env = organisation(8, "[\"ReadOnly\"]", "");
    let script = "i=0; while [ $i -lt 300 ]; do printf {name}; printf :$i:; echo {name}; \
                  printf {name} >&2; echo {name} >&2; i=$((i+1)); done; printf end";
    let run = env.fan_out(&["--match", "", "--parallel", "8"], script);
    assert_eq!(run.code, 0, "{}", run.stderr);
    for team in 1..=8 {
        let name = format!("team-{team}");
        let mut expected: Vec<_> =
            (0..300).map(|i| format!("{name}/ReadOnly | {name}:{i}:{name}")).collect();
        expected.push(format!("{name}/ReadOnly | end"));
        let prefix = format!("{name}/");
        let lines: Vec<_> = run.stdout.lines().filter(|line| line.starts_with(&prefix)).collect();
        assert_eq!(lines, expected);
        let told = format!("{name}/ReadOnly | {name}{name}");
        assert_eq!(run.stderr.lines().filter(|line| *line == told).count(), 300);
    }
    assert_eq!((run.stdout.lines().count(), run.stderr.lines().count()), (8 * 301, 8 * 300));
}

#[test]
fn who_prints_much_holds_up_nobody() {
    let env = organisation(2, "[\"ReadOnly\"]", "");
    // The first one ends only after the second one.
    let script = "if [ {name} = team-1 ]; then head -c 10000000 /dev/zero | tr '\\0' = | fold -w 99; \
                  while [ ! -e $HOME/{NAME} ]; do sleep 0.01; done; else : > $HOME/{NAME}; fi";
    for output in ["prefix", "ndjson"] {
        let script = script.replace("{NAME}", output);
        let options = ["--match", "", "--parallel", "2", "--output", output];
        let run = env.fan_out(&options, &script);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert_eq!(run.stdout.matches('=').count(), 10_000_000);
    }
}

#[test]
fn a_line_that_does_not_end_is_printed_all_the_same() {
    let env = organisation(1, "[\"ReadOnly\"]", "");
    let run = env.fan_out(&["--match", ""], "head -c 3000000 /dev/zero | tr '\\0' =");
    assert_eq!((run.code, run.stdout.matches('=').count()), (0, 3_000_000));
}
