use std::future::pending;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use providers::{
    Caches, Clock, Context, Credentials, Error, Process, ProcessTokenProvider, ProvideCredentials,
    Sleep, TokenProvider,
};
use shared_config::Environment;
use test_support::{Alter, Altered, Recorder, TestClock, json_answer};
use wire::Timestamp;

use crate::support::PROGRAM;

/// Real waits: commands take some time.
fn context() -> Context {
    context_by(|clock| clock)
}

fn context_by(clock: impl FnOnce(Arc<TestClock>) -> Arc<dyn Clock>) -> Context {
    let clock = clock(TestClock::at_and_real(Timestamp::from_unix(1_767_323_045)));
    let nothing = Recorder::answering(json_answer(500, "{}"));
    Context::new(PROGRAM, clock, nothing, Caches::below("/nonexistent"))
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(future)
}

fn run(command: &str) -> Result<Credentials, Error> {
    run_with(command, &[], Duration::from_secs(20))
}

fn run_with(
    command: &str,
    variables: &[(&str, &str)],
    timeout: Duration,
) -> Result<Credentials, Error> {
    let environment = Environment::from_pairs(variables.iter().copied());
    let process = Process::new(context(), "p", command, &environment)?.with_timeout(timeout);
    block_on(process.provide())
}

#[test]
fn the_shell_runs_the_command() {
    let json = r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"'"$NAME"'"}"#;
    let credentials = run(&format!("NAME=hunter2; echo '{json}'")).unwrap();
    assert_eq!(credentials.secret_access_key.expose(), "hunter2");
    let source = &credentials.sources[0];
    let told = (&*source.provider, &*source.detail);
    assert_eq!(told, ("process", "credential_process of profile `p`"));
    assert!(!format!("{credentials:?}").contains("hunter2"));
}

#[test]
fn a_command_that_fails_is_told_by_its_stderr_and_never_by_its_stdout() {
    for (command, reason) in [
        (
            "echo hunter2; echo sign in first >&2; exit 3",
            "it ended with exit status: 3: sign in first",
        ),
        ("echo hunter2", "its output is no credentials: no JSON object"),
        (r#"echo '{"Version":2}'"#, "its output is no credentials: `Version` is not the number 1"),
        ("head -c 70000 /dev/zero", "it printed over 64 KiB"),
        (
            r#"echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"hunter2","Expiration":"2020-01-01T00:00:00Z"}'"#,
            "its credentials have expired already, by the clock of this machine",
        ),
    ] {
        let error = run(command).unwrap_err();
        assert_eq!(error.to_string(), format!("credential_process of profile `p`: {reason}"));
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
}

#[test]
fn the_account_is_that_of_the_command_and_else_that_of_the_profile() {
    for (told, account_id) in [(r#","AccountId":"1""#, "1"), ("", "2")] {
        let json = format!(r#"{{"Version":1,"AccessKeyId":"A","SecretAccessKey":"S"{told}}}"#);
        let environment = Environment::from_pairs([]);
        let process = Process::new(context(), "p", &format!("echo '{json}'"), &environment);
        let process = process.unwrap().with_account_id(Some("2"));
        let credentials = block_on(process.provide()).unwrap();
        assert_eq!(credentials.account_id.as_deref(), Some(account_id));
    }
}

/// A FIFO that is held open by whatever lives of a command.
struct Alive {
    _home: tempfile::TempDir,
    path: std::path::PathBuf,
    reader: std::fs::File,
}

impl Alive {
    fn new() -> Self {
        use std::os::unix::fs::OpenOptionsExt;
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("alive");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
        let reader = std::fs::OpenOptions::new().read(true).custom_flags(flags).open(&path);
        Self { _home: home, path, reader: reader.unwrap() }
    }

    /// Waits until it is at its end: nobody holds it any longer.
    fn wait_for_end(mut self) {
        let begin = tokio::time::Instant::now();
        while !matches!(std::io::Read::read(&mut self.reader, &mut [0]), Ok(0)) {
            assert!(begin.elapsed() < Duration::from_secs(20), "something lives");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

#[test]
fn a_command_that_takes_too_long_is_killed_with_its_children() {
    let alive = Alive::new();
    let command = format!("exec 3> {}; sleep 1000 & wait", alive.path.display());
    let error = run_with(&command, &[], Duration::from_millis(300)).unwrap_err();
    assert!(error.to_string().contains("it was stopped after"), "{error}");
    alive.wait_for_end();
}

const JSON: &str = r#"echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"S"}'"#;

#[test]
fn what_a_command_leaves_in_the_background_is_killed_and_not_waited_for() {
    let alive = Alive::new();
    // It holds stdout and stderr, too.
    let command = format!("exec 3> {}; sleep 986 & {JSON}", alive.path.display());
    assert_eq!(run(&command).unwrap().access_key_id, "A");
    alive.wait_for_end();
}

#[test]
fn who_has_left_the_group_is_neither_killed_nor_waited_for() {
    let home = tempfile::tempdir().unwrap();
    let id = home.path().join("id");
    let shown = id.display();
    let daemon = format!("setsid sh -c 'echo $$ > {shown}; exec sleep 986' &");
    let command = format!("{daemon} while ! grep -q . {shown}; do :; done 2> /dev/null; {JSON}");
    assert_eq!(run(&command).unwrap().access_key_id, "A");
    let id = std::fs::read_to_string(id).unwrap();
    let kill = std::process::Command::new("kill").arg(id.trim()).status().unwrap();
    assert!(kill.success(), "it was killed");
}

#[test]
fn a_long_stderr_costs_nobody_credentials() {
    let noise = "head -c 3000000 /dev/zero | tr '\\0' x >&2";
    assert_eq!(run(&format!("{noise}; {JSON}; {noise}")).unwrap().access_key_id, "A");
    let error = run(&format!("echo first >&2; {noise}; exit 1")).unwrap_err().to_string();
    assert!(error.contains(": first xxx") && error.len() < 700, "{error}");
}

#[test]
fn a_command_that_nobody_waits_for_may_tidy_up_before_it_is_killed() {
    let home = tempfile::tempdir().unwrap();
    let path = |name| home.path().join(name);
    let (ready, stored) = (path("ready"), path("stored"));
    let command = format!(
        "(trap 'sleep 0.3; echo x > {}; exit' TERM; echo > {}; while :; do sleep 0.05; done) | cat",
        stored.display(),
        ready.display()
    );
    leave(&command, &ready);
    assert_eq!(std::fs::read(&stored).unwrap(), b"x\n");
}

/// Runs a command, and waits for it no longer once a file is there.
fn leave(command: &str, ready: &Path) {
    let process = Process::new(context(), "p", command, &Environment::from_pairs([])).unwrap();
    block_on(async {
        let is_ready = async {
            while !ready.exists() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::select! {
            ended = process.provide() => panic!("{ended:?}"),
            () = is_ready => {}
        }
    });
}

#[test]
fn a_command_that_minds_no_signal_is_killed() {
    let command = "trap '' TERM; while :; do sleep 0.05; done";
    let error = run_with(command, &[], Duration::from_millis(300)).unwrap_err();
    assert!(error.to_string().contains("it was stopped after"), "{error}");
    let (alive, home) = (Alive::new(), tempfile::tempdir().unwrap());
    let (path, ready) = (alive.path.display(), home.path().join("ready"));
    leave(&format!("exec 3> {path}; echo > {}; {command}", ready.display()), &ready);
    alive.wait_for_end();
}

/// A clock on which nobody sees the end of more than a second.
struct Slow(Arc<TestClock>);

impl Alter for Slow {
    fn right(&self) -> &dyn Clock {
        &*self.0
    }

    fn sleep(&self, span: Duration) -> Sleep<'_> {
        if span > Duration::from_secs(1) { Box::pin(pending()) } else { self.0.sleep(span) }
    }
}

#[test]
fn nobody_waits_for_a_command_that_ended_when_it_was_told_to() {
    let environment = Environment::from_pairs([]);
    let process = Process::new(
        context_by(|clock| Arc::new(Altered(Slow(clock)))),
        "p",
        "sleep 1000",
        &environment,
    );
    let process = process.unwrap().with_timeout(Duration::from_millis(300));
    let ended = async { tokio::time::timeout(Duration::from_secs(20), process.provide()).await };
    let error = block_on(ended).unwrap().unwrap_err();
    assert!(error.to_string().contains("it was stopped after"), "{error}");
}

#[test]
fn a_command_that_asks_for_its_own_profile_ends() {
    for variable in ["KEYFOB_PROFILE_CHAIN", "_AWS_CLI_PROFILE_CHAIN"] {
        let error = run_with("echo", &[(variable, "o, p")], Duration::from_secs(20)).unwrap_err();
        assert!(matches!(error, Error::NotConfigured { .. }), "{error}");
    }
    let json = r#"{"Version":1,"AccessKeyId":"'"$KEYFOB_PROFILE_CHAIN"'","SecretAccessKey":"S"}"#;
    let outer = [("KEYFOB_PROFILE_CHAIN", "o")];
    let credentials = run_with(&format!("echo '{json}'"), &outer, Duration::from_secs(20)).unwrap();
    assert_eq!(credentials.access_key_id, "o,p");
}

#[test]
fn a_command_may_print_the_code_of_a_device() {
    let code = |command: &str| {
        let provider = ProcessTokenProvider::new(context(), command, &Environment::from_pairs([]));
        block_on(provider.token_code("arn")).map(|code| code.expose().clone())
    };
    assert_eq!(code("echo 123 456").as_deref(), Ok("123456"));
    let again = Environment::from_pairs([("KEYFOB_PROFILE_CHAIN", "o,mfa=arn")]);
    let provider = ProcessTokenProvider::new(context(), "echo 123 456", &again);
    assert!(block_on(provider.token_code("arn")).is_err());
    let error = code("echo none").unwrap_err();
    assert_eq!(error.to_string(), "mfa_process: an MFA code has six digits");
}
