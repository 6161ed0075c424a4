//! A terminal, with a person who reads and types.

use std::io::{Read, Write};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use pty_process::{Size, blocking};
use rustix::event::{PollFd, PollFlags, poll};

use crate::support::TestEnv;

/// How long something is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// A shell that completes starts many programs for one line, on a machine that may be busy.
const PATIENCE_WITH_SHELLS: Duration = Duration::from_secs(120);

/// A program on a terminal of its own.
pub(crate) struct Terminal {
    pty: blocking::Pty,
    program: Child,
    pub(crate) shown: String,
    /// What came after that.
    unread: Vec<u8>,
    patience: Duration,
    /// How often a shell was asked whether it reads.
    probes: usize,
}

/// Why nothing more was read.
#[derive(Debug, PartialEq)]
enum Silence {
    TimedOut,
    Ended,
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
        let (pty, program_side) = blocking::open().unwrap();
        pty.resize(Size::new(50, 200)).unwrap();
        let program = blocking::Command::from(command).spawn(program_side).unwrap();
        let (shown, unread) = (String::new(), Vec::new());
        Terminal { pty, program, shown, unread, patience: PATIENCE, probes: 0 }
    }
}

impl Terminal {
    fn read_on(&mut self, deadline: Instant) -> Result<(), Silence> {
        let left = deadline.saturating_duration_since(Instant::now()).try_into().unwrap();
        if poll(&mut [PollFd::new(&self.pty, PollFlags::IN)], Some(&left)).unwrap() == 0 {
            return Err(Silence::TimedOut);
        }
        let mut block = [0; 4096];
        // Linux tells by an error that nobody has the other side any more.
        match self.pty.read(&mut block) {
            Ok(0) | Err(_) => Err(Silence::Ended),
            Ok(length) => {
                self.unread.extend_from_slice(&block[..length]);
                Ok(())
            }
        }
    }

    fn read_until(&mut self, text: &str, patience: Duration) -> Result<(), Silence> {
        let deadline = Instant::now() + patience;
        loop {
            let found = self.unread.windows(text.len()).position(|part| part == text.as_bytes());
            if let Some(start) = found {
                let rest = self.unread.split_off(start + text.len());
                self.shown.push_str(&String::from_utf8_lossy(&self.unread));
                self.unread = rest;
                return Ok(());
            }
            self.read_on(deadline)?;
        }
    }

    fn all_shown(&self) -> String {
        format!("{}{}", self.shown, String::from_utf8_lossy(&self.unread))
    }

    pub(crate) fn wait_for(&mut self, text: &str) {
        if let Err(silence) = self.read_until(text, self.patience) {
            panic!("no {text:?} ({silence:?}) after {}", self.all_shown());
        }
    }

    pub(crate) fn type_text(&mut self, text: &str) {
        self.pty.write_all(text.as_bytes()).unwrap();
    }

    /// Types something that does no harm until it is answered.
    pub(crate) fn type_until(&mut self, typed: &str, answer: &str) {
        let is_answered = (0..PATIENCE_WITH_SHELLS.as_secs()).any(|_| {
            self.type_text(typed);
            self.read_until(answer, Duration::from_secs(1)).is_ok()
        });
        assert!(is_answered, "no {answer:?} after {}", self.all_shown());
        self.patience = PATIENCE;
    }

    /// Types a line to a shell that reads. Some forget what comes while they get ready, so something
    /// short is typed until it is answered. The line itself is typed once: a shell that is slow would
    /// run it again and again, and fall behind.
    pub(crate) fn type_to_shell(&mut self, line: &str) {
        self.probes += 1;
        let question = format!("\u{15}printf %s-%s here {}\r", self.probes);
        self.type_until(&question, &format!("here-{}", self.probes));
        self.patience = PATIENCE_WITH_SHELLS;
        self.type_text(line);
    }

    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        self.pty.resize(Size::new(rows, columns)).unwrap();
    }

    pub(crate) fn interrupt(&mut self) {
        self.type_text("\u{3}");
    }

    /// Waits for the end; returns the exit code and all that was shown.
    pub(crate) fn finish(mut self) -> (i32, String) {
        let deadline = Instant::now() + self.patience;
        let silence = loop {
            if let Err(silence) = self.read_on(deadline) {
                break silence;
            }
        };
        let shown = self.all_shown();
        assert_eq!(silence, Silence::Ended, "no end after {shown}");
        let status = self.program.wait().unwrap();
        let Some(code) = status.code() else { panic!("{status} after {shown}") };
        (code, shown)
    }
}
