//! `cargo xtask startup`: what the release binary does when credentials are cached.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::{Result, cargo, root};

/// The size of the release binary, in bytes.
const SIZE: u64 = 8_000_000;
/// Peak memory, in KiB.
const MEMORY: u64 = 6 * 1024;
/// System calls, those of the dynamic loader included.
const CALLS: usize = 100;

/// What must not happen on the warm path.
const FORBIDDEN: [&str; 9] = [
    "accept",
    "bind(",
    "clone",
    "connect(",
    "epoll_create",
    "flock(",
    "fork(",
    "socket(",
    "ca-certificates",
];

#[expect(clippy::print_stdout, reason = "the figures are the point")]
pub(crate) fn run() -> Result {
    crate::run(&mut cargo(&["build", "--release", "-p", "keyfob"]))?;
    let home = Home::signed_in(&root().join("target/release/keyfob").canonicalize()?)?;

    let size = fs::metadata(&home.keyfob)?.len();
    println!("size of the binary         {size} bytes (at most {SIZE})");

    let trace = home.path.join("trace");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-o"]).arg(&trace).arg(&home.keyfob);
    home.silent(strace.args(["credential-process", "--profile", "dev"]))?;
    let trace = fs::read_to_string(&trace)?;
    let calls = trace.lines().count();
    println!("system calls               {calls} (at most {CALLS})");

    let memory = home.path.join("memory");
    let mut time = Command::new("/usr/bin/time");
    time.args(["-f", "%M", "-o"]).arg(&memory).arg(&home.keyfob);
    home.silent(time.args(["credential-process", "--profile", "dev"]))?;
    let memory: u64 = fs::read_to_string(&memory)?.trim().parse()?;
    println!("peak memory                {memory} KiB (at most {MEMORY})");

    let mut wrong: Vec<String> = FORBIDDEN
        .iter()
        .flat_map(|call| trace.lines().filter(move |line| line.contains(call)))
        .map(|line| format!("forbidden: {line}"))
        .collect();
    let figures = [("size", size, SIZE), ("memory", memory, MEMORY)];
    wrong.extend(
        figures
            .iter()
            .chain(&[("system calls", calls as u64, CALLS as u64)])
            .filter(|(_, value, limit)| value > limit)
            .map(|(name, value, limit)| format!("{name}: {value} is over {limit}")),
    );
    if wrong.is_empty() {
        println!("no socket, no thread, no runtime, no lock");
        Ok(())
    } else {
        Err(wrong.join("\n").into())
    }
}

/// A home with a sign-in to an emulator and cached credentials; the emulator ends with it.
struct Home {
    keyfob: PathBuf,
    path: PathBuf,
    url: String,
    emulator: Child,
}

impl Home {
    fn signed_in(keyfob: &Path) -> Result<Self> {
        let path = std::env::temp_dir().join(format!("keyfob-startup-{}", std::process::id()));
        fs::create_dir_all(path.join(".aws"))?;
        let scenario = path.join("scenario.toml");
        write(&scenario, "approval = \"automatic\"\napprove_after_polls = 0\n")?;
        write(
            &path.join(".aws/config"),
            "[sso-session work]\nsso_start_url = https://keyfob.awsapps.com/start\n\
             sso_region = eu-central-1\n[profile dev]\nsso_session = work\n\
             sso_account_id = 111122223333\nsso_role_name = ReadOnly\n",
        )?;
        let mut emulator = Command::new(keyfob)
            .args(["emulator", "--scenario"])
            .arg(&scenario)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut url = String::new();
        if let Some(stdout) = emulator.stdout.take() {
            BufReader::new(stdout).read_line(&mut url)?;
        }
        let url = url.trim().to_owned();
        let home = Self { keyfob: keyfob.to_owned(), path, url, emulator };
        home.silent(Command::new(keyfob).args(["login", "--device-code"]))?;
        home.silent(Command::new(keyfob).args(["credential-process", "--profile", "dev"]))?;
        Ok(home)
    }

    /// Runs a command in this home; what it says is shown only where it fails.
    fn silent(&self, command: &mut Command) -> Result {
        command.env_clear().env("HOME", &self.path).env("PATH", "/usr/bin:/bin");
        for service in ["SSO", "SSO_OIDC"] {
            command.env(format!("AWS_ENDPOINT_URL_{service}"), &self.url);
        }
        let output = command.output()?;
        if output.status.success() {
            Ok(())
        } else {
            Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)).into())
        }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // Best effort: there is nobody to tell.
        let _ = self.emulator.kill();
        let _ = self.emulator.wait();
        let _ = fs::remove_dir_all(&self.path);
    }
}

#[expect(clippy::disallowed_methods, reason = "a new file in a directory of our own")]
fn write(path: &Path, text: &str) -> Result {
    Ok(fs::write(path, text)?)
}
