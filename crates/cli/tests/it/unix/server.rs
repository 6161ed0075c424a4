//! `exec --server`: a client that hangs up, one with little patience, a dead session.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Child, ChildStdin, Stdio};
use std::time::{Duration, Instant};

use emulator::{Fault, FaultKind};

use crate::support::{TestEnv, wait_until};

/// The credentials of a role live for 40 seconds: whoever asks waits for new ones.
const SHORT: &str = "[lifetimes]\nrole_credentials = 40\n";

/// A shell in `exec --server` that waits for a line.
struct Shell {
    child: Child,
    stdin: ChildStdin,
    address: String,
    token: String,
}

impl Shell {
    /// Starts it, with a session whose token and role credentials are used up.
    fn with_nothing_left(env: &TestEnv) -> Self {
        env.sign_in();
        let shell = Self::start(env);
        env.expire_token();
        for file in env.role_files() {
            std::fs::remove_file(file).unwrap();
        }
        shell
    }

    fn start(env: &TestEnv) -> Self {
        let script = "echo $AWS_CONTAINER_CREDENTIALS_FULL_URI; \
                      echo $AWS_CONTAINER_AUTHORIZATION_TOKEN; read line; exit 7";
        let mut command =
            env.command(&["exec", "--profile", "dev", "--server", "sh", "-c", script]);
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = || {
            let mut line = String::new();
            stdout.read_line(&mut line).unwrap();
            line.trim_end().to_owned()
        };
        let (uri, token) = (line(), line());
        let address = uri.trim_start_matches("http://").split('/').next().unwrap().to_owned();
        let stdin = child.stdin.take().unwrap();
        Self { child, stdin, address, token }
    }

    /// Sends a request for the credentials.
    fn ask(&self) -> TcpStream {
        let Self { address, token, .. } = self;
        let mut stream = TcpStream::connect(address).unwrap();
        let head = format!(
            "GET /credentials HTTP/1.1\r\nHost: {address}\r\nAuthorization: {token}\r\n\
             Connection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream
    }

    /// The answer, and how long it took.
    fn answer(&self) -> (String, Duration) {
        let begin = Instant::now();
        let mut answer = String::new();
        self.ask().read_to_string(&mut answer).unwrap();
        (answer, begin.elapsed())
    }

    /// Lets the shell end; keyfob ends with it.
    fn end(mut self) -> i32 {
        self.stdin.write_all(b"\n").unwrap();
        self.child.wait().unwrap().code().unwrap()
    }
}

fn slow(env: &TestEnv, operation: &str, latency: Duration) {
    let fault = Fault::new(operation, FaultKind::Latency(latency));
    env.server.idp().lock().unwrap().set_faults(&[fault]);
}

fn wait_for_call(env: &TestEnv, operation: &str, count: usize) {
    wait_until(operation, || env.calls(operation) >= count);
}

#[test]
fn a_client_that_hangs_up_in_the_middle_of_a_refresh_loses_nobody_the_session() {
    let env = TestEnv::with_scenario(SHORT);
    let shell = Shell::with_nothing_left(&env);
    slow(&env, "CreateToken:refresh_token", Duration::from_millis(700));
    let before = env.token()["refreshToken"].clone();
    let client = shell.ask();
    wait_for_call(&env, "CreateToken:refresh_token", 1);
    client.shutdown(Shutdown::Both).unwrap();
    drop(client);
    let (answer, _) = shell.answer();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(env.calls("CreateToken:refresh_token"), 1);
    assert_ne!(env.token()["refreshToken"], before);
    assert_eq!(shell.end(), 7);
    assert_eq!(env.run(&["credential-process", "--profile", "dev"]).code, 0);
}

#[test]
fn a_command_that_ends_in_the_middle_of_a_refresh_loses_nobody_the_session() {
    let env = TestEnv::with_scenario(SHORT);
    let shell = Shell::with_nothing_left(&env);
    slow(&env, "CreateToken:refresh_token", Duration::from_millis(2500));
    let before = env.token()["refreshToken"].clone();
    let _client = shell.ask();
    wait_for_call(&env, "CreateToken:refresh_token", 1);
    assert_eq!(shell.end(), 7);
    assert_ne!(env.token()["refreshToken"], before);
    assert_eq!(env.run(&["credential-process", "--profile", "dev"]).code, 0);
}

#[test]
fn a_client_with_less_patience_than_a_fetch_takes_has_its_answer_later() {
    let env = TestEnv::with_scenario(SHORT);
    let shell = Shell::with_nothing_left(&env);
    slow(&env, "GetRoleCredentials", Duration::from_millis(1500));
    let calls = env.calls("GetRoleCredentials");
    let impatient = shell.ask();
    wait_for_call(&env, "GetRoleCredentials", calls + 1);
    impatient.shutdown(Shutdown::Both).unwrap();
    drop(impatient);
    let (answer, _) = shell.answer();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(env.calls("GetRoleCredentials"), calls + 1, "it was begun anew");
    assert_eq!(shell.end(), 7);
}

#[test]
fn a_dead_session_is_told_before_an_sdk_gives_up_and_then_at_once() {
    let env = TestEnv::with_scenario(SHORT);
    let shell = Shell::with_nothing_left(&env);
    env.server.idp().lock().unwrap().revoke_sessions();
    for limit in [Duration::from_millis(1900), Duration::from_millis(900)] {
        let (answer, took) = shell.answer();
        assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
        assert!(answer.contains("\"code\":\"NotSignedIn\""), "{answer}");
        assert!(answer.contains("run `keyfob login --sso-session work`"), "{answer}");
        assert!(took < limit, "{took:?}");
    }
    assert_eq!(env.calls("CreateToken:refresh_token"), 1);
    env.sign_in();
    let (answer, _) = shell.answer();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(shell.end(), 7);
}
