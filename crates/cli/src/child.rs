//! The command that `exec` runs.

use std::io;
use std::process::{Command, ExitStatus, Output, Stdio};

use crate::core_dumps;
use crate::exit::{Exit, Failure};

/// Makes the command from its words; without any it is the person's shell.
pub(crate) fn command(words: Vec<std::ffi::OsString>, shell: &std::ffi::OsStr) -> Command {
    let mut words = words.into_iter();
    let mut command = Command::new(words.next().unwrap_or_else(|| shell.to_owned()));
    command.args(words);
    command
}

/// Lets the command take the place of this process, where the system can; returns its exit code
/// where it cannot.
#[cfg(unix)]
pub(crate) fn replace(mut command: Command) -> Result<u8, Failure> {
    let error = core_dumps::allowed(|| std::os::unix::process::CommandExt::exec(&mut command));
    Err(not_run(&command, &error))
}

/// Lets the command take the place of this process, where the system can; returns its exit code
/// where it cannot.
#[cfg(not(unix))]
pub(crate) fn replace(command: Command) -> Result<u8, Failure> {
    crate::net::run_to_end(async {
        run_beside(command, Signals::caught()?, std::future::pending()).await
    })
}

/// Runs the command to its end, and something beside it; returns its exit code.
pub(crate) async fn run_beside(
    command: Command,
    signals: Signals,
    beside: impl Future<Output = ()>,
) -> Result<u8, Failure> {
    let mut command = tokio::process::Command::from(command);
    let spawned = core_dumps::allowed(|| command.spawn());
    let mut child = spawned.map_err(|error| not_run(command.as_std(), &error))?;
    let id = child.id();
    #[cfg(windows)]
    let leash = crate::leash::Leash::on(child.raw_handle());
    let status = tokio::select! {
        status = child.wait() => status,
        () = beside => child.wait().await,
        () = signals.pass_on(id) => child.wait().await,
    };
    #[cfg(windows)]
    leash.release(); // what it has left in the background goes on
    let status = status.map_err(|error| Failure::new(Exit::Other, error))?;
    Ok(code(status))
}

/// Runs a command for what it prints on stdout; it ends with whoever waits for it.
pub(crate) async fn output(mut command: Command) -> io::Result<Output> {
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut command = tokio::process::Command::from(command);
    command.kill_on_drop(true).spawn()?.wait_with_output().await
}

pub(crate) fn not_run(command: &Command, error: &io::Error) -> Failure {
    let exit = match error.kind() {
        io::ErrorKind::NotFound => Exit::NotFound,
        _ => Exit::NotExecutable,
    };
    let name = command.get_program().to_string_lossy();
    Failure::new(exit, format!("cannot run {name}: {error}"))
}

/// The exit code as a shell has it: 128 and the signal, for a command that a signal ended.
#[cfg(unix)]
pub(crate) fn code(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt;
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

#[cfg(not(unix))]
pub(crate) fn code(status: ExitStatus) -> u8 {
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

#[cfg(unix)]
pub(crate) use rustix::process::Signal;

/// The signals that are for the command, not for keyfob.
#[cfg(unix)]
pub(crate) struct Signals(Vec<(Signal, tokio::signal::unix::Signal)>);

#[cfg(unix)]
impl Signals {
    /// Catches them from now on.
    pub(crate) fn caught() -> Result<Self, Failure> {
        let passed =
            [Signal::HUP, Signal::INT, Signal::QUIT, Signal::TERM, Signal::USR1, Signal::USR2];
        let catch = |signal: Signal| {
            let kind = tokio::signal::unix::SignalKind::from_raw(signal.as_raw());
            Ok((signal, tokio::signal::unix::signal(kind)?))
        };
        let caught: Result<_, io::Error> = passed.into_iter().map(catch).collect();
        Ok(Self(caught.map_err(|error| Failure::new(Exit::Other, error))?))
    }

    /// Waits for one.
    pub(crate) async fn next(&mut self) -> Signal {
        std::future::poll_fn(|context| {
            for (signal, stream) in &mut self.0 {
                if stream.poll_recv(context).is_ready() {
                    return std::task::Poll::Ready(*signal);
                }
            }
            std::task::Poll::Pending
        })
        .await
    }

    /// Passes signals on for ever. What a terminal sends reaches the command by itself, for it
    /// goes to every process in the foreground.
    async fn pass_on(mut self, child: Option<u32>) {
        use std::io::IsTerminal;
        let from_terminal = [Signal::INT, Signal::QUIT];
        let on_terminal = io::stdin().is_terminal();
        let child = child.and_then(|id| i32::try_from(id).ok());
        let child = child.and_then(rustix::process::Pid::from_raw);
        loop {
            let signal = self.next().await;
            if let Some(child) = child.filter(|_| !(on_terminal && from_terminal.contains(&signal)))
            {
                // It fails where the command has ended already.
                let _ = rustix::process::kill_process(child, signal);
            }
        }
    }
}

/// What a console tells the programs on it.
#[cfg(windows)]
#[derive(Clone, Copy)]
pub(crate) enum Signal {
    CtrlC,
    CtrlBreak,
    /// Its window is closed: the system ends all programs of it some seconds later.
    Closed,
}

#[cfg(windows)]
impl Signal {
    /// How keyfob ends by it.
    pub(crate) fn failure(self) -> Failure {
        match self {
            Self::CtrlC | Self::CtrlBreak => Failure::new(Exit::Interrupted, "interrupted"),
            Self::Closed => Failure::new(Exit::HungUp, "the terminal is gone"),
        }
    }
}

#[cfg(windows)]
pub(crate) struct Signals {
    ctrl_c: tokio::signal::windows::CtrlC,
    ctrl_break: tokio::signal::windows::CtrlBreak,
    closed: tokio::signal::windows::CtrlClose,
}

#[cfg(windows)]
impl Signals {
    /// Catches them from now on.
    pub(crate) fn caught() -> Result<Self, Failure> {
        use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close};
        let caught =
            || Ok(Self { ctrl_c: ctrl_c()?, ctrl_break: ctrl_break()?, closed: ctrl_close()? });
        caught().map_err(|error: io::Error| Failure::new(Exit::Other, error))
    }

    /// Waits for one.
    pub(crate) async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.ctrl_c.recv() => Signal::CtrlC,
            _ = self.ctrl_break.recv() => Signal::CtrlBreak,
            _ = self.closed.recv() => Signal::Closed,
        }
    }

    /// They reach every program of the console; keyfob stays for the command.
    async fn pass_on(mut self, _: Option<u32>) {
        loop {
            self.next().await;
        }
    }
}
