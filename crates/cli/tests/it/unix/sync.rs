//! `keyfob profiles sync`, `diff` and `prune`.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::process::{Command, Stdio};
use std::time::Duration;

use emulator::{Account, Fault, FaultKind};
use serde_json::Value;

use crate::support::{Run, TestEnv};

/// And a minute.
const DAY: Duration = Duration::from_secs(24 * 60 * 60 + 60);

/// A company with names that no profile can have, and twice nearly the same.
const COMPANY: [(&str, &str, &[&str]); 4] = [
    ("111122223333", "Team A [Prod]", &["Admin", "ReadOnly"]),
    ("444455556666", "sand/box", &["Admin"]),
    ("777788889999", "sand box", &["Admin"]),
    ("000011112222", "日本", &["ReadOnly"]),
];

fn set(env: &TestEnv, company: &[(&str, &str, &[&str])]) {
    let account = |(id, name, roles): &(&str, &str, &[&str])| Account::new(id, name, roles);
    let accounts: Vec<_> = company.iter().map(account).collect();
    env.server.idp().lock().unwrap().set_accounts(&accounts);
}

fn company() -> TestEnv {
    let env = TestEnv::new();
    set(&env, &COMPANY);
    env.sign_in();
    env
}

fn config(env: &TestEnv) -> String {
    fs::read_to_string(env.path(".aws/config")).unwrap()
}

fn sync(env: &TestEnv, options: &[&str]) -> Run {
    let run = env.run(&[&["profiles", "sync"], options].concat());
    assert_eq!(run.code, 0, "{run:?}");
    run
}

/// The profiles that sync made.
fn made(env: &TestEnv) -> Vec<String> {
    let text = config(env);
    let sections = text.split("\n[").filter(|section| section.contains("\nkeyfob_sync ="));
    let names = sections.map(|section| section.split(']').next().unwrap());
    names.map(|name| name.trim_start_matches("profile ").to_owned()).collect()
}

const NAME: [&str; 2] = ["--name", "{account|replace:日本:nihon}.{role}"];

#[test]
fn every_role_gets_a_profile_that_works_and_prune_gives_the_file_back() {
    let env = company();
    let before = config(&env);
    let run = sync(&env, &NAME);
    assert!(config(&env).starts_with(before.lines().next().unwrap()));
    let expected = [
        "Team-A-Prod-.Admin",
        "Team-A-Prod-.ReadOnly",
        "sand-box.Admin-9999",
        "sand-box.Admin-6666",
        "nihon.ReadOnly",
    ];
    assert_eq!(made(&env), expected);
    assert!(run.stdout.contains("+ Team-A-Prod-.Admin\n"), "{run:?}");
    assert!(run.stderr.contains("2 roles would be named `sand-box.Admin`"), "{run:?}");
    assert!(run.stderr.contains("+5 -0 ~0 !0 of 5 profiles in "), "{run:?}");
    for name in expected {
        assert_eq!(env.run(&["credential-process", "--profile", name]).code, 0, "{name}");
    }
    // What is kept needs not be said again, and nothing is written.
    let (text, metadata) = (config(&env), fs::metadata(env.path(".aws/config")).unwrap());
    sync(&env, &[]);
    let again = fs::metadata(env.path(".aws/config")).unwrap();
    assert_eq!(config(&env), text);
    assert_eq!((again.ino(), again.mtime_nsec()), (metadata.ino(), metadata.mtime_nsec()));
    let run = env.run(&["profiles", "prune", "--all"]);
    assert_eq!((run.code, config(&env)), (0, before), "{run:?}");
}

#[test]
fn names_and_regions_that_are_none_are_errors() {
    let env = company();
    let before = config(&env);
    let run = env.run(&["profiles", "sync", "--name", "{account|trim:.*}"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("of account ") && run.stderr.contains("{account-id}.{role}"));
    let run = env.run(&["profiles", "sync", "--name", "{acount}"]);
    assert!(run.code == 2 && run.stderr.contains("account, account-id, role"), "{run:?}");
    let run = env.run(&["profiles", "sync", "--region", "eu-wset-1"]);
    assert!(run.code == 2 && run.stderr.contains("did you mean eu-west-1?"), "{run:?}");
    assert_eq!(config(&env), before);
}

#[test]
fn filters_and_regions_are_kept_in_the_session_until_they_are_reset() {
    let env = company();
    let options =
        ["--match", "team a", "--match", "sand", "--exclude", "777788889999", "--role", "^Admin$"];
    sync(&env, &options);
    assert_eq!(made(&env), ["Team-A-Prod-.Admin", "sand-box.Admin"]);
    sync(&env, &["--region", "eu-west-1", "--region-for", "sand=us-east-1"]);
    assert_eq!(config(&env).matches("\nregion = eu-west-1\n").count(), 1);
    assert_eq!(config(&env).matches("\nregion = us-east-1\n").count(), 1);
    sync(&env, &[]);
    assert_eq!(made(&env).len(), 2);
    let run = sync(&env, &["--reset", "--name", NAME[1], "--dry-run"]);
    assert!(run.stdout.contains("+[profile nihon.ReadOnly]") && made(&env).len() == 2, "{run:?}");
    sync(&env, &["--reset", "--name", NAME[1]]);
    assert_eq!(made(&env).len(), 5);
    assert!(!config(&env).contains("keyfob_sync_match"));
}

#[test]
fn several_regions_make_a_profile_each_and_one_that_is_dropped_is_told_and_pruned() {
    let env = company();
    set(&env, &COMPANY[..1]);
    let before = config(&env);
    sync(&env, &["--region", "eu-west-1"]);
    assert!(config(&env).contains("\nkeyfob_sync_region = eu-west-1\n"));
    let both = ["--region", "eu-west-1", "--region", "us-east-1", "--region", "eu-west-1"];
    let run = sync(&env, &[&both[..], &["--region-for", "readonly=eu-north-1"]].concat());
    assert_eq!(run.stdout.lines().count(), 2, "{run:?}");
    let admin = ["Team-A-Prod-.Admin", "Team-A-Prod-.Admin.usea1"];
    assert_eq!(made(&env), [admin[0], "Team-A-Prod-.ReadOnly", admin[1]]);
    let region = |name: &str| {
        let run = env.run(&["exec", "--profile", name, "--", "sh", "-c", "echo $AWS_REGION"]);
        assert_eq!(run.code, 0, "{run:?}");
        run.stdout.trim().to_owned()
    };
    let regions: Vec<_> = made(&env).iter().map(|name| region(name)).collect();
    assert_eq!(regions, ["eu-west-1", "eu-north-1", "us-east-1"]);
    let text = config(&env);
    assert_eq!(sync(&env, &[]).stdout, "");
    assert_eq!(config(&env), text);
    // A profile that is named after its region does not become that of another one.
    let run = sync(&env, &["--region", "eu-west-1", "--region", "ap-south-1"]);
    assert_eq!(run.stdout, "+ Team-A-Prod-.Admin.apso1\n", "{run:?}");
    assert!(run.stderr.contains("1 are for roles or regions that you no longer have"), "{run:?}");
    assert_eq!(region(admin[1]), "us-east-1");
    let run = sync(&env, &["--prune"]);
    assert_eq!(run.stdout, format!("- {}\n", admin[1]), "{run:?}");
    let run = sync(&env, &["--region", "eu-west-1", "--prune"]);
    assert_eq!(run.stdout, "- Team-A-Prod-.Admin.apso1\n", "{run:?}");
    assert!(config(&env).contains("\nkeyfob_sync_region = eu-west-1\n"));
    sync(&env, &both);
    let run = env.run(&["profiles", "prune", "--all"]);
    assert_eq!((run.code, config(&env)), (0, before), "{run:?}");
}

#[test]
fn what_a_person_wrote_stays_and_is_told() {
    let env = company();
    sync(&env, &NAME);
    let mine = "[profile mine]\nregion = x\n";
    let text = config(&env)
        .replace("[profile nihon.ReadOnly]", "[profile japan]")
        .replace("[profile Team-A-Prod-.Admin]\n", "[profile Team-A-Prod-.Admin]\noutput = json\n")
        .replacen(
            "sso_role_name = ReadOnly\nkeyfob",
            "sso_role_name = ReadOnly\nregion = mine\nkeyfob",
            1,
        );
    env.write_config(&format!("{text}{mine}"));
    let run = sync(&env, &["--region", "eu-west-1"]);
    assert!(run.stdout.contains("! Team-A-Prod-.ReadOnly  (you changed it"), "{run:?}");
    let after = config(&env);
    for kept in [mine, "[profile japan]", "region = mine\n", "output = json\n"] {
        assert!(after.contains(kept), "{kept}: {after}");
    }
    assert_eq!(after.matches("\nregion = eu-west-1").count(), 4);
    let run = sync(&env, &["--overwrite-edited"]);
    assert!(run.stderr.contains("~1 !0"), "{run:?}");
    assert!(!config(&env).contains("region = mine"));
}

#[test]
fn roles_that_are_gone_are_told_and_removed_by_prune_alone() {
    let env = company();
    sync(&env, &NAME);
    set(&env, &[COMPANY[0], COMPANY[2], COMPANY[3]]);
    let run = sync(&env, &["--refresh"]);
    assert!(run.stderr.contains("1 are for roles or regions that you no longer have"), "{run:?}");
    assert_eq!(made(&env).len(), 5);
    let run = env.run(&["profiles", "prune"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(run.stdout, "- sand-box.Admin-6666\n");
    // The one that is left keeps the name that scripts know.
    let left =
        ["Team-A-Prod-.Admin", "Team-A-Prod-.ReadOnly", "sand-box.Admin-9999", "nihon.ReadOnly"];
    assert_eq!(made(&env), left);
}

#[test]
fn nothing_of_an_account_that_could_not_be_listed_is_removed() {
    let env = company();
    sync(&env, &NAME);
    // One role is gone, of an account that cannot be listed; so is an account, which is known.
    set(&env, &[("111122223333", "Team A [Prod]", &["Admin"]), COMPANY[1], COMPANY[2]]);
    for (kind, code) in [(FaultKind::NotJson { status: 200 }, 5), (FaultKind::Forbidden, 0)] {
        let fault = Fault::new("ListAccountRoles", kind);
        env.server.idp().lock().unwrap().set_faults(&[fault]);
        for command in [&["profiles", "sync", "--prune"][..], &["profiles", "prune"]] {
            let run = env.run(command);
            assert_eq!(run.code, code, "{run:?}");
            let is_told = run.stderr.contains("the roles of 3 accounts could not be listed");
            assert_eq!(is_told, code == 5, "{run:?}");
            assert!(made(&env).contains(&"Team-A-Prod-.ReadOnly".to_owned()), "{run:?}");
            assert_eq!(made(&env).len(), 4, "{run:?}");
        }
    }
}

#[test]
fn a_diff_and_a_dry_run_write_nothing_and_programs_read_what_would_be() {
    let env = company();
    let before = config(&env);
    for arguments in [&["profiles", "diff"][..], &["profiles", "sync", "--dry-run"]] {
        let run = env.run(&[arguments, &NAME].concat());
        assert_eq!(run.code, 0, "{run:?}");
        assert!(run.stdout.contains("+[profile sand-box.Admin-6666]\n"), "{run:?}");
        assert_eq!(config(&env), before);
    }
    let run = env.run(&[&["profiles", "diff", "--output", "json"][..], &NAME].concat());
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&json["version"], &json["written"]), (&Value::from(1), &Value::from(false)));
    assert_eq!(json["profiles"][0]["outcome"], "added");
    let run = env.run(&[&["profiles", "sync", "--fail-on-conflict"][..], &NAME].concat());
    assert_eq!((run.code, config(&env)), (2, before), "{run:?}");
}

#[test]
fn a_config_that_is_broken_or_not_ours_is_left_alone() {
    let env = company();
    let whole = config(&env);
    let broken = format!("{whole}what is this\n");
    env.write_config(&broken);
    let run = env.run(&[&["profiles", "sync"][..], &NAME].concat());
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains(".aws/config:13") && run.stderr.contains("nothing was written"));
    assert_eq!(config(&env), broken);
    // A file elsewhere, behind a link, with a mode of its own.
    let target = env.path("dotfiles");
    fs::write(&target, &whole).unwrap();
    fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
    fs::remove_file(env.path(".aws/config")).unwrap();
    symlink(&target, env.path(".aws/config")).unwrap();
    sync(&env, &NAME);
    assert!(fs::symlink_metadata(env.path(".aws/config")).unwrap().is_symlink());
    assert_eq!(fs::metadata(&target).unwrap().mode() & 0o777, 0o640);
    assert_eq!(made(&env).len(), 5);
    fs::set_permissions(&target, fs::Permissions::from_mode(0o440)).unwrap();
    let before = config(&env);
    let run = env.run(&["profiles", "prune", "--all"]);
    assert_eq!((run.code, config(&env)), (5, before), "{run:?}");
}

#[test]
fn twenty_at_once_write_one_set_of_profiles() {
    let env = company();
    let spawn = || {
        let mut command = env.command(&[&["profiles", "sync"][..], &NAME].concat());
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let all: Vec<_> = (0..20).map(|_| spawn()).collect();
    for mut child in all {
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
    assert_eq!(made(&env).len(), 5);
    assert_eq!(config(&env).matches("[profile nihon.ReadOnly]").count(), 1);
}

#[test]
fn a_command_is_the_path_by_which_a_shell_finds_it() {
    let mut env = company();
    let bin = env.path("bin");
    fs::create_dir(&bin).unwrap();
    symlink(env!("CARGO_BIN_EXE_keyfob"), bin.join("keyfob")).unwrap();
    env.set("PATH", &format!("{}:/usr/bin:/bin", bin.display()));
    sync(&env, &[&NAME[..], &["--credential-process"]].concat());
    let line = format!(
        "credential_process = {} credential-process --sso-session work",
        bin.join("keyfob").display()
    );
    assert_eq!(config(&env).matches(&line).count(), 5);
    let text = config(&env);
    let command = text.lines().find_map(|line| line.strip_prefix("credential_process = ")).unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).env_clear().env("HOME", env.home.path());
    for service in ["SSO", "SSO_OIDC", "STS"] {
        let name = format!("AWS_ENDPOINT_URL_{service}");
        shell.env(&name, env.variable(&name));
    }
    assert!(shell.output().unwrap().status.success());
    sync(&env, &["--form", "session"]);
    assert!(!config(&env).contains("credential_process"));
}

#[test]
fn the_file_is_kept_as_it_was_once_a_day_or_not_edited_at_all() {
    let env = company();
    let daily = env.path(".aws/config.keyfob-daily");
    let region = |region: &str| sync(&env, &["--region", region]);
    let told = |run: &Run| run.stderr.matches("The file as it was is kept as ").count();
    assert_eq!(told(&region("eu-west-1")), 1);
    assert!(!daily.exists(), "that of the first edit is there");
    let before = config(&env);

    // Where it cannot be kept, nothing is edited.
    let full = env.command_under("ulimit -f 0", "profiles sync --region eu-west-2");
    let full = Run::from({ full }.output().unwrap());
    assert!(full.code == 5 && full.stderr.contains("File too large"), "{full:?}");
    fs::write(env.path("other"), "mine").unwrap();
    symlink("../other", &daily).unwrap();
    let run = env.run(&["profiles", "sync", "--region", "eu-west-2"]);
    assert_eq!(run.code, 5, "{run:?}");
    assert!(
        run.stderr.contains("config.keyfob-daily, where the backup goes, is no file"),
        "{run:?}"
    );
    assert!(run.stderr.contains("hint: move that away; nothing was changed"), "{run:?}");
    assert_eq!(fs::read_to_string(env.path("other")).unwrap(), "mine");
    assert_eq!(config(&env), before);
    fs::remove_file(&daily).unwrap();

    let run = region("eu-west-2");
    assert!(run.stderr.contains("/.aws/config.keyfob-daily.\n") && told(&run) == 1, "{run:?}");
    assert_eq!(fs::read_to_string(&daily).unwrap(), before);
    assert_eq!(told(&region("eu-west-3")), 0);
    let file = fs::File::options().write(true).open(&daily).unwrap();
    file.set_modified(file.metadata().unwrap().modified().unwrap() - DAY).unwrap();
    let before = config(&env);
    assert_eq!(told(&region("eu-north-1")), 1);
    assert_eq!(fs::read_to_string(&daily).unwrap(), before);
    // What edits a single profile keeps no daily copy.
    fs::remove_file(&daily).unwrap();
    let before = config(&env);
    let profile = ["configure", "profile", "dev", "--region", "eu-west-1", "--force"];
    let run = env.run(&profile);
    assert!(run.code == 0 && config(&env) != before, "{run:?}");
    assert!(!daily.exists());
}
