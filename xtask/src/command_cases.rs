//! `cargo xtask conformance --command CMD`: the case folders against any `credential_process`
//! command; `docs/testing.md` tells their format.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde::Deserialize;
use serde_json::Value;

use crate::{Result, cargo, root};

/// What a case says; see `docs/testing.md`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    docs: String,
    #[serde(default = "dev")]
    profile: String,
    #[serde(default)]
    scenario: String,
    /// The sso-sessions to sign in to first.
    #[serde(default)]
    sign_in: Vec<String>,
    /// How often the command is run before the run that counts.
    #[serde(default)]
    warm_up: u32,
    /// Members of the token file of the first session that are changed; an empty text removes one.
    #[serde(default)]
    token: BTreeMap<String, String>,
    /// What takes the place of the whole token file; `{TOKEN}` is what was there.
    token_file: Option<String>,
    expect: Expect,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    /// Whether the command succeeds.
    success: bool,
    /// `AccountId` of the output.
    account_id: Option<String>,
    /// A part of what is on stderr.
    stderr: Option<String>,
    /// How often an operation is called by the run that counts.
    #[serde(default)]
    calls: BTreeMap<String, usize>,
}

fn dev() -> String {
    "dev".to_owned()
}

/// Runs every case; fails where one does.
#[expect(clippy::print_stdout, reason = "the lines are the point")]
pub(crate) fn run(command: &str) -> Result {
    crate::run(&mut cargo(&["build", "--quiet", "-p", "keyfob"]))?;
    let keyfob = root().join("target/debug/keyfob").canonicalize()?;
    let folder = root().join("tests/conformance/cases/credential-process");
    let mut cases: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    cases.sort();
    let mut failed = 0;
    for case in &cases {
        let name = case.file_name().unwrap_or_default().to_string_lossy();
        match run_case(case, command, &keyfob)? {
            None => println!("ok {name}"),
            Some(reason) => {
                failed += 1;
                println!("FAILED {name}: {reason}");
            }
        }
    }
    println!("{} cases, {failed} failed", cases.len());
    if failed == 0 { Ok(()) } else { Err("the command differs".into()) }
}

/// Runs a case; returns what is wrong.
fn run_case(folder: &Path, command: &str, keyfob: &Path) -> Result<Option<String>> {
    let case: Case = toml::from_str(&fs::read_to_string(folder.join("case.toml"))?)?;
    let world = World::new(&case, folder, keyfob)?;
    for session in &case.sign_in {
        let mut login = world.command(keyfob.display().to_string().as_str());
        login.args(["login", "--device-code", "--no-browser", "--sso-session", session]);
        let output = login.output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
    }
    world.change_token(&case)?;
    let line = if command.contains("{profile}") {
        command.replace("{profile}", &quoted(&case.profile))
    } else {
        format!("{command} --profile {}", quoted(&case.profile))
    };
    let run = || world.command("sh").args(["-c", &line]).output();
    for _ in 0..case.warm_up {
        run()?;
    }
    let before = world.calls()?;
    let output = run()?;
    let mut calls = world.calls()?;
    for (operation, count) in before {
        calls.entry(operation).and_modify(|after| *after -= count);
    }
    Ok(judge(&case.expect, &output, &calls).map(|reason| format!("{reason} ({})", case.docs)))
}

fn judge(expect: &Expect, output: &Output, calls: &BTreeMap<String, usize>) -> Option<String> {
    let (stdout, stderr) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.success() != expect.success {
        return Some(format!("it ended with {}: {}", output.status, stderr.trim()));
    }
    if expect.success
        && let Some(reason) = judge_output(&stdout, &stderr, expect)
    {
        return Some(reason);
    }
    if !expect.success && !stdout.trim().is_empty() {
        return Some("it failed, and wrote to stdout".to_owned());
    }
    if let Some(part) = expect.stderr.as_ref().filter(|part| !stderr.contains(part.as_str())) {
        return Some(format!("stderr has no `{part}`: {}", stderr.trim()));
    }
    expect.calls.iter().find_map(|(operation, expected)| {
        let seen = calls.get(operation).copied().unwrap_or_default();
        (seen != *expected).then(|| format!("{operation} was called {seen} times, not {expected}"))
    })
}

/// The contract of the output.
fn judge_output(stdout: &str, stderr: &str, expect: &Expect) -> Option<String> {
    if !stderr.is_empty() {
        return Some(format!("it succeeded, and wrote to stderr: {}", stderr.trim()));
    }
    if stdout.len() > 8192 {
        return Some("the output is over 8 KiB".to_owned());
    }
    let Ok(output) = serde_json::from_str::<Value>(stdout) else {
        return Some("the output is no JSON".to_owned());
    };
    if output.get("Version") != Some(&Value::from(1)) {
        return Some("`Version` is not the number 1".to_owned());
    }
    for name in ["AccessKeyId", "SecretAccessKey", "SessionToken"] {
        if !output.get(name).is_some_and(Value::is_string) {
            return Some(format!("`{name}` is missing"));
        }
    }
    let expiration = output.get("Expiration").and_then(Value::as_str).unwrap_or_default();
    if !(expiration.len() == 20 && expiration.ends_with('Z')) {
        return Some(format!("`Expiration` is `{expiration}`, which not every SDK reads"));
    }
    let account_id = output.get("AccountId").and_then(Value::as_str);
    match &expect.account_id {
        Some(expected) if account_id != Some(expected) => {
            Some(format!("`AccountId` is {account_id:?}, not `{expected}`"))
        }
        _ => None,
    }
}

/// A home and an emulator for one case; both go with it.
struct World {
    home: PathBuf,
    url: String,
    emulator: Child,
}

impl World {
    fn new(case: &Case, folder: &Path, keyfob: &Path) -> Result<Self> {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let home = std::env::temp_dir().join(format!("keyfob-{}-{name}", std::process::id()));
        fs::create_dir_all(home.join(".aws"))?;
        let scenario = home.join("scenario.toml");
        let approval = "approval = \"automatic\"\napprove_after_polls = 0\ndevice_interval = 1\n";
        write(&scenario, &format!("{approval}{}", case.scenario))?;
        write(&home.join(".aws/config"), &fs::read_to_string(folder.join("config"))?)?;
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
        let world = Self { home, url: url.trim().to_owned(), emulator };
        if world.url.is_empty() {
            return Err(format!("{name}: the emulator does not take the scenario").into());
        }
        Ok(world)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("HOME", &self.home).current_dir(&self.home);
        command.envs(path().map(|path| ("PATH", path)));
        for service in ["SSO", "SSO_OIDC", "STS"] {
            command.env(format!("AWS_ENDPOINT_URL_{service}"), &self.url);
        }
        command.stdin(Stdio::null());
        command
    }

    /// Changes the token file of the session that was signed in to.
    fn change_token(&self, case: &Case) -> Result {
        let Ok(entries) = fs::read_dir(self.home.join(".aws/sso/cache")) else { return Ok(()) };
        for entry in entries {
            let path = entry?.path();
            let Ok(text) = fs::read_to_string(&path) else { continue };
            let Ok(mut token) = serde_json::from_str::<Value>(&text) else { continue };
            let Some(members) = token.as_object_mut() else { continue };
            if !members.contains_key("accessToken") {
                continue;
            }
            for (name, value) in &case.token {
                if value.is_empty() {
                    members.remove(name);
                } else {
                    members.insert(name.clone(), Value::from(value.as_str()));
                }
            }
            let changed = token.to_string();
            let whole = case.token_file.as_ref().map(|file| file.replace("{TOKEN}", &changed));
            write(&path, &whole.unwrap_or(changed))?;
        }
        Ok(())
    }

    /// How often each operation was called.
    fn calls(&self) -> Result<BTreeMap<String, usize>> {
        let host = self.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host)?;
        write!(
            stream,
            "GET /_emulator/calls HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let calls: Vec<Value> = serde_json::from_str(body)?;
        let mut counts = BTreeMap::new();
        for call in &calls {
            let operation = call.get("operation").and_then(Value::as_str).unwrap_or_default();
            *counts.entry(operation.to_owned()).or_default() += 1;
        }
        Ok(counts)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // Best effort: there is nobody to tell.
        let _ = self.emulator.kill();
        let _ = self.emulator.wait();
        let _ = fs::remove_dir_all(&self.home);
    }
}

#[expect(clippy::disallowed_methods, reason = "commands are found where the caller finds them")]
fn path() -> Option<std::ffi::OsString> {
    std::env::var_os("PATH")
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[expect(clippy::disallowed_methods, reason = "a new file in a directory of our own")]
fn write(path: &Path, text: &str) -> Result {
    Ok(fs::write(path, text)?)
}
