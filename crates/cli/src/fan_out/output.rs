//! What the commands print, in whole lines.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::Serialize;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::{mpsc, watch};

use super::job::Job;
use super::stop::{Phase, Stop};
use crate::exit::Failure;
use crate::ui::{Unprinted, draw_bar, json_line, print_err, print_while_read};

/// What is read at once.
const CHUNK: usize = 64 * 1024;

/// A line that is longer is parted.
const LONGEST: usize = 1024 * 1024;

/// How long a command that has ended is waited for that left somebody behind who may print.
const GRACE: Duration = Duration::from_secs(1);

/// How many chunks may wait to be printed: commands wait for a reader who takes his time.
const WAITING: usize = 16;

/// Where something goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum To {
    Stdout,
    Stderr,
}

enum Message {
    Lines(To, Vec<u8>),
    Progress { done: usize, total: usize },
}

/// Takes what is to be printed.
#[derive(Clone)]
pub(super) struct Printer {
    messages: mpsc::Sender<Message>,
    /// Nobody reads stdout any more.
    is_closed: Arc<AtomicBool>,
}

/// Prints what comes, until nobody has anything to print.
pub(super) struct Printing {
    messages: mpsc::Receiver<Message>,
    is_closed: Arc<AtomicBool>,
    stop: Arc<Stop>,
    has_bar: bool,
}

/// Makes both ends. One thread prints, so that lines and the bar stay apart; where stdout is closed,
/// no more commands are started.
pub(super) fn printer(stop: &Arc<Stop>, has_bar: bool) -> (Printer, Printing) {
    let (sender, messages) = mpsc::channel(WAITING);
    let is_closed = Arc::<AtomicBool>::default();
    let printing =
        Printing { messages, is_closed: Arc::clone(&is_closed), stop: Arc::clone(stop), has_bar };
    (Printer { messages: sender, is_closed }, printing)
}

impl Printing {
    pub(super) fn run(mut self) -> Result<(), Unprinted> {
        let mut bar = None;
        let mut result = Ok(());
        while let Some(message) = self.messages.blocking_recv() {
            match message {
                Message::Lines(To::Stderr, lines) => print_err(&lines),
                Message::Lines(To::Stdout, lines) => {
                    let printed = match self.is_closed.load(Ordering::Relaxed) {
                        true => Ok(true),
                        false => print_while_read(&lines),
                    };
                    if !matches!(printed, Ok(true)) {
                        self.is_closed.store(true, Ordering::Relaxed);
                        self.stop.raise(Phase::NoMore);
                        result = printed.map(drop);
                    }
                }
                Message::Progress { done, total } => bar = Some((done, total)),
            }
            if let Some((done, total)) = bar.filter(|_| self.has_bar && self.messages.is_empty()) {
                draw_bar(done, total, "done");
            }
        }
        result
    }
}

impl Printer {
    /// Prints whole lines; waits where much waits already.
    pub(super) async fn print(&self, to: To, lines: Vec<u8>) {
        // Where nobody prints any more, the program is about to end.
        let _ = self.messages.send(Message::Lines(to, lines)).await;
    }

    /// Shows how many have ended, unless much waits already.
    pub(super) fn show(&self, done: usize, total: usize) {
        let _ = self.messages.try_send(Message::Progress { done, total });
    }

    pub(super) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Relaxed)
    }

    /// Prints what is read, line by line, with a label. Where nobody reads stdout any more, it ends,
    /// so that the command is told as in a pipe.
    pub(super) async fn pass_on(
        &self,
        source: impl AsyncRead + Unpin,
        to: To,
        label: &str,
        end: &End,
    ) {
        let mut source = source;
        let mut lines = Lines { prefix: format!("{label} | ").into_bytes(), begun: Vec::new() };
        let mut chunk = vec![0; CHUNK];
        loop {
            let count = read(&mut source, &mut chunk, end).await;
            let whole = match chunk.get(..count) {
                None | Some([]) => lines.finish(),
                Some(bytes) => lines.add(bytes),
            };
            if !whole.is_empty() {
                self.print(to, whole).await;
            }
            if count == 0 || (to == To::Stdout && self.is_closed()) {
                break;
            }
        }
    }
}

/// The end of a command, after which what it left behind is not waited for.
pub(super) struct End(watch::Sender<bool>);

impl End {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    pub(super) fn come(&self) {
        self.0.send_replace(true);
    }

    /// Waits until it has come, and a while more.
    pub(super) async fn passed(&self) {
        let _ = self.0.subscribe().wait_for(|has_come| *has_come).await; // the sender is here
        tokio::time::sleep(GRACE).await;
    }
}

/// Reads all that a command prints.
pub(super) async fn read_all(mut source: impl AsyncRead + Unpin, end: &End) -> String {
    let mut all = Vec::new();
    let mut chunk = vec![0; CHUNK];
    loop {
        let count = read(&mut source, &mut chunk, end).await;
        match chunk.get(..count) {
            None | Some([]) => return String::from_utf8_lossy(&all).into_owned(),
            Some(bytes) => all.extend_from_slice(bytes),
        }
    }
}

/// Reads what is there; nothing where the command has ended and what it left behind is silent.
async fn read(source: &mut (impl AsyncRead + Unpin), chunk: &mut [u8], end: &End) -> usize {
    tokio::select! {
        biased;
        count = source.read(chunk) => count.unwrap_or(0),
        () = end.passed() => 0,
    }
}

/// Makes whole lines of what comes.
struct Lines {
    prefix: Vec<u8>,
    begun: Vec<u8>,
}

impl Lines {
    /// Returns the lines that are whole now.
    fn add(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut whole = Vec::new();
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.begun.extend_from_slice(part);
            if part.ends_with(b"\n") {
                whole.extend_from_slice(&self.prefix);
                whole.append(&mut self.begun);
            } else if self.begun.len() >= LONGEST {
                whole.extend(self.finish());
            }
        }
        whole
    }

    /// Returns the last line, which lacks its end.
    fn finish(&mut self) -> Vec<u8> {
        if self.begun.is_empty() {
            return Vec::new();
        }
        let line = [&self.prefix, self.begun.as_slice(), b"\n"].concat();
        self.begun.clear();
        line
    }
}

/// How a command ended for a role, as `docs/schema/exec.json` has it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Item<'i> {
    account_id: &'i str,
    account_name: Option<&'i str>,
    role_name: &'i str,
    region: Option<&'i str>,
    exit_code: Option<i32>,
    signal: Option<i32>,
    stdout: &'i str,
    stderr: &'i str,
    error: Option<String>,
}

impl<'i> Item<'i> {
    /// One whose command could not be run.
    pub(super) fn failed(job: &'i Job, failure: &Failure) -> Self {
        Self { error: Some(failure.sentence()), ..Self::ended(job, (None, None), "", "") }
    }

    /// One whose command has ended, with an exit code or by a signal.
    pub(super) fn ended(
        job: &'i Job,
        (exit_code, signal): (Option<i32>, Option<i32>),
        stdout: &'i str,
        stderr: &'i str,
    ) -> Self {
        Self {
            account_id: &job.account.account_id,
            account_name: job.account.account_name.as_deref(),
            role_name: &job.role_name,
            region: job.region.as_deref(),
            exit_code,
            signal,
            stdout,
            stderr,
            error: None,
        }
    }

    pub(super) fn line(&self) -> Vec<u8> {
        json_line(self).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_whole_however_they_come() {
        let text = b"one\n\ntwo\nthree";
        for size in 1..text.len() {
            let mut lines = Lines { prefix: b"p | ".to_vec(), begun: Vec::new() };
            let mut printed = Vec::new();
            for part in text.chunks(size) {
                let whole = lines.add(part);
                assert!(whole.is_empty() || whole.ends_with(b"\n"));
                printed.extend(whole);
            }
            printed.extend(lines.finish());
            assert_eq!(printed, b"p | one\np | \np | two\np | three\n", "{size}");
        }
    }

    #[test]
    fn a_line_without_an_end_does_not_fill_the_memory() {
        let mut lines = Lines { prefix: b"p | ".to_vec(), begun: Vec::new() };
        let printed = lines.add(&vec![b'x'; LONGEST]);
        assert_eq!(printed.len(), LONGEST + 5);
        assert!(lines.finish().is_empty());
    }
}
