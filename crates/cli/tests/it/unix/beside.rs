//! Commands that edit the config file, beside each other and beside a person with an editor.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};

use shared_config::{Files, Sections};

use crate::support::{ACCOUNT, Run, TestEnv, wait_until};
use crate::unix::person::Terminal;

fn config(env: &TestEnv) -> String {
    fs::read_to_string(env.path(".aws/config")).unwrap()
}

/// Every line is understood, and no section is there twice.
fn assert_sound(text: &str) {
    let files = Files::from_texts(text, "");
    assert_eq!(Sections::parse(&files).diagnostics(), [], "{text}");
    let headers: Vec<_> = text.lines().filter(|line| line.starts_with('[')).collect();
    assert_eq!(headers.iter().collect::<BTreeSet<_>>().len(), headers.len(), "{text}");
}

/// Runs commands at once, which all succeed.
fn at_once<'c>(env: &TestEnv, commands: impl Iterator<Item = Vec<&'c str>>) {
    let spawn =
        |arguments: Vec<&str>| env.command(&arguments).stdin(Stdio::null()).spawn().unwrap();
    let all: Vec<_> = commands.map(spawn).collect();
    for run in all.into_iter().map(Run::of) {
        assert_eq!(run.code, 0, "{run:?}");
    }
}

const POPULATE: [&str; 4] = ["configure", "populate", "--region", "eu-west-1"];
const SYNC: [&str; 6] = ["profiles", "sync", "--region", "eu-west-1", "--region", "us-east-1"];
const MIGRATE: [&str; 3] = ["configure", "migrate", "--all"];

#[test]
fn twenty_that_populate_write_one_set_of_profiles() {
    let env = TestEnv::new();
    env.sign_in();
    let before = config(&env);
    at_once(&env, (0..20).map(|_| POPULATE.to_vec()));
    let text = config(&env);
    assert_sound(&text);
    let roles = text.matches("\nsso_auto_populated = true\n").count();
    assert!(text.starts_with(&before) && roles > 3, "{text}");
    assert_eq!(text.matches("\n[profile ").count(), roles + 2, "{text}");
    assert_eq!(fs::read_to_string(env.path(".aws/config.keyfob-backup")).unwrap(), before);
    at_once(&env, [POPULATE.to_vec()].into_iter());
    assert_eq!(config(&env), text);
}

#[test]
fn twenty_of_all_kinds_leave_each_section_there_once() {
    let env = TestEnv::new();
    env.sign_in();
    let before = config(&env).replace("[profile old]", "# mine\n[profile old] # this one");
    env.write_config(&before);
    let names = ["p0", "p1", "p2", "p3", "p4"];
    let role = ["--sso-session", "work", "--account-id", ACCOUNT, "--role-name", "ReadOnly"];
    let commands = names.iter().flat_map(|name| {
        let profile = [&["configure", "profile", name][..], &role].concat();
        [POPULATE.to_vec(), SYNC.to_vec(), profile, MIGRATE.to_vec()]
    });
    at_once(&env, commands);
    let text = config(&env);
    assert_sound(&text);
    for kept in names.map(|name| format!("[profile {name}]\nsso_session = work\n")) {
        assert!(text.contains(&kept), "{kept}: {text}");
    }
    assert!(text.contains("# mine\n[profile old] # this one\nsso_account_id = "), "{text}");
    assert_eq!(fs::read_to_string(env.path(".aws/config.keyfob-backup")).unwrap(), before);
    // One after the other they find all done, but for what the last of them undoes.
    for command in [&POPULATE[..], &SYNC, &MIGRATE] {
        assert_eq!(env.run(command).code, 0);
    }
    let text = config(&env);
    assert_sound(&text);
    for command in [&SYNC[..], &MIGRATE] {
        assert_eq!(env.run(command).code, 0);
    }
    assert_eq!(config(&env), text);
}

/// Answers the questions of `configure sso` up to that for the name of the profile.
fn guided(env: &TestEnv, options: &str) -> Terminal {
    env.sign_in();
    let script = format!("{{keyfob}} configure sso --sso-session work --no-sync {options}");
    let mut terminal = env.terminal(&script);
    terminal.wait_for("Account:");
    terminal.type_text("stag\r");
    terminal.wait_for("Role:");
    terminal.type_text("develop\r");
    terminal.wait_for("Region of the profile");
    terminal.type_text("\u{15}eu-west-1\r");
    terminal.wait_for("Name of the profile: Staging.Developer");
    terminal
}

#[test]
fn what_a_person_edits_while_a_question_is_open_stays() {
    let env = TestEnv::new();
    let before = config(&env);
    let mut terminal = guided(&env, "");
    let edited = before
        .replace("[profile dev]\n", "# by hand\n[profile dev]\nregion = us-west-2\n")
        + "[profile hand]\nregion = us-east-2";
    env.write_config(&edited);
    terminal.type_text("\r");
    let (code, shown) = terminal.finish();
    assert_eq!(code, 0, "{shown}");
    let written = "\n\n[profile Staging.Developer]\nsso_session = work\n\
                   sso_account_id = 222233334444\nsso_role_name = Developer\nregion = eu-west-1\n";
    assert_eq!(config(&env), edited + written);
}

#[test]
fn a_profile_that_a_person_writes_meanwhile_is_not_overwritten() {
    for (own, told) in [
        ("region = us-west-2\noutput = text\n", ": region = us-west-2"),
        (
            "role_arn = arn:aws:iam::111122223333:role/x\nsource_profile = dev\n",
            "gets its credentials by role",
        ),
        ("sso_start_url = https://d-1.awsapps.com/start\n", "sso_start_url would be removed"),
    ] {
        let env = TestEnv::new();
        let mut terminal = guided(&env, "");
        let edited = format!("{}[profile Staging.Developer]\n{own}", config(&env));
        env.write_config(&edited);
        terminal.type_text("\r");
        let (code, shown) = terminal.finish();
        assert_eq!((code, config(&env)), (2, edited), "{shown}");
        assert!(shown.contains(".aws/config:") && shown.contains(told), "{shown}");
        assert!(shown.contains("hint: ") && shown.contains("--force"), "{shown}");
        assert!(!shown.contains("says so already") && !shown.contains("Use it with"), "{shown}");
    }
    // With --force it is.
    let env = TestEnv::new();
    let mut terminal = guided(&env, "--force");
    env.write_config(&format!("{}[profile Staging.Developer]\nregion = x\n", config(&env)));
    terminal.type_text("\r");
    let (code, shown) = terminal.finish();
    assert_eq!(code, 0, "{shown}");
    assert!(config(&env).contains("[profile Staging.Developer]\nregion = eu-west-1\n"), "{shown}");
}

#[test]
fn a_session_that_a_person_writes_meanwhile_is_not_overwritten() {
    let env = TestEnv::new();
    let mut terminal = env.terminal(
        "{keyfob} configure sso-session --region eu-west-1 --start-url https://d-2.awsapps.com/start",
    );
    terminal.wait_for("Name of the session:");
    let own = "[sso-session new]\nsso_start_url = https://d-1.awsapps.com/start\n";
    let edited = config(&env) + own;
    env.write_config(&edited);
    terminal.type_text("new\r");
    let (code, shown) = terminal.finish();
    assert_eq!((code, config(&env)), (2, edited), "{shown}");
    assert!(shown.contains("sso_start_url = https://d-1.awsapps.com/start"), "{shown}");
}

#[test]
fn what_a_person_changes_while_profiles_are_turned_stays() {
    let mut env = TestEnv::new();
    let yaml = env.path("config.yaml");
    assert!(Command::new("mkfifo").arg(&yaml).status().unwrap().success());
    env.set("AWS_SSO_CONFIG", yaml.to_str().unwrap());
    let vault = "[profile vault]\ncredential_process = aws-vault exec --json old\n";
    let before = config(&env) + vault;
    env.write_config(&before);
    let run = env.start(&MIGRATE);
    // The config is read by now: whoever opens a pipe to write waits for a reader.
    let pipe = fs::File::options().write(true).open(&yaml).unwrap();
    let edited =
        before.replace("aws-vault exec --json old", "my-tool").replace("Operator", "Admin");
    env.write_config(&edited);
    drop(pipe);
    let run = run.finish();
    assert_eq!(run.code, 0, "{run:?}");
    let text = config(&env);
    assert!(text.ends_with("[profile vault]\ncredential_process = my-tool\n"), "{text}");
    assert!(text.contains("sso_role_name = Admin\nsso_session = work\n"), "{text}");
    assert!(run.stderr.contains("1 profile of aws-cli.\n"), "{run:?}");
    assert!(!run.stderr.contains("aws-vault"), "{run:?}");
}

#[test]
fn a_profile_that_is_written_while_others_are_named_keeps_its_name() {
    let env = TestEnv::new();
    env.sign_in();
    let own = "[profile Staging.Developer]\nregion = us-west-2 # by hand\n";
    let (file, before) = (env.path(".aws/config"), config(&env));
    let script = format!(
        "#!/bin/sh\ngrep -q Staging.Developer {0} || printf '{1}' >> {0}\necho \"$1.$3\"\n",
        file.display(),
        own.replace('\n', "\\n")
    );
    let program = env.path("name");
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let named = ["--profile-name-process", program.to_str().unwrap()];
    let run = env.run(&[&POPULATE[..], &named].concat());
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("the new one is `Staging.Developer.sso`"), "{run:?}");
    assert!(config(&env).starts_with(&(before + own)), "{}", config(&env));
    assert_sound(&config(&env));
}

#[test]
fn a_command_that_names_profiles_ends_with_whoever_waits_for_it() {
    let env = TestEnv::new();
    env.sign_in();
    let before = config(&env);
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let pid = env.path("pid");
        let command =
            format!("sh -c 'echo $$ >{0}.new; mv {0}.new {0}; exec sleep 600'", pid.display());
        let run = env.start(&[&POPULATE[..], &["--profile-name-process", &command]].concat());
        wait_until("the command is started", || pid.exists());
        let named = fs::read_to_string(&pid).unwrap();
        run.send(signal);
        let run = run.finish();
        assert_eq!((run.code, config(&env)), (code, before.clone()), "{run:?}");
        let alive =
            || Command::new("kill").args(["-0", named.trim()]).stderr(Stdio::null()).status();
        wait_until("it ends, too", || !alive().unwrap().success());
        fs::remove_file(&pid).unwrap();
    }
}

#[test]
fn ten_that_need_a_sign_in_open_one_page() {
    let env = TestEnv::with_person();
    let mut first = env.start(&POPULATE);
    let url = first.wait_for_url();
    let mut others: Vec<_> = (1..10).map(|_| env.start(&POPULATE)).collect();
    for other in &mut others {
        other.wait_for("Waiting for another sign-in to `work`");
    }
    env.approve_device(&url);
    for run in others.into_iter().chain([first]).map(crate::support::Waiting::finish) {
        assert_eq!(run.code, 0, "{run:?}");
    }
    assert_eq!(env.calls("StartDeviceAuthorization"), 1);
}
