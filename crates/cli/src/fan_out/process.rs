//! The commands that run, each in a process group of its own.

use std::collections::BTreeSet;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::process::{Child, Command};

use crate::child::{self, Signal};
use crate::core_dumps;
use crate::exit::Failure;

/// The process groups of the commands that run, by the id of the command.
#[derive(Debug, Default)]
pub(super) struct Groups(Mutex<BTreeSet<u32>>);

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
        self.ids().extend(child.id());
        Ok(child)
    }

    /// Waits for the end of a command. Where all were told to end, what it began goes with it.
    pub(super) async fn wait(
        &self,
        child: &mut Child,
        is_interrupted: impl Fn() -> bool,
    ) -> io::Result<ExitStatus> {
        let id = child.id();
        if let Some(id) = id {
            has_ended(id).await?;
            if is_interrupted() {
                send(id, KILL); // as long as the status is not taken, nobody else has the id
            }
            self.ids().remove(&id);
        }
        child.wait().await
    }

    /// Sends a signal to all.
    pub(super) fn send(&self, signal: Signal) {
        self.ids().iter().for_each(|id| send(*id, signal));
    }

    /// Ends all at once.
    pub(super) fn kill(&self) {
        self.send(KILL);
    }

    fn ids(&self) -> MutexGuard<'_, BTreeSet<u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(unix)]
const KILL: Signal = Signal::KILL;

#[cfg(unix)]
fn send(id: u32, signal: Signal) {
    let group = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw);
    // It fails where all of the group have ended.
    let _ = group.map(|group| rustix::process::kill_process_group(group, signal));
}

/// Waits until a child has ended, and leaves its status where it is.
#[cfg(unix)]
async fn has_ended(id: u32) -> io::Result<()> {
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
    let Some(id) = i32::try_from(id).ok().and_then(Pid::from_raw) else { return Ok(()) };
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let mut ends = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::child())?;
    while waitid(WaitId::Pid(id), options)?.is_none() {
        ends.recv().await;
    }
    Ok(())
}

#[cfg(not(unix))]
const KILL: Signal = Signal;

/// The console sends Ctrl-C to all of its programs; there is nothing else to send.
#[cfg(not(unix))]
fn send(_: u32, _: Signal) {}

#[cfg(not(unix))]
async fn has_ended(_: u32) -> io::Result<()> {
    Ok(())
}

/// The exit code, or the signal that ended the command.
pub(super) fn code_or_signal(status: ExitStatus) -> (Option<i32>, Option<i32>) {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal = None;
    (status.code(), signal)
}
