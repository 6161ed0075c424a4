//! Runs a command to its end, within limits.

use std::io;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::time::Duration;

#[cfg(unix)]
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use wire::Secret;

use crate::Clock;
use crate::nesting::Nesting;
use crate::pipe::{Pipe, Source, without_blocking};

/// How long what is told to end may take for it: a program of this crate, run by a command, stores a
/// refreshed token within two seconds.
const GRACE: Duration = Duration::from_millis(if cfg!(windows) { 0 } else { 2500 });

/// The pause between two looks at a command is a tenth of its age, between these.
const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(20);

/// What a command printed.
pub(crate) struct Output {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Secret<Vec<u8>>,
    pub(crate) stderr: Secret<Vec<u8>>,
}

/// A command did not come to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SubprocessError {
    #[error("it was stopped after {} s", .0.as_secs())]
    Timeout(Duration),
    #[error("it printed over 64 KiB")]
    TooLong,
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Runs `line` by the shell of the system, as most SDKs run a `credential_process`: without input,
/// in a process group of its own.
///
/// It ends when the shell does: what that has left in the background is killed then, with the whole
/// group, as at the time limit and where nobody waits any longer. Inside of a command that another
/// program of this crate runs there is no other group, for that one ends them all.
pub(crate) async fn run(
    line: &str,
    nesting: &Nesting,
    limit: Duration,
    clock: &dyn Clock,
) -> Result<Output, SubprocessError> {
    let mut running = Running::start(line, nesting, limit)?;
    let end = async {
        let mut age = Duration::ZERO;
        while !running.look()? {
            let pause = (age / 10).clamp(SHORTEST, LONGEST);
            clock.sleep(pause).await;
            age += pause;
        }
        Ok(())
    };
    let too_late = async {
        clock.sleep(limit).await;
        Err(SubprocessError::Timeout(limit))
    };
    match futures_lite::future::or(end, too_late).await {
        Ok(()) => running.finish(),
        Err(error) => {
            running.tell_to_end();
            let gone = async {
                while running.is_there() {
                    clock.sleep(LONGEST).await;
                }
            };
            futures_lite::future::or(gone, clock.sleep(GRACE)).await;
            Err(error)
        }
    }
}

/// A command that does not outlive the interest in it.
struct Running {
    child: Child,
    whom: Whom,
    stdout: Pipe<Source<ChildStdout>>,
    stderr: Pipe<Source<ChildStderr>>,
    is_told: bool,
    is_over: bool,
}

impl Running {
    fn start(line: &str, nesting: &Nesting, limit: Duration) -> io::Result<Self> {
        let (mut command, has_group) = shell(line, nesting);
        command.envs(nesting.variables(limit));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let mut whom = Whom::of(&child, has_group);
        let pipes = child.stdout.take().zip(child.stderr.take()).map(|(stdout, stderr)| {
            Ok((Pipe::new(without_blocking(stdout)?), Pipe::new(without_blocking(stderr)?)))
        });
        match pipes.unwrap_or_else(|| Err(io::ErrorKind::BrokenPipe.into())) {
            Ok((stdout, stderr)) => {
                Ok(Self { child, whom, stdout, stderr, is_told: false, is_over: false })
            }
            Err(error) => {
                whom.kill(&mut child);
                let _ = child.wait(); // for its status alone
                Err(error)
            }
        }
    }

    /// Reads what was printed; tells whether the command has ended.
    fn look(&mut self) -> Result<bool, SubprocessError> {
        let has_ended = self.whom.has_ended(&mut self.child)?; // first: the rest is complete then
        self.stdout.look()?;
        self.stderr.look()?;
        if self.stdout.is_too_long() { Err(SubprocessError::TooLong) } else { Ok(has_ended) }
    }

    /// Takes what was printed, and leaves nothing of the command.
    fn finish(mut self) -> Result<Output, SubprocessError> {
        self.whom.kill(&mut self.child);
        let status = self.child.wait()?;
        self.is_over = true;
        self.take_the_rest();
        Ok(Output { status, stdout: self.stdout.take(), stderr: self.stderr.take() })
    }

    /// What was printed is complete, but on Windows threads read it, which may be a moment behind.
    fn take_the_rest(&mut self) {
        let mut moments = if cfg!(windows) { 1000 } else { 0 };
        while moments > 0 && self.is_there() {
            std::thread::sleep(SHORTEST);
            moments -= 1;
        }
    }

    fn tell_to_end(&mut self) {
        self.is_told = true;
        self.whom.tell_to_end();
    }

    /// Whether the command or what it began is there still; all of them hold the pipes.
    fn is_there(&mut self) -> bool {
        let _ = self.look(); // nobody wants it any more
        let has_ended = self.whom.has_ended(&mut self.child).unwrap_or(true);
        !(has_ended && self.stdout.has_ended() && self.stderr.has_ended())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        if !self.is_told {
            self.tell_to_end();
            for _ in 0..GRACE.as_millis() / LONGEST.as_millis() {
                if !self.is_there() {
                    break;
                }
                std::thread::sleep(LONGEST);
            }
        }
        self.whom.kill(&mut self.child);
        let _ = self.child.wait(); // it cannot refuse; what is left is to take its status
    }
}

/// Who gets the signals for a command: its process group, or where that belongs to another such
/// program the command alone.
#[cfg(unix)]
struct Whom {
    id: u32,
    has_group: bool,
}

#[cfg(unix)]
impl Whom {
    fn of(child: &Child, has_group: bool) -> Self {
        Self { id: child.id(), has_group }
    }

    /// Leaves the status where it is: until then nobody else gets the same id.
    fn has_ended(&self, _: &mut Child) -> io::Result<bool> {
        use rustix::process::{WaitId, WaitIdOptions, waitid};
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let Some(id) = self.id() else { return Ok(true) };
        Ok(waitid(WaitId::Pid(id), options)?.is_some())
    }

    fn tell_to_end(&self) {
        self.signal(Signal::TERM);
    }

    #[expect(clippy::needless_pass_by_ref_mut, reason = "the job of Windows goes away")]
    fn kill(&mut self, _: &mut Child) {
        self.signal(Signal::KILL);
    }

    fn signal(&self, signal: Signal) {
        let send = if self.has_group { kill_process_group } else { kill_process };
        // It fails where they have ended by themselves.
        let _ = self.id().map(|id| send(id, signal));
    }

    fn id(&self) -> Option<Pid> {
        i32::try_from(self.id).ok().and_then(Pid::from_raw)
    }
}

/// Makes the command, and tells whether it leads a process group of its own.
#[cfg(unix)]
fn shell(line: &str, nesting: &Nesting) -> (Command, bool) {
    use std::os::unix::process::CommandExt;

    use crate::nesting::GROUP;
    let mut command = Command::new("sh");
    let has_group = nesting.group() != Some(rustix::process::getpgrp().as_raw_pid());
    if has_group {
        // Only the shell knows its id, which is that of the group.
        let script = format!("{GROUP}=$$; export {GROUP}; exec sh -c \"$1\"");
        command.args(["-c", &script, "sh", line]).process_group(0);
    } else {
        command.args(["-c", line]);
    }
    (command, has_group)
}

/// What a command and all that it begins belong to, and end with. What it began in the moment before
/// it was put there does not.
#[cfg(windows)]
struct Whom(Option<win32job::Job>);

#[cfg(windows)]
impl Whom {
    fn of(child: &Child, _: bool) -> Self {
        use std::os::windows::io::AsRawHandle;
        let mut limits = win32job::ExtendedLimitInfo::new();
        let job = win32job::Job::create_with_limit_info(limits.limit_kill_on_job_close()).ok();
        let handle = child.as_raw_handle() as isize;
        Self(job.filter(|job| job.assign_process(handle).is_ok()))
    }

    fn has_ended(&self, child: &mut Child) -> io::Result<bool> {
        Ok(child.try_wait()?.is_some())
    }

    /// There is no such signal here.
    fn tell_to_end(&self) {}

    fn kill(&mut self, child: &mut Child) {
        self.0 = None;
        let _ = child.kill(); // it has ended by itself
    }
}

/// The shell takes the first and the last quotation mark away, and leaves the line between as it is.
#[cfg(windows)]
fn shell(line: &str, _: &Nesting) -> (Command, bool) {
    use std::os::windows::process::CommandExt;
    let mut command = Command::new("cmd.exe");
    command.args(["/D", "/S", "/C"]).raw_arg(format!("\"{line}\""));
    (command, false)
}
