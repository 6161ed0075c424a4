//! The commands that run, each in a process group of its own.

use std::collections::BTreeMap;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::process::{Child, Command};

use crate::child::{self, Signal};
use crate::core_dumps;
use crate::exit::Failure;

/// The groups of the commands that run, by the id of the command.
#[derive(Debug, Default)]
pub(super) struct Groups(Mutex<BTreeMap<u32, Group>>);

impl Groups {
    /// Starts a command without input, in a group of its own: a terminal sends its signals to keyfob
    /// alone.
    pub(super) fn spawn(&self, mut command: std::process::Command) -> Result<Child, Failure> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut command = Command::from(command);
        let spawned = core_dumps::allowed(|| command.spawn());
        let child = spawned.map_err(|error| child::not_run(command.as_std(), &error))?;
        if let Some(id) = child.id() {
            self.all().insert(id, Group::of(&child, id));
        }
        Ok(child)
    }

    /// Waits for the end of a command. Where all were told to end, what it began goes with it.
    pub(super) async fn wait(
        &self,
        child: &mut Child,
        is_interrupted: impl Fn() -> bool,
    ) -> io::Result<ExitStatus> {
        let id = child.id();
        has_ended(child).await?;
        if let Some(group) = id.and_then(|id| self.all().remove(&id)) {
            if is_interrupted() {
                group.kill(); // as long as the status is not taken, nobody else has the id
            } else {
                group.release();
            }
        }
        child.wait().await
    }

    /// Sends a signal to all.
    pub(super) fn send(&self, signal: Signal) {
        self.all().values().for_each(|group| group.send(signal));
    }

    /// Ends all at once.
    pub(super) fn kill(&self) {
        std::mem::take(&mut *self.all()).into_values().for_each(Group::kill);
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<u32, Group>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A process group, which the command leads.
#[cfg(unix)]
#[derive(Debug)]
struct Group(Option<rustix::process::Pid>);

#[cfg(unix)]
impl Group {
    fn of(_: &Child, id: u32) -> Self {
        Self(i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw))
    }

    fn send(&self, signal: Signal) {
        // It fails where all of the group have ended.
        let _ = self.0.map(|group| rustix::process::kill_process_group(group, signal));
    }

    fn kill(self) {
        self.send(Signal::KILL);
    }

    #[expect(clippy::unused_self, reason = "what goes on has a name elsewhere")]
    fn release(self) {}
}

/// Waits until a child has ended, and leaves its status where it is.
#[cfg(unix)]
#[expect(clippy::needless_pass_by_ref_mut, reason = "on Windows the status is taken")]
async fn has_ended(child: &mut Child) -> io::Result<()> {
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
    let id = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    let Some(id) = id else { return Ok(()) };
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let mut ends = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::child())?;
    while waitid(WaitId::Pid(id), options)?.is_none() {
        ends.recv().await;
    }
    Ok(())
}

/// A command and what it began.
#[cfg(windows)]
#[derive(Debug)]
struct Group(crate::leash::Leash);

#[cfg(windows)]
impl Group {
    fn of(child: &Child, _: u32) -> Self {
        Self(crate::leash::Leash::on(child.raw_handle()))
    }

    /// The console sends Ctrl-C to all of its programs; there is nothing else to send.
    fn send(&self, _: Signal) {}

    fn kill(self) {
        drop(self);
    }

    fn release(self) {
        self.0.release();
    }
}

#[cfg(windows)]
async fn has_ended(child: &mut Child) -> io::Result<()> {
    child.wait().await.map(drop)
}

/// The exit code, or the signal that ended the command.
pub(super) fn code_or_signal(status: ExitStatus) -> (Option<i32>, Option<i32>) {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal = None;
    (status.code(), signal)
}
