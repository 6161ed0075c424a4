//! `cargo xtask kill [VICTIM...]`: SIGKILL at each system call, one run for each.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::home::{Home, write};
use crate::{Result, cargo, root};

/// The calls before and after which a file or the server may differ. To die between two others is
/// to die before the next of these.
const CALLS: &str = "openat,read,recvfrom,write,writev,sendto,connect,fsync,ftruncate,flock,fchmod,\
                     utimensat,link,rename,renameat,renameat2,unlink,unlinkat,mkdir,close";

/// A command that is killed.
struct Victim {
    name: &'static str,
    command: &'static [&'static str],
    /// Makes the state in which it begins.
    prepare: fn(&Home, &Path) -> Result,
    /// What runs after it, as a person would repeat it.
    next: &'static [&'static str],
}

const VICTIMS: [Victim; 8] = [
    Victim {
        name: "refresh",
        command: &["credential-process", "--profile", "dev"],
        prepare: |home, keyfob| {
            sign_in(home, keyfob)?;
            expire(home)?;
            remove_files(&home.path().join(".aws/cli/cache"))
        },
        next: &["credential-process", "--profile", "dev"],
    },
    Victim {
        name: "login",
        command: &["login", "--device-code", "--no-browser"],
        prepare: |home, _| remove_files(&home.path().join(".aws/sso/cache")),
        next: &["login", "--device-code", "--no-browser"],
    },
    Victim {
        name: "roles",
        command: &["roles", "--output", "json"],
        prepare: |home, keyfob| {
            sign_in(home, keyfob)?;
            remove_files(&home.path().join(".cache/keyfob/listings"))
        },
        next: &["roles", "--output", "json"],
    },
    Victim {
        name: "configure",
        command: &CONFIGURE,
        prepare: |home, _| begin_with(home, CONFIG),
        next: &CONFIGURE,
    },
    Victim {
        name: "sync",
        command: &["profiles", "sync"],
        prepare: |home, keyfob| {
            begin_with(home, CONFIG)?;
            sign_in(home, keyfob)
        },
        next: &["profiles", "sync"],
    },
    Victim {
        name: "populate",
        command: &POPULATE,
        prepare: |home, keyfob| {
            begin_with(home, CONFIG)?;
            // The copy of the first edit is there, that of the day is not.
            write(&home.path().join(COPIES[0]), CONFIG)?;
            sign_in(home, keyfob)
        },
        next: &POPULATE,
    },
    Victim {
        name: "migrate",
        command: &MIGRATE,
        prepare: |home, _| begin_with(home, LEGACY),
        next: &MIGRATE,
    },
    Victim {
        name: "sso",
        command: &CONFIGURE_SSO,
        prepare: |home, _| begin_with(home, CONFIG),
        next: &CONFIGURE_SSO,
    },
];

/// Where the config is kept as it was: at the first edit, and daily.
const COPIES: [&str; 2] = [".aws/config.keyfob-backup", ".aws/config.keyfob-daily"];

const CONFIG: &str = "[sso-session work]\nsso_start_url = https://keyfob.awsapps.com/start\n\
                      sso_region = eu-central-1\n[profile dev]\nsso_session = work\n\
                      sso_account_id = 111122223333\nsso_role_name = ReadOnly\n";
/// Without a session, and with comments and a profile of another tool.
const LEGACY: &str = "# mine\n[profile old] # this one\n\
                      sso_start_url = https://keyfob.awsapps.com/start\n\
                      sso_region = eu-central-1 # ours\nsso_account_id = 111122223333\n\
                      sso_role_name = ReadOnly\n[profile vault]\nregion = eu-west-1\n\
                      credential_process = aws-vault exec --json old\n";
const POPULATE: [&str; 4] = ["configure", "populate", "--region", "eu-west-1"];
const MIGRATE: [&str; 3] = ["configure", "migrate", "--all"];
const CONFIGURE_SSO: [&str; 12] = [
    "configure",
    "sso",
    "--non-interactive",
    "new",
    "--sso-session",
    "work",
    "--account-id",
    "111122223333",
    "--role-name",
    "Operator",
    "--region",
    "eu-west-1",
];
const CONFIGURE: [&str; 9] = [
    "configure",
    "profile",
    "new",
    "--sso-session",
    "work",
    "--account-id",
    "111122223333",
    "--role-name",
    "Operator",
];

#[expect(clippy::print_stdout, reason = "the figures are the point")]
pub(crate) fn run(names: &[&str]) -> Result {
    if let Some(name) = names.iter().find(|name| VICTIMS.iter().all(|it| it.name != **name)) {
        let known: Vec<_> = VICTIMS.iter().map(|victim| victim.name).collect();
        return Err(format!("there is no victim {name}: there are {}", known.join(", ")).into());
    }
    crate::run(&mut cargo(&["build", "--release", "-p", "keyfob"]))?;
    let keyfob = root().join("target/release/keyfob").canonicalize()?;
    let home = Home::signed_in(&keyfob, "kill")?;
    let is_wanted = |victim: &Victim| names.is_empty() || names.contains(&victim.name);
    for victim in VICTIMS.into_iter().filter(is_wanted) {
        let moments = victim.moments(&home, &keyfob)?;
        let whole = fs::read_to_string(home.path().join(".aws/config"))?;
        let (mut kills, mut lost) = (0, 0);
        for (call, times) in moments {
            for time in 1..=times {
                (victim.prepare)(&home, &keyfob)?;
                let end = victim.kill(&home, &keyfob, &whole, &call, time)?;
                kills += usize::from(end.killed);
                lost += usize::from(end.session_lost);
            }
        }
        println!("{:<10} killed at {kills} moments, {lost} of them cost the session", victim.name);
        if kills < 25 {
            return Err(format!("{}: {kills} moments are too few", victim.name).into());
        }
    }
    Ok(())
}

struct End {
    killed: bool,
    /// The server had rotated the refresh token, and its answer was not stored.
    session_lost: bool,
}

impl Victim {
    /// Counts how often each call is made.
    fn moments(&self, home: &Home, keyfob: &Path) -> Result<BTreeMap<String, usize>> {
        (self.prepare)(home, keyfob)?;
        let trace = home.path().join("trace");
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-e", &format!("trace={CALLS}"), "-o"]).arg(&trace);
        home.silent(strace.arg(keyfob).args(self.command))?;
        // Each thread counts by itself.
        let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
        for line in fs::read_to_string(&trace)?.lines() {
            let Some((thread, rest)) = line.split_once(' ') else { continue };
            let Some((call, _)) = rest.trim_start().split_once('(') else { continue };
            *counts.entry((call.to_owned(), thread.to_owned())).or_default() += 1;
        }
        let mut moments = BTreeMap::new();
        for ((call, _), count) in counts.into_iter().filter(|((call, _), _)| !call.contains(' ')) {
            let most: &mut usize = moments.entry(call).or_default();
            *most = (*most).max(count);
        }
        Ok(moments)
    }

    /// Kills the command at one moment, and looks at what is left.
    fn kill(
        &self,
        home: &Home,
        keyfob: &Path,
        whole: &str,
        call: &str,
        time: usize,
    ) -> Result<End> {
        const REFRESH: &str = "CreateToken:refresh_token";
        let moment = format!("{} at {call} {time}", self.name);
        let config = home.path().join(".aws/config");
        let (refreshes, token, before) =
            (home.calls(REFRESH)?, token(home)?, fs::read_to_string(&config)?);
        let inject = format!("inject={call}:signal=KILL:when={time}");
        let mut strace = Command::new("strace");
        strace.args([
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            &format!("trace={call}"),
            "-e",
            &inject,
        ]);
        let output = home.run(strace.arg(keyfob).args(self.command))?;
        let killed = !output.status.success();

        self.look(home, &[&before, whole]).map_err(|error| format!("{moment}: {error}"))?;
        let refreshed = home.calls(REFRESH)? > refreshes;
        let session_lost = killed && refreshed && self::token(home)? == token;
        let next = home.run(Command::new(keyfob).args(self.next))?;
        let said = String::from_utf8_lossy(&next.stderr).into_owned();
        match next.status.code() {
            Some(0) if !session_lost => {}
            Some(1) if session_lost && said.contains("keyfob login --sso-session work") => {}
            code => return Err(format!("{moment}: the next run ends with {code:?}: {said}").into()),
        }
        if said.contains("warning") || said.contains("damaged") {
            return Err(format!("{moment}: the next run says {said}").into());
        }
        self.look(home, &[&before, whole]).map_err(|error| format!("after {moment}: {error}"))?;
        Ok(End { killed, session_lost })
    }

    /// Every file is whole and private, the config as it was, which is the first of `configs`, or as
    /// it was to be; a copy of it is as it was.
    fn look(&self, home: &Home, configs: &[&str]) -> Result {
        for directory in [".aws/sso/cache", ".aws/cli/cache", ".cache/keyfob/listings"] {
            for path in files(&home.path().join(directory))? {
                let shown = path.display();
                if mode(&path)? & 0o077 != 0 {
                    return Err(format!("{shown} is not private").into());
                }
                let is_cache = path.extension().is_some_and(|extension| extension == "json");
                let text = fs::read_to_string(&path)?;
                let is_object = text.starts_with('{') && text.trim_end().ends_with('}');
                // A listing is a journal, whose last line may be cut off.
                if is_cache && !directory.ends_with("listings") && !is_object {
                    return Err(format!("{shown} is not whole").into());
                }
            }
        }
        let config = fs::read_to_string(home.path().join(".aws/config"))?;
        if !configs.contains(&&*config) {
            return Err(format!("the config is not whole: {config}").into());
        }
        for copy in COPIES {
            let path = home.path().join(copy);
            if path.exists() && configs.first() != Some(&&*fs::read_to_string(path)?) {
                return Err(format!("{copy} is not the config as it was").into());
            }
        }
        Ok(())
    }
}

/// Writes a config of which no copy is kept.
fn begin_with(home: &Home, config: &str) -> Result {
    for copy in COPIES.map(|copy| home.path().join(copy)).iter().filter(|copy| copy.exists()) {
        fs::remove_file(copy)?;
    }
    write(&home.path().join(".aws/config"), config)
}

/// Signs in where the token is gone or its session is lost.
fn sign_in(home: &Home, keyfob: &Path) -> Result {
    let alive = home.run(Command::new(keyfob).args(["login", "--if-needed", "--device-code"]))?;
    if alive.status.success() { Ok(()) } else { Err("cannot sign in".into()) }
}

/// Lets the token expire.
fn expire(home: &Home) -> Result {
    const MEMBER: &str = "\"expiresAt\":\"";
    for path in files(&home.path().join(".aws/sso/cache"))? {
        let text = fs::read_to_string(&path)?;
        if let Some((before, after)) =
            text.split_once(MEMBER).filter(|_| text.contains("accessToken"))
        {
            let (_, rest) = after.split_once('"').ok_or("a token without its end")?;
            write(&path, &format!("{before}{MEMBER}2020-01-01T00:00:00Z\"{rest}"))?;
        }
    }
    Ok(())
}

/// The text of the token file.
fn token(home: &Home) -> Result<Option<String>> {
    for path in files(&home.path().join(".aws/sso/cache"))? {
        let text = fs::read_to_string(&path)?;
        if path.extension().is_some_and(|e| e == "json") && text.contains("accessToken") {
            return Ok(Some(text));
        }
    }
    Ok(None)
}

fn remove_files(directory: &Path) -> Result {
    for path in files(directory)? {
        fs::remove_file(path)?;
    }
    Ok(())
}

fn files(directory: &Path) -> Result<Vec<PathBuf>> {
    if !directory.is_dir() {
        return Ok(Vec::new());
    }
    Ok(fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?)
}

#[cfg(unix)]
fn mode(path: &Path) -> Result<u32> {
    Ok(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path)?.permissions()))
}

#[cfg(not(unix))]
fn mode(_: &Path) -> Result<u32> {
    Ok(0)
}
