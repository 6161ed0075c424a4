//! `accounts`, `roles` and `search`, against an organisation on loopback.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Child;

use serde_json::{Value, json};

use crate::support::{ACCOUNT, Run, TestEnv, files, mode, read_json};

/// An organisation of accounts with two roles each.
fn organisation(accounts: usize) -> TestEnv {
    let mut scenario = "[[user]]
name = \"Jo\"
email = \"jo@example.com\"
"
    .to_owned();
    for number in 1..=accounts {
        scenario += &format!(
            "[[account]]\nid = \"{number:012}\"\nname = \"team-{number}\"\n\
             roles = [\"ReadOnly\", \"Administrator\"]\n"
        );
    }
    let env = TestEnv::with_scenario(&scenario);
    env.sign_in();
    env
}

impl TestEnv {
    fn rows(&self, arguments: &[&str]) -> Vec<Value> {
        let run = self.run(arguments);
        assert_eq!(run.code, 0, "{run:?}");
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        let list = if arguments[0] == "accounts" { "accounts" } else { "roles" };
        document[list].as_array().unwrap().clone()
    }

    fn start_listing(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().unwrap()
    }
}

#[test]
fn accounts_and_roles_are_written_in_every_form() {
    let env = TestEnv::new();
    env.sign_in();
    let roles = env.rows(&["roles", "--output", "json"]);
    assert_eq!(
        roles[0],
        json!({
            "accountId": "111122223333",
            "accountName": "Production",
            "emailAddress": "aws+production@example.com",
            "roleName": "Operator",
        })
    );
    let names: Vec<_> = roles.iter().map(|row| row["accountName"].as_str().unwrap()).collect();
    let sorted = ["Production", "Production", "Sandbox Ada", "Staging", "Staging", "Staging"];
    assert_eq!(names, sorted, "what is assigned to somebody else is not there");

    let accounts = env.rows(&["accounts", "--output", "json", "--sso-session", "work"]);
    assert_eq!(accounts.len(), 3);
    assert!(accounts[0].get("roleName").is_none());

    let table = env.run(&["roles", "--account", ACCOUNT]);
    assert_eq!(
        table.stdout,
        "ACCOUNT       NAME        EMAIL                       ROLE\n\
         111122223333  Production  aws+production@example.com  Operator\n\
         111122223333  Production  aws+production@example.com  ReadOnly\n"
    );
    let csv = env.run(&["accounts", "--account", "^Prod", "--output", "csv"]);
    assert_eq!(
        csv.stdout,
        "accountId,accountName,emailAddress\n\
         111122223333,Production,aws+production@example.com\n"
    );
    let lines = env.run(&["roles", "--role", "^Dev", "--output", "ndjson"]);
    assert_eq!(
        serde_json::from_str::<Value>(&lines.stdout).unwrap()["roleName"],
        "Developer",
        "{lines:?}"
    );
    let with_role = env.rows(&["accounts", "--role", "^Admin", "--output", "json"]);
    assert_eq!(with_role.len(), 2);
    assert_eq!((env.calls("ListAccounts"), env.calls("ListAccountRoles")), (1, 3));
}

#[test]
fn a_search_finds_the_best_first() {
    let env = TestEnv::new();
    env.sign_in();
    let found = env.rows(&["search", "stag", "adm", "--output", "json"]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["roleName"], "Administrator");
    let by_id = env.rows(&["search", "2222 read", "--output", "json"]);
    assert_eq!(by_id[0]["accountName"], "Staging");
    let nothing = env.run(&["search", "zzz"]);
    assert_eq!((nothing.code, nothing.stdout.as_str()), (0, ""), "{nothing:?}");
    assert!(nothing.stderr.contains("Nothing that is assigned to you fits."), "{nothing:?}");
}

#[test]
fn rows_stream_before_the_listing_has_ended() {
    let env = organisation(30);
    let mut child = env.start_listing(&["roles", "--output", "ndjson"]);
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    // At 20 requests a second the rest takes a second more.
    assert_eq!(serde_json::from_str::<Value>(&line).unwrap()["accountName"], "team-1");
    assert!(child.try_wait().unwrap().is_none(), "it has ended");
    assert_eq!(stdout.lines().count(), 59);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_listing_ends_when_nobody_reads_it_any_more() {
    let env = organisation(60);
    let mut child = env.start_listing(&["roles", "--output", "ndjson"]);
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut String::new()).unwrap();
    drop(stdout);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(env.calls("ListAccountRoles") < 60, "it went on to the end");
}

#[cfg(unix)]
#[test]
fn rows_that_cannot_be_written_are_an_error() {
    let env = TestEnv::new();
    env.sign_in();
    for _ in ["from the portal", "from the index"] {
        let mut command = env.command(&["roles", "--output", "ndjson"]);
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let output = command.stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(5), "{output:?}");
    }
}

#[cfg(unix)]
#[test]
fn an_interrupted_listing_goes_on_where_it_was() {
    let env = organisation(40);
    let child = env.start_listing(&["roles", "--output", "json"]);
    while env.calls("ListAccountRoles") < 10 {
        std::thread::yield_now();
    }
    kill(child.id(), "INT");
    let run = Run::of(child);
    assert_eq!((run.code, run.stdout.as_str()), (130, ""), "{run:?}");
    assert!(run.stderr.contains(" of 40 accounts are kept, the same command goes on"), "{run:?}");

    let kept: usize =
        run.stderr.split("hint: ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    let before = env.calls("ListAccountRoles");
    assert_eq!(env.rows(&["roles", "--output", "json"]).len(), 80);
    assert_eq!(env.calls("ListAccountRoles") - before, 40 - kept);
}

#[cfg(unix)]
#[test]
fn a_reader_who_takes_his_time_holds_up_no_signal() {
    for output in ["ndjson", "json"] {
        let env = organisation(3);
        let (_reader, mut writer) = std::io::pipe().unwrap();
        std::io::Write::write_all(&mut writer, &[b' '; 65_536]).unwrap(); // as much as it holds
        let mut command = env.command(&["roles", "--output", output]);
        let mut child = command.stdout(writer).spawn().unwrap();
        let listings = env.listings();
        let is_complete = |path: &std::path::PathBuf| {
            fs::read_to_string(path).is_ok_and(|index| index.contains("complete"))
        };
        while !(listings.is_dir() && files(&listings).iter().any(is_complete)) {
            std::thread::yield_now();
        }
        kill(child.id(), "TERM");
        assert_eq!(child.wait().unwrap().code(), Some(143), "{output}");
    }
}

#[test]
fn who_waits_for_one_account_does_not_wait_for_all() {
    let env = organisation(100);
    let mut all = env.start_listing(&["roles", "--output", "json"]);
    while env.calls("ListAccountRoles") < 10 {
        std::thread::yield_now();
    }
    let one = env.rows(&["roles", "--account", "000000000001", "--output", "json"]);
    assert_eq!(one.len(), 2);
    assert!(env.calls("ListAccountRoles") < 100, "it waited for the end");
    all.kill().unwrap();
    Run::of(all);
}

#[test]
fn processes_share_one_listing() {
    let env = organisation(20);
    let children: Vec<_> =
        (0..6).map(|_| env.start_listing(&["roles", "--output", "json"])).collect();
    let runs: Vec<_> = children.into_iter().map(Run::of).collect();
    for run in &runs {
        assert_eq!((run.code, &run.stdout), (0, &runs[0].stdout), "{run:?}");
    }
    assert_eq!((env.calls("ListAccounts"), env.calls("ListAccountRoles")), (1, 20));
}

#[test]
fn processes_share_the_pace() {
    let env = organisation(25);
    let config = fs::read_to_string(env.path(".aws/config")).unwrap();
    env.write_config(&config.replace("[profile dev]", "[sso-session other]\n\
         sso_start_url = https://keyfob.awsapps.com/start\nsso_region = eu-central-1\n[profile dev]"));
    env.sign_in_to(&["--sso-session", "other"]);
    let begin = std::time::Instant::now();
    let children: Vec<_> = ["work", "other"]
        .map(|session| env.start_listing(&["roles", "--output", "json", "--sso-session", session]))
        .into();
    for run in children.into_iter().map(Run::of) {
        assert_eq!(run.code, 0, "{run:?}");
    }
    // 52 requests, the first at once.
    assert!(begin.elapsed().as_millis() >= 51 * 50, "{:?}", begin.elapsed());
}

#[test]
fn a_cache_that_cannot_be_written_is_told_and_the_listing_is_there() {
    let mut env = TestEnv::new();
    env.sign_in();
    fs::write(env.path("file"), "").unwrap();
    let cache = if cfg!(windows) { "LOCALAPPDATA" } else { "XDG_CACHE_HOME" };
    env.set(cache, env.path("file").to_str().unwrap());
    let run = env.run(&["roles", "--output", "json"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(run.stderr.matches("warning: the listing is not kept").count(), 1, "{run:?}");
    assert_eq!(
        serde_json::from_str::<Value>(&run.stdout).unwrap()["roles"].as_array().unwrap().len(),
        6
    );
}

#[test]
fn a_listing_is_private_and_goes_with_the_sign_in() {
    let env = TestEnv::new();
    env.sign_in();
    env.rows(&["roles", "--output", "json"]);
    let listings = env.listings();
    for file in files(&listings) {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    let index = || {
        let mut files = files(&listings).into_iter();
        let is_index = |path: &std::path::PathBuf| {
            let name = path.file_name().unwrap().to_str().unwrap();
            name.ends_with(".json") && !name.ends_with(".former.json")
        };
        files.find(is_index)
    };
    assert!(index().is_some());
    env.run(&["logout"]);
    assert_eq!(index(), None);

    // One that has ended by itself leaves it to whoever signs in the next morning.
    env.sign_in();
    env.rows(&["roles", "--output", "json"]);
    let mut token = read_json(&env.token_file());
    token.as_object_mut().unwrap().remove("refreshToken");
    fs::write(env.token_file(), token.to_string()).unwrap();
    env.expire_token();
    env.sign_in();
    assert!(index().is_some());
}

#[test]
fn what_is_wrong_is_told_with_what_mends_it() {
    let env = TestEnv::new();
    let run = env.run(&["roles"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stderr.contains("run `keyfob login --sso-session work`"), "{run:?}");
    let run = env.run(&["roles", "--account", "("]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("--account"), "{run:?}");
    let run = env.run(&["search"]);
    assert_eq!(run.code, 2, "{run:?}");
}

#[cfg(unix)]
fn kill(process: u32, signal: &str) {
    let kill = format!("kill -{signal} {process}");
    assert!(std::process::Command::new("sh").args(["-c", &kill]).status().unwrap().success());
}
