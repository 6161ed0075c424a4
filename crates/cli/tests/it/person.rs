//! A terminal, with a person who reads and types.

use std::fs;
use std::io::Write;
use std::process::Command;
use std::time::Duration;

use expectrl::process::unix::{PtyStream, UnixProcess, WaitStatus};
use expectrl::{Eof, Expect, Session};

use crate::support::TestEnv;

/// How long something is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// A shell that completes starts many programs for one line, on a machine that may be busy.
const PATIENCE_WITH_SHELLS: Duration = Duration::from_secs(120);

/// A program on a terminal of its own.
pub(crate) struct Terminal {
    session: Session<UnixProcess, PtyStream>,
    pub(crate) shown: String,
    /// How often a shell was asked whether it reads.
    probes: usize,
}

impl TestEnv {
    /// Runs the binary on a terminal, in a shell command where `{keyfob}` stands for it.
    pub(crate) fn terminal(&self, script: &str) -> Terminal {
        let keyfob = env!("CARGO_BIN_EXE_keyfob");
        let mut command = Command::new("sh");
        // The size is known only after the start: until then the shell waits.
        let place = tempfile::tempdir().unwrap();
        let gate = place.path().join("gate");
        assert!(Command::new("mkfifo").arg(&gate).status().unwrap().success());
        let script = script.replace("{keyfob}", keyfob);
        let script = format!("read _ <'{}'\n{script}", gate.display());
        command.args(["-c", &script]).env_clear();
        for (name, value) in self.command(&[]).get_envs() {
            command.envs(value.map(|value| (name, value)));
        }
        // Over SSH there is no browser, and a sign-in takes a device code.
        command.env("TERM", "xterm").env("SSH_CONNECTION", "1").env("PATH", "/usr/bin:/bin");
        command.current_dir(self.home.path());
        let mut session = Session::spawn(command).unwrap();
        session.get_process_mut().set_window_size(200, 50).unwrap();
        fs::write(&gate, "\n").unwrap();
        session.set_expect_timeout(Some(PATIENCE));
        Terminal { session, shown: String::new(), probes: 0 }
    }
}

impl Terminal {
    pub(crate) fn wait_for(&mut self, text: &str) {
        match self.session.expect(text) {
            Ok(found) => {
                let shown = [found.before(), text.as_bytes()].concat();
                self.shown.push_str(&String::from_utf8_lossy(&shown));
            }
            Err(error) => panic!("no {text:?} ({error}) after {}", self.shown),
        }
    }

    pub(crate) fn type_text(&mut self, text: &str) {
        self.session.write_all(text.as_bytes()).unwrap();
        self.session.flush().unwrap();
    }

    /// Types something that does no harm until it is answered.
    pub(crate) fn type_until(&mut self, typed: &str, answer: &str) {
        self.session.set_expect_timeout(Some(Duration::from_secs(1)));
        let is_answered = (0..PATIENCE_WITH_SHELLS.as_secs()).any(|_| {
            self.type_text(typed);
            let found = self.session.expect(answer).ok();
            let before = found.as_ref().map(expectrl::Captures::before).unwrap_or_default();
            self.shown.push_str(&String::from_utf8_lossy(before));
            found.is_some()
        });
        assert!(is_answered, "no {answer:?} after {}", self.shown);
        self.shown.push_str(answer);
        self.session.set_expect_timeout(Some(PATIENCE));
    }

    /// Types a line to a shell that reads. Some forget what comes while they get ready, so something
    /// short is typed until it is answered. The line itself is typed once: a shell that is slow would
    /// run it again and again, and fall behind.
    pub(crate) fn type_to_shell(&mut self, line: &str) {
        self.probes += 1;
        let question = format!("\u{15}printf %s-%s here {}\r", self.probes);
        self.type_until(&question, &format!("here-{}", self.probes));
        self.session.set_expect_timeout(Some(PATIENCE_WITH_SHELLS));
        self.type_text(line);
    }

    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        self.session.get_process_mut().set_window_size(columns, rows).unwrap();
    }

    pub(crate) fn interrupt(&mut self) {
        self.type_text("\u{3}");
    }

    /// Waits for the end; returns the exit code and all that was shown.
    pub(crate) fn finish(mut self) -> (i32, String) {
        match self.session.expect(Eof) {
            Ok(rest) => self.shown.push_str(&String::from_utf8_lossy(rest.as_bytes())),
            Err(error) => panic!("no end ({error}) after {}", self.shown),
        }
        match self.session.get_process().wait().unwrap() {
            WaitStatus::Exited(_, code) => (code, self.shown),
            other => panic!("{other:?} after {}", self.shown),
        }
    }
}
