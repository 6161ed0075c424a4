//! What the system refuses, and files that are none.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::support::{OWN_CACHE, Run, TestEnv, Waiting, get, now};

fn run_under(env: &TestEnv, limit: &str, arguments: &str) -> Run {
    let output = env.command_under(limit, arguments).output().unwrap();
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn fifo(env: &TestEnv, path: &str) {
    let path = env.path(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let _ = fs::remove_file(&path);
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn a_file_that_may_not_grow_is_an_error_and_the_old_one_is_whole() {
    let env = TestEnv::new();
    env.sign_in();
    env.expire_token();
    let before = fs::read(env.token_file()).unwrap();
    let config = fs::read(env.path(".aws/config")).unwrap();
    for (arguments, code) in [
        ("credential-process --profile dev", 5),
        ("login --device-code --no-browser --sso-session work", 3),
        (
            "configure sso-session other --start-url https://d-1.awsapps.com/start --region eu-west-1",
            5,
        ),
        ("profiles > out", 5),
    ] {
        let run = run_under(&env, "ulimit -f 0", arguments);
        assert_eq!(run.code, code, "{arguments}: {run:?}");
        assert!(run.stderr.contains("File too large"), "{arguments}: {run:?}");
    }
    assert_eq!(fs::read(env.token_file()).unwrap(), before);
    assert_eq!(fs::read(env.path(".aws/config")).unwrap(), config);
    assert_eq!(env.calls("CreateToken:refresh_token"), 0);
}

#[test]
fn descriptors_that_are_used_up_are_an_error() {
    let env = TestEnv::new();
    env.sign_in();
    let warm = env.run(&["credential-process", "--profile", "dev"]);
    for limit in 3..16 {
        for force in ["", " --force-refresh"] {
            let arguments = format!("credential-process --profile dev{force}");
            let run = run_under(&env, &format!("ulimit -n {limit}"), &arguments);
            if run.stderr.contains("shared libraries") {
                continue; // it was not even begun
            }
            assert!(matches!(run.code, 0 | 5), "{limit}{force}: {run:?}");
            assert_eq!(run.stderr.lines().count(), usize::from(run.code != 0), "{limit}: {run:?}");
        }
    }
    assert_eq!(env.run(&["credential-process", "--profile", "dev"]).code, warm.code);
}

#[test]
fn memory_that_is_refused_is_an_error() {
    let env = TestEnv::new();
    env.sign_in();
    let mut codes = std::collections::BTreeSet::new();
    for kilobytes in (2_000_i32..60_000).step_by(1_500) {
        let limit = format!("ulimit -v {kilobytes}");
        let run = run_under(&env, &limit, "credential-process --profile dev --force-refresh");
        // 126 and 127 are of the shell and the dynamic linker, which have too little themselves.
        let is_told = matches!(run.code, 0 | 5 | 126 | 127);
        // What does not fit is killed before `main`, or where its stack of 8 MB cannot grow: nobody
        // can tell that any more.
        let less = format!("ulimit -v {}", kilobytes - 8_000);
        let is_killed =
            run.code == -1 && (kilobytes < 8_000 || run_under(&env, &less, "--version").code != 0);
        assert!(is_told || is_killed, "{kilobytes}: {run:?}");
        codes.insert(run.code);
    }
    assert!(codes.contains(&0), "{codes:?}");
    assert_eq!(env.run(&["credential-process", "--profile", "dev"]).code, 0);
}

#[test]
fn threads_that_are_refused_are_an_error() {
    let mut env = TestEnv::new();
    env.sign_in();
    // A name takes a thread to look up.
    let base = env.server.base_url().replace("127.0.0.1", "localhost");
    env.set("AWS_ENDPOINT_URL_SSO", &base);
    let home = env.home.path().display();
    // Whoever may do everything may have any number of threads.
    let limit = format!(
        "if [ $(id -u) = 0 ]; then chown -R 54321 {home}; \
         as='setpriv --reuid 54321 --clear-groups'; fi; \
         keyfob() {{ exec $as prlimit --nproc=1 {} \"$@\"; }}; \
         $as prlimit --nproc=1 {0} --version > /dev/null || exit 99; \
         keyfob credential-process --profile dev --force-refresh",
        env!("CARGO_BIN_EXE_keyfob")
    );
    let run = run_under(&env, &limit, "--version");
    if run.code == 99 {
        return; // the tools are missing, or the binary is nobody else's
    }
    assert_eq!(run.code, 5, "{run:?}");
    assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
    assert!(run.stderr.contains("Resource temporarily unavailable"), "{run:?}");
}

#[test]
fn a_fifo_in_the_place_of_a_file_of_ours_holds_nobody_up() {
    let env = TestEnv::new();
    env.sign_in();
    fifo(&env, ".aws/sso/keyfob-credential-process-log.txt");
    let run = env.run(&["credential-process", "--profile", "dev", "--debug"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(env.run(&["accounts"]).code, 0);
    let listings = env.listings();
    for entry in fs::read_dir(&listings).unwrap() {
        let name = entry.unwrap().file_name();
        fifo(&env, &format!("{OWN_CACHE}/listings/{}", name.to_str().unwrap()));
    }
    let run = env.run(&["roles", "--output", "json"]);
    assert_eq!(run.code, 0, "{run:?}");
}

/// The server of `exec --server` with a command that waits.
struct Serving {
    child: Child,
    address: String,
    token: String,
}

impl Serving {
    fn start(env: &TestEnv, limit: &str) -> Self {
        let shown = "$AWS_CONTAINER_CREDENTIALS_FULL_URI $AWS_CONTAINER_AUTHORIZATION_TOKEN";
        let exec = format!("exec --profile dev --server -- sh -c 'echo {shown}; read end'");
        let mut command = env.command_under(limit, &exec);
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (uri, token) = line.trim().split_once(' ').unwrap();
        let address = uri.trim_start_matches("http://").trim_end_matches("/credentials");
        Self { child, address: address.to_owned(), token: token.to_owned() }
    }

    /// Sends the beginning of a request, and no more.
    fn stranger(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream
    }

    fn ask(&self) -> String {
        let Self { address, token, .. } = self;
        let mut stream = self.stranger(&format!(
            "GET /credentials HTTP/1.1\r\nHost: {address}\r\nAuthorization: {token}\r\n\
             Connection: close\r\n\r\n"
        ));
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.child.stdin.take()); // the command ends
        self.child.wait().unwrap();
    }
}

#[test]
fn strangers_who_hold_all_places_keep_no_client_from_the_server() {
    let env = TestEnv::new();
    env.sign_in();
    for limit in [":", "ulimit -n 40"] {
        let server = Serving::start(&env, limit);
        let strangers: Vec<_> = (0..300)
            .map(|number| server.stranger(["", "GET /credentials HTTP/1.1\r\nHost: "][number % 2]))
            .collect();
        let answer = server.ask();
        assert!(answer.starts_with("HTTP/1.1 200"), "{limit}: {answer}");
        drop(strangers);
    }
}

#[test]
fn strangers_at_the_callback_end_no_sign_in_of_who_has_few_descriptors() {
    let mut env = TestEnv::new();
    env.set("BROWSER", "true");
    let mut login = Waiting::on(env.command_under("ulimit -n 24", "login"));
    let url = login.wait_for_url();
    let port = url.split("127.0.0.1%3A").nth(1).unwrap().split("%2F").next().unwrap();
    let port: u16 = port.parse().unwrap();
    let strangers: Vec<_> =
        (0..100).map(|_| TcpStream::connect(("127.0.0.1", port)).unwrap()).collect();
    let idp = env.server.idp();
    let redirect = idp.lock().unwrap().approve_authorization(now(), &url).unwrap();
    let page = get(&redirect);
    assert!(page.contains("Signed in"), "{page}");
    let run = login.finish();
    assert_eq!(run.code, 0, "{run:?}");
    drop(strangers);
}

#[test]
fn a_client_that_says_nothing_is_let_go_after_seconds() {
    let env = TestEnv::new();
    env.sign_in();
    let server = Serving::start(&env, ":");
    for text in ["", "GET /credentials HTTP/1.1\r\nHost: "] {
        let mut silent = server.stranger(text);
        silent.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut answer = Vec::new();
        silent.read_to_end(&mut answer).expect("it is let go");
        assert!(!answer.starts_with(b"HTTP/1.1 200"));
    }
}
