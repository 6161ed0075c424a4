//! Command lines that are completed: by the shells that are installed, and as each shell asks.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::support::{TestEnv, files};

/// A home that is signed in and has listed all roles, and more profiles.
fn listed() -> TestEnv {
    let env = TestEnv::new();
    env.sign_in();
    assert_eq!(env.run(&["roles"]).code, 0);
    let config = fs::read_to_string(env.path(".aws/config")).unwrap();
    env.write_config(&format!(
        "{config}[profile chain]\nrole_arn = arn:aws:iam::222233334444:role/Hub\n\
         source_profile = dev\n[profile \"two words\"]\nsso_session = work\n\
         [profile 12:R]\nregion = eu-west-1\n[profile 12:S]\nregion = eu-west-1\n"
    ));
    env
}

/// Asks as a shell does how a line goes on that ends with a word.
fn ask(env: &mut TestEnv, shell: &str, line: &str) -> String {
    let words: Vec<&str> = ["--"].into_iter().chain(line.split(' ')).collect();
    let index = (words.len() - 2).to_string();
    let last = words.last().unwrap().trim_matches(['=', ':']);
    let variables = [
        ("COMPLETE", shell),
        ("_CLAP_COMPLETE_INDEX", &index),
        ("_CLAP_IFS", "\n"),
        ("_KEYFOB_INDEX", &index),
        ("_KEYFOB_WORD", last),
    ];
    variables.iter().for_each(|(name, value)| env.set(name, value));
    let run = env.run(&words);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{line}: {run:?}");
    variables.iter().for_each(|(name, _)| env.unset(name));
    run.stdout.trim_end_matches('\n').to_owned()
}

/// The values alone, as bash is told.
fn values(env: &mut TestEnv, line: &str) -> Vec<String> {
    let answer = ask(env, "bash", line);
    answer.split('\u{b}').filter(|value| !value.is_empty()).map(str::to_owned).collect()
}

#[test]
fn every_shell_is_told_in_its_own_words() {
    let mut env = listed();
    let line = "keyfob exec --profile d";
    assert_eq!(ask(&mut env, "bash", line), "dev");
    assert_eq!(ask(&mut env, "elvish", line), "dev");
    assert_eq!(ask(&mut env, "fish", line), "dev\t111122223333 ReadOnly");
    assert_eq!(ask(&mut env, "powershell", line), "dev\t111122223333 ReadOnly");
    assert_eq!(ask(&mut env, "zsh", line), "dev:111122223333 ReadOnly");
    let json = r#"[{"description":"111122223333 ReadOnly","value":"dev"}]"#;
    assert_eq!(ask(&mut env, "nushell", line), json);
    let line = "keyfob exec --profile two";
    assert_eq!(ask(&mut env, "bash", line), "'two words'");
    assert_eq!(ask(&mut env, "zsh", line), "two words:sso");
    assert!(ask(&mut env, "nu", line).contains(r#""value":"\"two words\"""#));
}

#[test]
fn options_with_their_values_are_completed_however_a_shell_cuts_them() {
    let mut env = listed();
    assert_eq!(
        ask(&mut env, "zsh", "keyfob exec --profile=d"),
        "--profile=dev:111122223333 ReadOnly"
    );
    assert_eq!(values(&mut env, "keyfob exec --profile = d"), ["dev"]);
    let profiles = ["dev", "old", "chain", "'two words'", "12:R", "12:S"];
    for line in ["keyfob exec --profile ", "keyfob exec --profile ="] {
        assert_eq!(values(&mut env, line), profiles, "{line}");
    }
    for line in ["keyfob exec --profile 12 : S", "keyfob exec --profile = 12 : S"] {
        assert_eq!(values(&mut env, line), ["S"], "{line}");
    }
    assert_eq!(values(&mut env, "keyfob exec --profile 12 :"), ["R", "S"]);
    let narrowed = "keyfob whoami --account-id = 333344445555 --role-name =";
    assert_eq!(values(&mut env, narrowed), ["Administrator"]);
}

#[test]
fn accounts_and_roles_come_from_the_index_and_the_profiles() {
    let mut env = listed();
    let accounts = "111122223333\tProduction\n222233334444\tStaging\n333344445555\tSandbox Ada";
    for line in [
        "keyfob exec --account-id ",
        "keyfob configure profile new --account-id ",
        "keyfob roles --account ",
        "keyfob credential-process --sso-session work --account-id ",
        "keyfob export --sso-session unknown --account-id ",
    ] {
        assert_eq!(ask(&mut env, "fish", line), accounts, "{line}");
    }
    assert_eq!(
        ask(&mut env, "fish", "keyfob exec --role-name "),
        "Administrator\t2 accounts\nDeveloper\t222233334444 Staging\n\
         Operator\t111122223333 Production\nReadOnly\t2 accounts"
    );
    for (said, roles) in [
        ("--account-id 333344445555", &["Administrator"][..]),
        ("--account-id=222233334444", &["Administrator", "Developer", "ReadOnly"]),
        ("--profile dev", &["Operator", "ReadOnly"]),
        ("--account-id 999999999999", &[]),
    ] {
        assert_eq!(values(&mut env, &format!("keyfob exec {said} --role-name ")), roles, "{said}");
    }
    fs::remove_dir_all(env.path(".cache")).unwrap();
    assert_eq!(values(&mut env, "keyfob exec --account-id "), ["111122223333"]);
    assert_eq!(values(&mut env, "keyfob exec --role-name "), ["Operator", "ReadOnly"]);
}

#[test]
fn whatever_else_is_known_is_completed() {
    let mut env = listed();
    fs::write(env.path("scenario.toml"), "").unwrap();
    for (line, expected) in [
        ("keyfob cre", &["credential-process"][..]),
        ("keyfob configure s", &["sso", "sso-session"]),
        ("keyfob login --sso-session ", &["work"]),
        ("keyfob configure sso-session ", &["work"]),
        ("keyfob explain --profile ch", &["chain"]),
        ("keyfob roles --output ", &["table", "json", "csv", "ndjson"]),
        ("keyfob exec --region eu-n", &["eu-north-1"]),
        ("keyfob exec --region aws", &["aws-global"]),
        ("keyfob login --sso-region aws", &[]),
        ("keyfob exec -- true scen", &["scenario.toml"]),
        ("keyfob emulator --scenario scen", &["scenario.toml"]),
        ("keyfob completions z", &["zsh"]),
    ] {
        let found = values(&mut env, line);
        // Options may be given there as well.
        let found: Vec<_> = found.iter().filter(|value| !value.starts_with('-')).collect();
        assert_eq!(found, expected, "{line}");
    }
    env.set("PATH", "/usr/bin:/bin");
    assert!(values(&mut env, "keyfob exec -- ba").contains(&"bash".to_owned()));
    assert!(values(&mut env, "keyfob exec --serv").contains(&"--server".to_owned()));
}

#[test]
fn completing_asks_nobody_writes_nothing_and_waits_for_no_lock() {
    let mut env = listed();
    env.expire_token();
    let lock = files(&env.listings());
    let lock = lock.iter().find(|path| path.extension().is_some_and(|it| it == "lock")).unwrap();
    let lock = fs::File::open(lock).unwrap();
    lock.lock().unwrap();
    let calls = env.server.idp().lock().unwrap().calls().len();
    let before = contents(env.home.path());
    let begin = Instant::now();
    for option in ["--profile", "--sso-session", "--account-id", "--role-name", "--region"] {
        let found = values(&mut env, &format!("keyfob exec {option} "));
        assert!(!found.is_empty(), "{option}");
    }
    assert!(begin.elapsed() < Duration::from_secs(5));
    assert!(contents(env.home.path()) == before, "a file has changed");
    assert_eq!(env.server.idp().lock().unwrap().calls().len(), calls);
}

fn contents(directory: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    for path in files(directory) {
        if path.is_dir() {
            found.extend(contents(&path));
        }
        found.insert(path.clone(), fs::read(&path).ok());
    }
    found
}

#[test]
fn what_cannot_be_read_has_no_values_and_says_nothing() {
    let mut env = listed();
    let index = files(&env.listings());
    for path in index {
        fs::write(path, "damaged\n").unwrap();
    }
    assert_eq!(values(&mut env, "keyfob exec --account-id "), ["111122223333"]);
    env.write_config("[profile a]\nrole_arn = x\n  nonsense\n]]\n[profile b]\nregion = x\n");
    assert_eq!(values(&mut env, "keyfob exec --profile "), ["a", "b"]);
    fs::remove_file(env.path(".aws/config")).unwrap();
    fs::create_dir(env.path(".aws/config")).unwrap();
    for option in ["--profile", "--sso-session", "--account-id", "--role-name"] {
        assert!(values(&mut env, &format!("keyfob exec {option} ")).is_empty(), "{option}");
    }
    env.set("COMPLETE", "fish");
    let run = env.run(&["--"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    env.set("COMPLETE", "tcsh");
    let run = env.run(&["--", "keyfob", "exec", ""]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (2, "", ""));
}

#[test]
fn names_of_servers_and_files_do_nothing_to_the_terminal_and_to_the_line() {
    let mut env = TestEnv::with_scenario(
        "[[user]]\nname = \"Jo\"\nemail = \"jo@example.com\"\n\
         [[account]]\nid = \"111122223333\"\nname = \"pay\\u001b]0;x\\u0007\\tments\"\n\
         roles = [\"ReadOnly\", \"$(touch x)\", \"a\\u001bb\"]\n",
    );
    env.sign_in();
    assert_eq!(env.run(&["roles"]).code, 0);
    let config = fs::read_to_string(env.path(".aws/config")).unwrap();
    env.write_config(&format!("{config}[profile \"$(touch x)\"]\n[profile \"a\u{202e}b\"]\n"));
    let help = "pay\\u{1b}]0;x\\u{7} ments";
    let account = ask(&mut env, "fish", "keyfob exec --account-id ");
    assert_eq!(account, format!("111122223333\t{help}"));
    let roles = ask(&mut env, "fish", "keyfob exec --role-name ");
    assert_eq!(roles, format!("Operator\t111122223333 {help}\nReadOnly\t111122223333 {help}"));
    assert_eq!(values(&mut env, "keyfob exec --profile "), ["dev", "old", "'$(touch x)'"]);
}

#[test]
fn a_variable_that_means_something_else_is_in_nobodys_way() {
    let mut env = TestEnv::new();
    for value in ["", "0", "1", "zsh"] {
        env.set("COMPLETE", value);
        assert!(env.run(&["profiles"]).stdout.starts_with("PROFILE"), "{value}");
    }
    env.set("COMPLETE", "1");
    let run = env.run(&[]);
    assert!(run.code == 2 && run.stderr.starts_with("error: unknown shell `1`"), "{run:?}");
}

/// Lets a shell, where it is installed, complete lines and run them; its settings make it print
/// `ready>`.
#[expect(clippy::print_stdout, reason = "whoever reads the log sees what was not tried")]
fn complete_in(shell: &str, start: &str, start_file: &str, settings: &str) {
    if !["/bin", "/usr/bin"].iter().any(|directory| Path::new(directory).join(shell).exists()) {
        assert_ne!(shell, "bash", "there is no bash");
        println!("skipped: there is no {shell}");
        return;
    }
    let env = listed();
    let completions = env.run(&["completions", shell]);
    assert_eq!(completions.code, 0, "{completions:?}");
    let start_file = env.path(start_file);
    fs::create_dir_all(start_file.parent().unwrap()).unwrap();
    fs::write(start_file, format!("{settings}\n{}", completions.stdout)).unwrap();
    let directory = Path::new(env!("CARGO_BIN_EXE_keyfob")).parent().unwrap().display();
    let mut terminal = env.terminal(&format!("PATH={directory}:$PATH exec {start}"));
    let is_elvish = shell == "elvish";
    let lines = [
        (
            "keyfob conf\tprof\tnew --sso-se\tw\t--acc\t3\t--role-n\t\t--reg\teu-n\t--dry\t\r",
            &["+sso_account_id = 333344445555", "+sso_role_name = Administrator", "eu-north-1"][..],
        ),
        ("keyfob expl\t--profile=d\t\r", &["profile dev"]),
        ("keyfob explain --profile tw\t\r", &["profile two words"]),
        ("keyfob explain --profile 12\tS\t\r", &["profile 12:S"]),
        ("keyfob exec --profile dev -- cat .aws/conf\t\r", &["[sso-session work]"]),
    ];
    terminal.wait_for("ready>");
    // Elvish shows what it has to quote before it takes it.
    for (typed, shown) in lines.into_iter().take(if is_elvish { 1 } else { 5 }) {
        // Elvish alone puts no blank behind what it has completed.
        let typed = if is_elvish { typed.replace('\t', "\t ") } else { typed.to_owned() };
        terminal.type_to_shell(&typed);
        shown.iter().for_each(|shown| terminal.wait_for(shown));
    }
    terminal.type_to_shell("exit\r");
    let (_, shown) = terminal.finish();
    assert!(!shown.contains("error"), "{shown}");
}

#[test]
fn bash_completes() {
    complete_in("bash", "bash --noprofile -i", ".bashrc", "PS1='ready> '");
}

#[test]
fn zsh_completes() {
    let settings = "autoload -Uz compinit && compinit -u\nPS1='ready> '";
    complete_in("zsh", "zsh -i", ".zshrc", settings);
}

#[test]
fn fish_completes() {
    let prompt = "fish -C 'function fish_prompt; echo -n \"ready> \"; end' -i";
    complete_in("fish", prompt, ".config/fish/completions/keyfob.fish", "");
}

#[test]
fn elvish_completes() {
    let prompt = "set edit:prompt = { print 'ready> ' }";
    complete_in("elvish", "elvish", ".config/elvish/rc.elv", prompt);
}

#[test]
fn the_lines_for_start_files_say_where_they_go() {
    let env = TestEnv::new();
    for (shell, place, line) in [
        ("bash", "~/.bashrc", "COMPLETE=bash keyfob"),
        ("elvish", "rc.elv", "env COMPLETE=elvish keyfob"),
        ("fish", "~/.config/fish/completions/keyfob.fish", "COMPLETE=fish keyfob | source"),
        ("nushell", "config.nu", "{COMPLETE: nushell}"),
        ("powershell", "$PROFILE", "$env:COMPLETE = \"powershell\"; keyfob"),
        ("zsh", "~/.zshrc", "source <(COMPLETE=zsh keyfob)"),
    ] {
        let run = env.run(&["completions", shell]);
        let (first, rest) = run.stdout.split_once('\n').unwrap();
        assert!(first.starts_with("# ") && first.contains(place), "{run:?}");
        assert!(rest.contains(line) && run.stderr.is_empty(), "{run:?}");
    }
}
