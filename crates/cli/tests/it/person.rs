//! A terminal, with a person who reads and types.

use std::io::Write;
use std::process::Command;
use std::time::Duration;

use expectrl::process::unix::{PtyStream, UnixProcess, WaitStatus};
use expectrl::{Eof, Expect, Session};

use crate::support::TestEnv;

/// How long something is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// A program on a terminal of its own.
pub(crate) struct Terminal {
    session: Session<UnixProcess, PtyStream>,
    pub(crate) shown: String,
}

impl TestEnv {
    /// Runs the binary on a terminal, in a shell command where `{keyfob}` stands for it.
    pub(crate) fn terminal(&self, script: &str) -> Terminal {
        let keyfob = env!("CARGO_BIN_EXE_keyfob");
        let mut command = Command::new("sh");
        command.args(["-c", &script.replace("{keyfob}", keyfob)]).env_clear();
        for (name, value) in self.command(&[]).get_envs() {
            command.envs(value.map(|value| (name, value)));
        }
        // Over SSH there is no browser, and a sign-in takes a device code.
        command.env("TERM", "xterm").env("SSH_CONNECTION", "1").env("PATH", "/usr/bin:/bin");
        command.current_dir(self.home.path());
        let mut session = Session::spawn(command).unwrap();
        session.get_process_mut().set_window_size(200, 50).unwrap();
        session.set_expect_timeout(Some(PATIENCE));
        Terminal { session, shown: String::new() }
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

    /// Types to a shell until something is shown: some forget what comes while they get ready.
    pub(crate) fn type_until(&mut self, typed: &str, shown: &str) {
        self.session.set_expect_timeout(Some(PATIENCE / 4));
        let found = (0..4).find_map(|_| {
            self.type_text(typed);
            self.session.expect(shown).ok()
        });
        self.session.set_expect_timeout(Some(PATIENCE));
        let found = found.unwrap_or_else(|| panic!("no {shown:?} after {typed:?}"));
        self.shown.push_str(&String::from_utf8_lossy(&[found.before(), shown.as_bytes()].concat()));
    }

    /// Types to a shell until it ends.
    pub(crate) fn finish_by(mut self, typed: &str) -> (i32, String) {
        self.session.set_expect_timeout(Some(PATIENCE / 4));
        for _ in 0..3 {
            self.type_text(typed);
            if let Ok(rest) = self.session.expect(Eof) {
                self.shown.push_str(&String::from_utf8_lossy(rest.as_bytes()));
                break;
            }
        }
        self.session.set_expect_timeout(Some(PATIENCE));
        self.finish()
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
