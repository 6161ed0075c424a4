//! A home with a sign-in to an emulator, for chores that run the binary.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use crate::Result;

/// A home and an emulator, which ends with it.
pub(crate) struct Home {
    path: PathBuf,
    url: String,
    emulator: Child,
}

impl Home {
    /// Signs in with a binary, in a directory of its own that is named after what it is for.
    pub(crate) fn signed_in(keyfob: &Path, purpose: &str) -> Result<Self> {
        let home = Self::start(
            keyfob,
            purpose,
            "approval = \"automatic\"\napprove_after_polls = 0\n",
            "[sso-session work]\nsso_start_url = https://keyfob.awsapps.com/start\n\
             sso_region = eu-central-1\n[profile dev]\nsso_session = work\n\
             sso_account_id = 111122223333\nsso_role_name = ReadOnly\n",
        )?;
        home.silent(Command::new(keyfob).args(["login", "--device-code"]))?;
        home.silent(Command::new(keyfob).args(["credential-process", "--profile", "dev"]))?;
        Ok(home)
    }

    /// Starts an emulator of a scenario, beside a home with a config in which nobody has signed in.
    pub(crate) fn start(
        keyfob: &Path,
        purpose: &str,
        scenario: &str,
        config: &str,
    ) -> Result<Self> {
        let name = format!("keyfob-{purpose}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(path.join(".aws"))?;
        let scenario_file = path.join("scenario.toml");
        write(&scenario_file, scenario)?;
        write(&path.join(".aws/config"), config)?;
        let mut emulator = Command::new(keyfob)
            .args(["emulator", "--scenario"])
            .arg(&scenario_file)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut url = String::new();
        if let Some(stdout) = emulator.stdout.take() {
            BufReader::new(stdout).read_line(&mut url)?;
        }
        let url = url.trim().to_owned();
        Ok(Self { path, url, emulator })
    }

    /// A command in this home that knows of no emulator, and whose output nobody reads.
    pub(crate) fn plain(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).env_clear().env("HOME", &self.path).env("PATH", "/usr/bin:/bin");
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command
    }

    /// Runs a command in this home; what it says is shown only where it fails.
    pub(crate) fn silent(&self, command: &mut Command) -> Result {
        let output = self.run(command)?;
        if output.status.success() {
            Ok(())
        } else {
            Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)).into())
        }
    }

    /// Runs a command in this home, with the emulator as AWS.
    pub(crate) fn run(&self, command: &mut Command) -> Result<Output> {
        command.env_clear().env("HOME", &self.path).env("PATH", "/usr/bin:/bin");
        for service in ["SSO", "SSO_OIDC", "STS"] {
            command.env(format!("AWS_ENDPOINT_URL_{service}"), &self.url);
        }
        Ok(command.output()?)
    }

    /// The directory.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// How often the emulator was asked for an operation.
    pub(crate) fn calls(&self, operation: &str) -> Result<usize> {
        let host = self.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host)?;
        write!(
            stream,
            "GET /_emulator/calls HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.matches(&format!("\"{operation}\"")).count())
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
/// Writes a file of our own.
pub(crate) fn write(path: &Path, text: &str) -> Result {
    Ok(fs::write(path, text)?)
}
