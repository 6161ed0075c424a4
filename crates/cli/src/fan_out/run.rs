//! Runs the jobs, some at a time, until all have ended or something stops them.

use std::ffi::OsString;
use std::io::{IsTerminal, stderr};
use std::process::Command;
use std::sync::Arc;

use assignments::RoleCredentials;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use providers::Error;

use super::job::Job;
use super::output::{End, Item, Printer, To, printer, read_all};
use super::process::{Groups, code_or_signal};
use super::stop::{Phase, Stop};
use crate::args::{FanOutOutput, SessionArgs, Target};
use crate::child::{self, Signal, Signals};
use crate::exit::{Exit, Failure};
use crate::ui::{Unprinted, say};
use crate::{net, variables};

/// What is to be done.
pub(super) struct Work {
    pub(super) jobs: Vec<Job>,
    pub(super) credentials: RoleCredentials,
    pub(super) session: SessionArgs,
    /// Whether the commands get the region of their job as variables.
    pub(super) sets_region: bool,
    pub(super) output: FanOutOutput,
    pub(super) parallel: usize,
    pub(super) keep_going: bool,
}

/// How a job ended.
enum Outcome {
    Ended(u8, String),
    /// The credentials could not be had.
    Failed(Failure),
    /// What no other job would get past: the session has ended, or there is no such command.
    Hopeless(Failure),
    NotStarted,
}

/// What all jobs share.
struct Crew {
    credentials: RoleCredentials,
    session: SessionArgs,
    sets_region: bool,
    output: FanOutOutput,
    groups: Groups,
    stop: Arc<Stop>,
    printer: Printer,
}

/// Runs all; returns the highest exit code.
pub(super) fn run(work: Work) -> Result<u8, Failure> {
    let Work { jobs, credentials, session, sets_region, output, parallel, keep_going } = work;
    net::run_to_end(async move {
        // Before anything is there that a signal would leave behind.
        let mut signals = Signals::caught()?;
        let stop = Arc::new(Stop::new());
        let (printer, printing) = printer(&stop, stderr().is_terminal());
        let mut printing = tokio::task::spawn_blocking(|| printing.run());
        let groups = Groups::default();
        let crew = Crew { credentials, session, sets_region, output, groups, stop, printer };
        let mut report = Report::new(jobs.len(), keep_going);
        let mut interrupted = None;
        let mut running = FuturesUnordered::new();
        let mut waiting = jobs.into_iter();
        crew.printer.show(0, report.total);
        loop {
            while running.len() < parallel && !crew.stop.has_reached(Phase::NoMore) {
                let Some(job) = waiting.next() else { break };
                let crew = &crew;
                running.push(async move {
                    let outcome = crew.run(&job).await;
                    (job, outcome)
                });
            }
            tokio::select! {
                ended = running.next() => {
                    let Some((job, outcome)) = ended else { break };
                    if report.take(&job, outcome) {
                        crew.stop.raise(Phase::NoMore);
                    }
                    crew.printer.show(report.done, report.total);
                }
                signal = signals.next() => crew.take(signal, &mut interrupted),
            }
        }
        drop(running);
        drop(crew);
        let printed = loop {
            tokio::select! {
                printed = &mut printing => break Some(printed),
                // The reader takes his time, and there is nobody left to end.
                signal = signals.next() => if let Some(failure) = end_by(signal) {
                    interrupted.get_or_insert(failure);
                    break None;
                },
            }
        };
        let unprinted = match printed {
            Some(Ok(printed)) => printed.err(),
            Some(Err(error)) => return Err(Failure::new(Exit::Other, error)),
            None => None,
        };
        report.tell(interrupted.is_some());
        report.end(interrupted, unprinted)
    })
}

impl Crew {
    async fn run(&self, job: &Job) -> Outcome {
        let credentials = tokio::select! {
            biased;
            () = self.stop.reached(Phase::NoMore) => return Outcome::NotStarted,
            credentials = self.credentials.of(job.role()) => credentials,
        };
        let credentials = match credentials {
            Ok(credentials) => credentials,
            Err(error @ Error::InvalidToken { .. }) => return Outcome::Hopeless(error.into()),
            Err(error) => {
                let failure = Failure::from(error);
                if self.output == FanOutOutput::Ndjson {
                    self.printer.print(To::Stdout, Item::failed(job, &failure).line()).await;
                }
                return Outcome::Failed(failure);
            }
        };
        let mut words = job.words.iter();
        let mut command = Command::new(words.next().map(OsString::as_os_str).unwrap_or_default());
        command.args(words);
        let region = job.region.as_deref().filter(|_| self.sets_region);
        variables::lead(&mut command, &self.name(job), region);
        variables::give(&mut command, &credentials);
        drop(credentials);
        match self.groups.spawn(command) {
            Ok(child) => self.attend(job, child).await,
            Err(failure) => Outcome::Hopeless(failure),
        }
    }

    /// Prints what a command prints, until it has ended.
    async fn attend(&self, job: &Job, mut child: tokio::process::Child) -> Outcome {
        let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
            return Outcome::Failed(Failure::new(Exit::Other, "the command has no output"));
        };
        let end = End::new();
        let printed = async {
            match self.output {
                FanOutOutput::Prefix => {
                    tokio::join!(
                        self.printer.pass_on(stdout, To::Stdout, &job.label, &end),
                        self.printer.pass_on(stderr, To::Stderr, &job.label, &end),
                    );
                    None
                }
                FanOutOutput::Ndjson => {
                    Some(tokio::join!(read_all(stdout, &end), read_all(stderr, &end)))
                }
            }
        };
        // After Ctrl-C a reader who takes his time is not waited for.
        let given_up = async {
            self.stop.reached(Phase::Interrupted).await;
            end.passed().await;
        };
        let printed = async {
            tokio::select! {
                printed = printed => printed,
                () = given_up => None,
            }
        };
        let ended = async {
            let is_interrupted = || self.stop.has_reached(Phase::Interrupted);
            let status = self.groups.wait(&mut child, is_interrupted).await;
            end.come();
            status
        };
        let (status, printed) = tokio::join!(ended, printed);
        let status = match status {
            Ok(status) => status,
            Err(error) => return Outcome::Failed(Failure::new(Exit::Other, error)),
        };
        if let Some((stdout, stderr)) = printed {
            let item = Item::ended(job, code_or_signal(status), &stdout, &stderr).line();
            self.printer.print(To::Stdout, item).await;
        }
        Outcome::Ended(child::code(status), status.to_string())
    }

    /// The name that `exec` gives the role alone.
    fn name(&self, job: &Job) -> String {
        let session = self.session.clone();
        let account_id = Some(job.account.account_id.clone());
        let role_name = Some(job.role_name.clone());
        Target { session, account_id, role_name, ..Target::default() }.name()
    }

    /// Lets a signal end all: the first one as the commands will, the second at once.
    fn take(&self, signal: Signal, interrupted: &mut Option<Failure>) {
        match end_by(signal) {
            None => self.groups.send(signal),
            Some(_) if interrupted.is_some() => self.groups.kill(),
            failure => {
                *interrupted = failure;
                self.stop.raise(Phase::Interrupted);
                self.groups.send(signal);
            }
        }
    }
}

/// How keyfob ends by a signal, if it does.
#[cfg(unix)]
fn end_by(signal: Signal) -> Option<Failure> {
    // Without a terminal nobody hangs up; `nohup` has it ignored.
    let has_terminal = || std::io::stdin().is_terminal() || stderr().is_terminal();
    match signal {
        Signal::INT | Signal::QUIT => Some(Failure::new(Exit::Interrupted, "interrupted")),
        Signal::TERM => Some(Failure::new(Exit::Terminated, "terminated")),
        Signal::HUP if has_terminal() => Some(Failure::new(Exit::HungUp, "the terminal is gone")),
        _ => None,
    }
}

#[cfg(windows)]
fn end_by(signal: Signal) -> Option<Failure> {
    Some(signal.failure())
}

/// What has become of the jobs.
struct Report {
    total: usize,
    done: usize,
    keep_going: bool,
    worst: u8,
    /// Who failed, and how.
    failed: Vec<String>,
    hopeless: Option<Failure>,
}

impl Report {
    fn new(total: usize, keep_going: bool) -> Self {
        Self { total, done: 0, keep_going, worst: 0, failed: Vec::new(), hopeless: None }
    }

    /// Takes the outcome of a job; tells whether no more may start.
    fn take(&mut self, job: &Job, outcome: Outcome) -> bool {
        let (code, how) = match outcome {
            Outcome::Ended(code, how) => (code, how),
            Outcome::Failed(failure) => (failure.exit as u8, failure.sentence()),
            Outcome::Hopeless(failure) => {
                self.hopeless.get_or_insert(failure);
                return true;
            }
            Outcome::NotStarted => return false,
        };
        self.done += 1;
        self.worst = self.worst.max(code);
        if code != 0 {
            self.failed.push(format!("{}: {how}", job.label));
        }
        code != 0 && !self.keep_going
    }

    /// Lists the failures.
    fn tell(&self, is_interrupted: bool) {
        for line in &self.failed {
            say(&format!("failed: {line}"));
        }
        let (failed, left) = (self.failed.len(), self.total - self.done);
        if failed + left > 0 && (self.done > 0 || self.hopeless.is_none()) {
            say(&format!("{failed} of {} failed, {left} did not run", self.total));
        }
        if failed > 0 && left > 0 && !self.keep_going && !is_interrupted {
            say("hint: --keep-going goes on after a failure");
        }
    }

    /// The exit code, or what ended it all.
    fn end(
        self,
        interrupted: Option<Failure>,
        unprinted: Option<Unprinted>,
    ) -> Result<u8, Failure> {
        let left = self.total - self.done;
        match interrupted.or(self.hopeless).or_else(|| unprinted.map(Into::into)) {
            Some(failure) => Err(failure),
            // Nobody reads the rest, but whoever looks at the code must not believe that all ran.
            None if left > 0 && self.worst == 0 => Ok(Exit::Other as u8),
            None => Ok(self.worst),
        }
    }
}
