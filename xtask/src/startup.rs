//! `cargo xtask startup`: what keyfob does and costs when credentials are cached.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::{Result, cargo, dist, root};

/// The size of a binary, in bytes.
const SIZE: u64 = 8_000_000;
/// Peak memory, in KiB.
const MEMORY: u64 = 6 * 1024;

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

/// How often each command is run for its time.
const ROUNDS: usize = 300;

/// A binary, and what it may cost: system calls, and time as a multiple of `cat`.
struct Limits {
    name: &'static str,
    calls: usize,
    ratio: f64,
}

/// The aim is 1.4; the loader's work for libgcc_s and the relocations of a big binary stand in its way.
const RELEASE: Limits = Limits { name: "release", calls: 100, ratio: 1.9 };
const DIST: Limits = Limits { name: "dist", calls: 60, ratio: 1.2 };
/// With 10 000 profiles in the config file. The aim is 3; most of it are the page faults of its text.
const BIG_CONFIG: f64 = 5.0;

#[expect(clippy::print_stdout, reason = "the figures are the point")]
pub(crate) fn run() -> Result {
    crate::run(&mut cargo(&["build", "--release", "-p", "keyfob"]))?;
    let release = root().join("target/release/keyfob").canonicalize()?;
    let dist = dist::run()?.canonicalize()?;
    let home = Home::signed_in(&release)?;
    let mut wrong = Vec::new();
    for (binary, limits) in [(&release, RELEASE), (&dist, DIST)] {
        wrong.extend(home.check(binary, &limits)?);
    }

    let big = home.with_profiles(10_000)?;
    let commands = [
        ("cat", home.plain("cat", &[&home.cache_file()?]), f64::INFINITY),
        ("empty Rust program", home.plain(&empty_program(&home.path)?, &[]), f64::INFINITY),
        ("release", home.warm(&release, None), RELEASE.ratio),
        ("dist", home.warm(&dist, None), DIST.ratio),
        ("dist, 10 000 profiles", home.warm(&dist, Some(&big)), BIG_CONFIG),
    ];
    let (names, limits): (Vec<_>, Vec<_>) =
        commands.iter().map(|(name, _, limit)| (*name, *limit)).unzip();
    let times = interleaved(commands.map(|(_, command, _)| command))?;
    let cat = times.first().copied().unwrap_or_default().as_secs_f64();
    println!(
        "10th percentile of {ROUNDS} interleaved runs, as a multiple of `cat` of the cache file"
    );
    for ((name, limit), time) in names.iter().zip(limits).zip(times) {
        let ratio = time.as_secs_f64() / cat;
        println!("{name:<26} {ratio:.2}   ({} us)", time.as_micros());
        if ratio > limit {
            wrong.push(format!("{name}: {ratio:.2} times `cat` is over {limit}"));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// Runs the commands in turns; returns the 10th percentile of each.
fn interleaved<const N: usize>(mut commands: [Command; N]) -> Result<Vec<Duration>> {
    let mut times = vec![Vec::with_capacity(ROUNDS); N];
    for _ in 0..ROUNDS {
        for (command, times) in commands.iter_mut().zip(&mut times) {
            let begin = now();
            let status = command.status()?;
            times.push(begin.elapsed());
            if !status.success() {
                return Err(format!("{command:?}: {status}").into());
            }
        }
    }
    let percentile = |mut times: Vec<Duration>| {
        times.sort();
        times.get(ROUNDS / 10).copied().unwrap_or_default()
    };
    Ok(times.into_iter().map(percentile).collect())
}

#[expect(clippy::disallowed_methods, reason = "to measure is what it is for")]
fn now() -> Instant {
    Instant::now()
}

/// Compiles a program that does nothing.
fn empty_program(directory: &Path) -> Result<String> {
    let source = directory.join("empty.rs");
    write(&source, "fn main() {}")?;
    let program = directory.join("empty");
    crate::run(Command::new("rustc").args(["-O", "-o"]).arg(&program).arg(&source))?;
    Ok(program.display().to_string())
}

/// A home with a sign-in to an emulator and cached credentials; the emulator ends with it.
struct Home {
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
        let home = Self { path, url, emulator };
        home.silent(Command::new(keyfob).args(["login", "--device-code"]))?;
        home.silent(Command::new(keyfob).args(["credential-process", "--profile", "dev"]))?;
        Ok(home)
    }

    /// Checks what a binary does on the warm path; returns what is wrong.
    #[expect(clippy::print_stdout, reason = "the figures are the point")]
    fn check(&self, keyfob: &Path, limits: &Limits) -> Result<Vec<String>> {
        let trace = self.path.join("trace");
        let mut strace = Command::new("strace");
        strace.args(["-f", "-o"]).arg(&trace).arg(keyfob);
        self.silent(strace.args(["credential-process", "--profile", "dev"]))?;
        let trace = fs::read_to_string(&trace)?;

        let memory = self.path.join("memory");
        let mut time = Command::new("/usr/bin/time");
        time.args(["-f", "%M", "-o"]).arg(&memory).arg(keyfob);
        self.silent(time.args(["credential-process", "--profile", "dev"]))?;

        let figures = [
            ("bytes", fs::metadata(keyfob)?.len(), SIZE),
            ("system calls", trace.lines().count() as u64, limits.calls as u64),
            ("KiB of memory at most", fs::read_to_string(&memory)?.trim().parse()?, MEMORY),
        ];
        let mut wrong: Vec<String> = FORBIDDEN
            .iter()
            .flat_map(|call| trace.lines().filter(move |line| line.contains(call)))
            .map(|line| format!("{}: forbidden: {line}", limits.name))
            .collect();
        for (unit, value, limit) in figures {
            println!("{:<8} {value} {unit} (allowed: {limit})", limits.name);
            if value > limit {
                wrong.push(format!("{}: {value} {unit} are over {limit}", limits.name));
            }
        }
        Ok(wrong)
    }

    /// The file that holds the cached credentials.
    fn cache_file(&self) -> Result<String> {
        for entry in fs::read_dir(self.path.join(".aws/cli/cache"))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                return Ok(path.display().to_string());
            }
        }
        Err("nothing is cached".into())
    }

    /// Writes a config file with so many profiles before the one that is asked for.
    fn with_profiles(&self, number: usize) -> Result<PathBuf> {
        let mut text = String::new();
        for number in 0..number {
            text += &format!(
                "[profile number-{number}]\nsso_session = work\nsso_account_id = 111122223333\n\
                 sso_role_name = ReadOnly\nregion = eu-central-1\noutput = json\n\n"
            );
        }
        text += &fs::read_to_string(self.path.join(".aws/config"))?;
        let path = self.path.join("big-config");
        write(&path, &text)?;
        Ok(path)
    }

    /// The command whose time is taken.
    fn warm(&self, keyfob: &Path, config: Option<&Path>) -> Command {
        let keyfob = keyfob.display().to_string();
        let mut command = self.plain(&keyfob, &["credential-process", "--profile", "dev"]);
        command.envs(config.map(|config| ("AWS_CONFIG_FILE", config)));
        command
    }

    fn plain(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).env_clear().env("HOME", &self.path).env("PATH", "/usr/bin:/bin");
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command
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
