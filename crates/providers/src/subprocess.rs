//! Runs a command to its end, within limits.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use wire::Secret;

use crate::Clock;

/// The most that is read of each stream, in bytes; Java's SDK stops at 64 000.
const OUTPUT_LIMIT: u64 = 64 * 1024;

/// What a command printed.
pub(crate) struct Output {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Secret<Vec<u8>>,
    pub(crate) stderr: Vec<u8>,
}

/// A command did not come to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SubprocessError {
    #[error("it was stopped after {} s", .0.as_secs())]
    Timeout(Duration),
    #[error("it printed over 64 KiB")]
    TooLong,
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Runs `line` by the shell of the system, as most SDKs run a `credential_process`: without input,
/// in a process group of its own, which is killed at the time limit and where nobody waits any
/// longer.
pub(crate) async fn run(
    line: &str,
    variable: Option<(&str, &str)>,
    limit: Duration,
    clock: &dyn Clock,
) -> Result<Output, SubprocessError> {
    let mut command = shell(line);
    command.envs(variable);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = Running(command.spawn()?);
    let stdout = read(running.0.stdout.take());
    let stderr = read(running.0.stderr.take());
    let end = async {
        let (stdout, stderr) = (stdout.await?, stderr.await?);
        loop {
            if let Some(status) = running.0.try_wait()? {
                return Ok(Output { status, stdout, stderr: stderr.expose().clone() });
            }
            // It has closed its streams and is about to end.
            clock.sleep(Duration::from_millis(5)).await;
        }
    };
    let too_late = async {
        clock.sleep(limit).await;
        Err(SubprocessError::Timeout(limit))
    };
    futures_lite::future::or(end, too_late).await
}

/// Reads a stream on a thread, for pipes know no readiness that all systems share.
fn read(
    stream: Option<impl Read + Send + 'static>,
) -> impl Future<Output = Result<Secret<Vec<u8>>, SubprocessError>> {
    blocking::unblock(move || {
        // Reserved, so that no copy of a secret stays behind in a buffer that grew.
        let mut bytes = Vec::with_capacity(OUTPUT_LIMIT as usize + 1);
        if let Some(stream) = stream {
            stream.take(OUTPUT_LIMIT + 1).read_to_end(&mut bytes)?;
        }
        let is_too_long = bytes.len() as u64 > OUTPUT_LIMIT;
        let bytes = Secret::new(bytes);
        if is_too_long { Err(SubprocessError::TooLong) } else { Ok(bytes) }
    })
}

/// A child that does not outlive the interest in it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(None) = self.0.try_wait() {
            kill(&mut self.0);
            // It cannot refuse; what is left is to take its status.
            let _ = self.0.wait();
        }
    }
}

#[cfg(unix)]
fn shell(line: &str) -> Command {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new("sh");
    command.args(["-c", line]).process_group(0);
    command
}

#[cfg(unix)]
fn kill(child: &mut Child) {
    use rustix::process::{Pid, Signal, kill_process_group};
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    if group.is_none_or(|group| kill_process_group(group, Signal::KILL).is_err()) {
        let _ = child.kill(); // it has ended by itself
    }
}

#[cfg(windows)]
fn shell(line: &str) -> Command {
    use std::os::windows::process::CommandExt;
    let mut command = Command::new("cmd.exe");
    command.arg("/C").raw_arg(line); // cmd.exe has quoting rules of its own
    command
}

#[cfg(windows)]
fn kill(child: &mut Child) {
    let _ = child.kill(); // it has ended by itself
}
