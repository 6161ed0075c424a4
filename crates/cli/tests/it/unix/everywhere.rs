//! What every command takes: how much is told, and whether in colors.

use crate::support::{Run, TestEnv};

fn of(env: &TestEnv, line: &str) -> Run {
    env.run(&line.split(' ').collect::<Vec<_>>())
}

/// The notes of a run; whoever runs anything here has its stderr searched for secrets.
fn notes(env: &TestEnv, line: &str) -> String {
    let run = of(env, line);
    assert_eq!(run.code, 0, "{line}: {run:?}");
    run.stderr
}

#[test]
fn whoever_wants_to_know_is_told_each_request_and_each_file() {
    let mut env = TestEnv::new();
    let port = env.server.base_url().rsplit(':').next().unwrap().to_owned();
    let told = |env: &TestEnv, line: &str, texts: &[&str]| {
        let notes = notes(env, line);
        for text in texts {
            assert!(
                notes.contains(&text.replace("HOST", &format!("127.0.0.1:{port}"))),
                "{line}: {text:?} is not in {notes}"
            );
        }
    };
    let token = env.token_file().display().to_string();
    let wrote_token = format!("debug: wrote {token}");
    told(
        &env,
        "-v login --device-code --no-browser",
        &[
            "debug: RegisterClient at HOST: answered (POST, HTTP 200, ",
            "debug: CreateToken at HOST: ",
            " ms, request id ",
            "debug: locked the file beside ",
            &wrote_token,
        ],
    );
    told(
        &env,
        "refresh --verbose",
        &["debug: CreateToken at HOST: answered (POST, ", &wrote_token],
    );
    told(
        &env,
        "roles -v --output json",
        &["debug: ListAccounts at HOST: answered (GET, HTTP 200, ", "/keyfob/listings/"],
    );
    told(&env, "search prod -vv", &["debug: read "]);
    let export = "export --profile dev --verbose --format json";
    told(
        &env,
        export,
        &["debug: GetRoleCredentials at HOST: answered (GET, ", "debug: wrote ", ".aws/cli/cache/"],
    );
    told(
        &env,
        export,
        &["debug: served from the cache: SSO role, ReadOnly in account 111122223333"],
    );
    told(&env, "whoami dev -v", &["debug: GetCallerIdentity at HOST: answered (POST, "]);
    told(&env, "logout -v", &["debug: Logout at HOST: answered (POST, "]);
    env.set("AWS_ENDPOINT_URL_SSO_OIDC", "http://127.0.0.1:1");
    let run = of(&env, "-v login --device-code --no-browser");
    assert!(
        run.stderr.contains("debug: StartDeviceAuthorization at 127.0.0.1:1: no answer"),
        "{run:?}"
    );
}

#[test]
fn credential_process_tells_on_stderr_only_where_it_is_asked_to() {
    let env = TestEnv::new();
    env.sign_in();
    let silent = of(&env, "credential-process --profile dev --force-refresh");
    assert_eq!((silent.code, silent.stderr.as_str()), (0, ""), "{silent:?}");
    for line in [
        "credential-process --profile dev -v --force-refresh",
        "credential-process --profile dev --debug --verbose --force-refresh",
    ] {
        let run = of(&env, line);
        assert!(run.code == 0 && run.stdout.starts_with("{\"Version\":1,"), "{run:?}");
        assert!(run.stderr.contains("debug: GetRoleCredentials at "), "{run:?}");
    }
    let log = env.path(".aws/sso/keyfob-credential-process-log.txt");
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("debug GetRoleCredentials at "), "{log}");
    let run = of(&env, "credential-process --profile dev -q");
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
}

#[test]
fn quiet_leaves_out_talk_and_nothing_that_a_person_must_act_upon() {
    let mut env = TestEnv::with_person();
    let mut login = env.start(&["login", "--device-code", "--no-browser", "-q"]);
    login.wait_for("It expires in");
    let page = login.said.lines().map(str::trim).find(|line| line.contains("?user_code="));
    env.approve_device(page.unwrap());
    let login = login.finish();
    assert_eq!(login.code, 0, "{login:?}");
    assert!(login.stderr.contains("Sign in on this page"), "{login:?}");
    assert!(login.stderr.contains("compare the code"), "{login:?}");
    for talk in ["Signing in", "Signed in", "Waiting"] {
        assert!(!login.stderr.contains(talk), "{talk}: {login:?}");
    }
    for line in [
        "refresh --quiet",
        "login --if-needed --quiet",
        "search zzzzz --quiet",
        "switch dev --quiet",
        "exec --quiet dev -- true",
        "logout --quiet",
        "status -q",
    ] {
        let run = of(&env, line);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{line}: {run:?}");
    }
    let run = of(&env, "export --profile dev --quiet");
    assert!(run.code == 1 && run.stderr.contains("hint: run `keyfob login"), "{run:?}");
    env.set("AWS_ENDPOINT_URL_SSO", "http://127.0.0.1:1");
    let config = std::fs::read_to_string(env.path(".aws/config")).unwrap();
    env.write_config(&format!("{config}[profile bad]\nnonsense\n"));
    assert!(of(&env, "profiles -q").stderr.contains("warning: "));
    assert_eq!(of(&env, "status -q -v").code, 2);
}

#[test]
fn a_bar_is_talk() {
    let env = TestEnv::new();
    env.sign_in();
    let (code, shown) = env.terminal("{keyfob} roles --quiet").finish();
    assert!(code == 0 && !shown.contains("] 3 of 3"), "{shown}");
}

#[test]
fn color_counts_before_variables_and_the_terminal() {
    let mut env = TestEnv::new();
    let is_colored = |text: &str| text.contains("\u{1b}[");
    let status = |env: &TestEnv, when: &str| is_colored(&of(env, &format!("status{when}")).stdout);
    assert_eq!([status(&env, ""), status(&env, " --color always")], [false, true]);
    let prompt = |env: &TestEnv, when: &str| {
        is_colored(&of(env, &format!("prompt --format ansi{when}")).stdout)
    };
    env.set("AWS_PROFILE", "dev");
    assert_eq!([prompt(&env, ""), prompt(&env, " --color never")], [true, false]);
    env.set("NO_COLOR", "1");
    assert_eq!([status(&env, ""), status(&env, " --color=always")], [false, true]);
    for line in ["--color always --help", "status --color=always --help"] {
        assert!(is_colored(&of(&env, line).stdout), "{line}");
    }
    assert!(is_colored(&of(&env, "status --nonsense --color always").stderr));
    env.unset("NO_COLOR");
    env.set("CLICOLOR_FORCE", "1");
    assert_eq!([status(&env, ""), status(&env, " --color never")], [true, false]);
    assert!(!is_colored(&of(&env, "status --nonsense --color never").stderr));
    let (_, shown) = env.terminal("{keyfob} status --color never").finish();
    assert!(!is_colored(&shown), "{shown:?}");
    assert_eq!(of(&env, "status --color sometimes").code, 2);
}

#[test]
fn the_command_of_exec_keeps_its_options() {
    let env = TestEnv::new();
    env.sign_in();
    let echo = "sh -c echo:$0:$1:$2 -v --quiet --color=never";
    for line in [
        format!("exec dev -- {echo}"),
        format!("exec --profile dev {echo}"),
        format!("exec -q --profile dev -- {echo}"),
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let words: Vec<String> = words.iter().map(|word| word.replace("echo:", "echo ")).collect();
        let run = env.run(&words.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!((run.code, run.stdout.as_str()), (0, "-v:--quiet:--color=never\n"), "{run:?}");
        assert!(!run.stderr.contains("debug"), "{run:?}");
    }
}

#[test]
fn help_and_manual_pages_show_them_apart_from_those_of_the_command() {
    let env = TestEnv::new();
    for command in ["status", "credential-process", "configure"] {
        let help = of(&env, &format!("{command} --help")).stdout;
        let (own, every) = help.split_once("Options of every command:").unwrap();
        assert!(!own.contains("--quiet") && every.contains("--quiet"), "{help}");
    }
    assert_eq!(of(&env, "man --dir pages").code, 0);
    let page = std::fs::read_to_string(env.path("pages/keyfob-status.1")).unwrap();
    let section = page.split_once("OPTIONS OF EVERY COMMAND").unwrap_or_else(|| panic!("{page}")).1;
    assert!(section.contains("\\-\\-quiet") && section.contains("\\-\\-color"), "{page}");
}
