//! `cargo xtask startup`: what keyfob does and costs when credentials are cached.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use assignments::{AssignedAccount, Index, Portal};
use token_cache::{CacheKey, Directory};
use wire::Timestamp;

use crate::home::{Home, write};
use crate::{Result, cargo, dist, root};

/// The size of a binary, in bytes: what grows more than its commands need is seen.
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

const RELEASE: Limits = Limits { name: "release", calls: 100, ratio: 1.4 };
/// Its allocator asks the system twice for each size of memory that is used.
const DIST: Limits = Limits { name: "dist", calls: 60, ratio: 1.0 };
/// With 10 000 profiles in the config file.
const BIG_CONFIG: f64 = 3.0;

/// An answer from the index of 1 000 accounts with 3 roles each.
const LISTING: Duration = Duration::from_millis(20);

/// A sync of 10 000 profiles with a fresh index: the first, with the disk, and one that changes
/// nothing, both with the reading of the index.
const SYNC: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(70)];

/// Peak memory of a sync, in KiB.
const SYNC_MEMORY: u64 = 40 * 1024;

/// How often times are taken where they are too long: whatever else a machine does, it adds to them.
const ATTEMPTS: usize = 3;

pub(crate) fn run() -> Result {
    crate::run(&mut cargo(&["build", "--release", "-p", "keyfob"]))?;
    let release = root().join("target/release/keyfob").canonicalize()?;
    let dist = dist::for_host()?.canonicalize()?;
    let home = Home::signed_in(&release, "startup")?;
    let mut wrong = Vec::new();
    for (binary, limits) in [(&release, RELEASE), (&dist, DIST)] {
        wrong.extend(home.check(binary, &limits)?);
    }

    for attempt in 1..=ATTEMPTS {
        let mut slow = home.compare(&release, &dist)?;
        slow.extend(home.list(&dist)?);
        slow.extend(home.sync(&dist)?);
        if slow.is_empty() {
            break;
        }
        if attempt == ATTEMPTS {
            wrong.extend(slow);
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
pub(crate) fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "an index is young or old by the clock")]
fn timestamp() -> Result<Timestamp> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH)?;
    Ok(Timestamp::from_unix(since.as_secs().try_into()?))
}

/// Compiles a program that does nothing.
fn empty_program(directory: &Path) -> Result<String> {
    let source = directory.join("empty.rs");
    write(&source, "fn main() {}")?;
    let program = directory.join("empty");
    crate::run(Command::new("rustc").args(["-O", "-o"]).arg(&program).arg(&source))?;
    Ok(program.display().to_string())
}

impl Home {
    /// Takes the times of both binaries beside others; returns what is too slow.
    #[expect(clippy::print_stdout, reason = "the figures are the point")]
    fn compare(&self, release: &Path, dist: &Path) -> Result<Vec<String>> {
        let big = self.with_profiles(10_000)?;
        let empty = empty_program(self.path())?;
        let commands = [
            ("cat", self.plain("cat", &[&self.cache_file()?]), f64::INFINITY),
            ("empty Rust program", self.plain(&empty, &[]), f64::INFINITY),
            ("release", self.warm(release, None), RELEASE.ratio),
            ("dist", self.warm(dist, None), DIST.ratio),
            ("release, 10 000 profiles", self.warm(release, Some(&big)), f64::INFINITY),
            ("dist, 10 000 profiles", self.warm(dist, Some(&big)), BIG_CONFIG),
        ];
        let (names, limits): (Vec<_>, Vec<_>) =
            commands.iter().map(|(name, _, limit)| (*name, *limit)).unzip();
        let times = interleaved(commands.map(|(_, command, _)| command))?;
        let cat = times.first().copied().unwrap_or_default().as_secs_f64();
        println!(
            "10th percentile of {ROUNDS} interleaved runs, as a multiple of `cat` of the cache file"
        );
        let mut slow = Vec::new();
        for ((name, limit), time) in names.iter().zip(limits).zip(times) {
            let ratio = time.as_secs_f64() / cat;
            println!("{name:<26} {ratio:.2}   ({} us)", time.as_micros());
            if ratio > limit {
                slow.push(format!("{name}: {ratio:.2} times `cat` is over {limit}"));
            }
        }
        Ok(slow)
    }

    /// Takes the times of answers from the index; returns what is too slow.
    #[expect(clippy::print_stdout, reason = "the figures are the point")]
    fn list(&self, dist: &Path) -> Result<Vec<String>> {
        self.write_index(1000)?;
        let dist = dist.display().to_string();
        let all = [
            &["roles"][..],
            &["roles", "--output", "json"],
            &["search", "team", "17", "read"],
            &["search", "tm17rdnl"],
        ];
        let times = interleaved(all.map(|arguments| self.plain(&dist, arguments)))?;
        println!("10th percentile with 3 000 roles in the index");
        let mut slow = Vec::new();
        for (arguments, time) in all.iter().zip(times) {
            let command = arguments.join(" ");
            println!("{command:<26} {time:.1?}");
            if time > LISTING {
                slow.push(format!("{command}: {time:?} are over {LISTING:?}"));
            }
        }
        Ok(slow)
    }

    /// Takes the times of syncs; returns what is too slow.
    #[expect(clippy::print_stdout, reason = "the figures are the point")]
    fn sync(&self, dist: &Path) -> Result<Vec<String>> {
        self.write_index(3334)?;
        let config = fs::read_to_string(self.path().join(".aws/config"))?;
        let copy = self.path().join("sync-config");
        let dist = dist.display().to_string();
        let memory = self.path().join("memory");
        let mut wrong = Vec::new();
        let mut best = [Duration::MAX; 2];
        let mut most = 0;
        for _ in 0..10 {
            write(&copy, &config)?;
            for best in &mut best {
                let time =
                    ["-f", "%M", "-o", &memory.display().to_string(), &dist].map(str::to_owned);
                let mut command = self.plain("/usr/bin/time", &[]);
                command.args(time).args(["profiles", "sync"]).env("AWS_CONFIG_FILE", &copy);
                let begin = now();
                self.silent(&mut command)?;
                *best = begin.elapsed().min(*best);
                most = fs::read_to_string(&memory)?.trim().parse::<u64>()?.max(most);
            }
        }
        println!("sync of 10 002 profiles     {:.1?}, again {:.1?}, {most} KiB", best[0], best[1]);
        for (best, limit) in best.iter().zip(SYNC) {
            if *best > limit {
                wrong.push(format!("sync: {best:?} are over {limit:?}"));
            }
        }
        if most > SYNC_MEMORY {
            wrong.push(format!("sync: {most} KiB are over {SYNC_MEMORY}"));
        }
        Ok(wrong)
    }

    /// Writes the index that a listing of so many accounts would leave.
    fn write_index(&self, number: u32) -> Result {
        let portal =
            Portal { start_url: "https://keyfob.awsapps.com/start", region: "eu-central-1" };
        let now = timestamp()?;
        let account = |number: u32| AssignedAccount {
            account_id: format!("{number:012}"),
            account_name: Some(format!("team-{number}-production")),
            email_address: Some(format!("aws+team-{number}@example.com")),
        };
        let mut index = Index::default();
        index.set_accounts((0..number).map(account).collect(), now);
        for number in 0..number {
            let roles = ["Administrator", "PowerUser", "ReadOnly"].map(str::to_owned);
            index.set_roles(&format!("{number:012}"), roles.into(), now);
        }
        index.complete(now);
        let directory = Directory::new(self.path().join(".cache/keyfob/listings"));
        let file = directory.file(&CacheKey::for_session("work"));
        Ok(file.replace(&index.to_vec(portal))?)
    }

    /// Checks what a binary does on the warm path; returns what is wrong.
    #[expect(clippy::print_stdout, reason = "the figures are the point")]
    fn check(&self, keyfob: &Path, limits: &Limits) -> Result<Vec<String>> {
        let trace = self.path().join("trace");
        let mut strace = Command::new("strace");
        strace.args(["-f", "-o"]).arg(&trace).arg(keyfob);
        self.silent(strace.args(["credential-process", "--profile", "dev"]))?;
        let trace = fs::read_to_string(&trace)?;

        let memory = self.path().join("memory");
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
        for entry in fs::read_dir(self.path().join(".aws/cli/cache"))? {
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
        text += &fs::read_to_string(self.path().join(".aws/config"))?;
        let path = self.path().join("big-config");
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
}
