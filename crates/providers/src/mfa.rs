use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::pin::Pin;
use std::time::Duration;

use shared_config::Environment;
use wire::Secret;

use crate::nesting::Nesting;
use crate::{Context, process};

/// The future that [`TokenProvider::token_code`] returns.
pub type TokenCodeFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Secret<String>, TokenCodeError>> + Send + 'a>>;

/// Where the code of an MFA device comes from; what Go calls the `TokenProvider` of `stscreds`.
///
/// It is asked each time when a role that needs a code is assumed, and must not return a code twice:
/// a code counts once. Any closure of the serial number is one.
pub trait TokenProvider: Send + Sync {
    /// Returns a code of the device, six digits.
    fn token_code<'a>(&'a self, serial_number: &'a str) -> TokenCodeFuture<'a>;
}

impl fmt::Debug for dyn TokenProvider + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenProvider")
    }
}

/// There is no code; the text tells why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TokenCodeError(String);

/// Asks on the terminal, as Go's `StdinTokenProvider` does, but on the terminal device: neither
/// stdin nor stdout is touched, whatever they are connected to.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to hold")]
pub struct TerminalTokenProvider;

/// Runs a command that prints the code: the `mfa_process` of a profile.
#[derive(Debug)]
pub struct ProcessTokenProvider {
    context: Context,
    command: String,
    nesting: Nesting,
}

/// How long such a command may take.
const TIMEOUT: Duration = Duration::from_secs(60);

impl TokenCodeError {
    /// Says why there is no code.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }

    /// Takes a text as a code: six digits, with blanks wherever people write them.
    ///
    /// # Errors
    /// Fails where it is anything else.
    pub fn check(text: &str) -> Result<Secret<String>, Self> {
        let code = Secret::new(text.split_whitespace().collect::<String>());
        let is_digit = |byte: u8| byte.is_ascii_digit();
        if code.expose().len() == 6 && code.expose().bytes().all(is_digit) {
            Ok(code)
        } else {
            Err(Self::new("an MFA code has six digits"))
        }
    }
}

impl<F> TokenProvider for F
where
    F: Fn(&str) -> Result<Secret<String>, TokenCodeError> + Send + Sync,
{
    fn token_code<'a>(&'a self, serial_number: &'a str) -> TokenCodeFuture<'a> {
        Box::pin(async move { self(serial_number) })
    }
}

impl TokenProvider for TerminalTokenProvider {
    fn token_code<'a>(&'a self, serial_number: &'a str) -> TokenCodeFuture<'a> {
        let question = format!("MFA code of {}: ", wire::printable(serial_number));
        Box::pin(blocking::unblock(move || {
            let asked = ask(&question);
            asked.map_err(|error| TokenCodeError::new(format!("no terminal to ask on: {error}")))?
        }))
    }
}

impl ProcessTokenProvider {
    /// Runs `command` by the shell of the system, for a minute at most, and not where the environment
    /// tells that it is run already.
    pub fn new(context: Context, command: &str, environment: &Environment) -> Self {
        Self { context, command: command.to_owned(), nesting: Nesting::of(environment) }
    }
}

impl TokenProvider for ProcessTokenProvider {
    fn token_code<'a>(&'a self, serial_number: &'a str) -> TokenCodeFuture<'a> {
        Box::pin(async {
            let failed = |reason| TokenCodeError::new(format!("mfa_process: {reason}"));
            let Some(nesting) = self.nesting.within_device(serial_number) else {
                return Err(failed("it asks for a code of the same device".to_owned()));
            };
            let output = process::run(&self.command, &nesting, TIMEOUT, &self.context);
            let output = self.context.told(|| "mfa_process".to_owned(), output).await;
            let stdout = output.map_err(failed)?.stdout;
            let text = std::str::from_utf8(stdout.expose()).unwrap_or_default();
            TokenCodeError::check(text).map_err(|error| failed(error.to_string()))
        })
    }
}

fn ask(question: &str) -> io::Result<Result<Secret<String>, TokenCodeError>> {
    let (input, output) = terminal()?;
    ask_on(BufReader::new(input), output, question)
}

/// Asks until the answer is a code. An empty answer is none: it is how people give up.
fn ask_on(
    mut input: impl BufRead,
    mut output: impl Write,
    question: &str,
) -> io::Result<Result<Secret<String>, TokenCodeError>> {
    loop {
        output.write_all(question.as_bytes())?;
        output.flush()?;
        // An MFA code is typed in the open: it counts once, and a mistake shows.
        let mut line = Secret::new(String::with_capacity(64));
        read_line(&mut input, &mut line)?;
        if line.expose().trim().is_empty() {
            return Ok(Err(TokenCodeError::new("none was typed")));
        }
        match TokenCodeError::check(line.expose()) {
            Ok(code) => return Ok(Ok(code)),
            Err(error) => writeln!(output, "{error}.")?,
        }
    }
}

fn read_line(input: &mut impl BufRead, line: &mut Secret<String>) -> io::Result<()> {
    let mut text = String::with_capacity(64);
    input.read_line(&mut text)?;
    *line = Secret::new(text);
    Ok(())
}

#[cfg(unix)]
fn terminal() -> io::Result<(File, File)> {
    let terminal = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
    Ok((terminal.try_clone()?, terminal))
}

#[cfg(windows)]
fn terminal() -> io::Result<(File, File)> {
    let open = |name| OpenOptions::new().read(true).write(true).open(name);
    Ok((open("CONIN$")?, open("CONOUT$")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_six_digits() {
        assert_eq!(TokenCodeError::check(" 123 456\n").unwrap().expose(), "123456");
        for text in ["", "12345", "1234567", "12345x", "١٢٣٤٥٦"] {
            assert!(TokenCodeError::check(text).is_err(), "{text}");
        }
    }

    #[test]
    fn whoever_holds_a_provider_can_be_shown() {
        let provider: &dyn TokenProvider = &TerminalTokenProvider;
        assert_eq!(format!("{provider:?}"), "TokenProvider");
    }

    #[test]
    fn who_mistypes_is_asked_again_and_who_types_nothing_gives_up() {
        let talk = |typed: &str| {
            let mut output = Vec::new();
            let answer = ask_on(typed.as_bytes(), &mut output, "code? ").unwrap();
            let code = answer.map(|code| code.expose().clone());
            (code.map_err(|error| error.to_string()), String::from_utf8(output).unwrap())
        };
        let asked_twice = "code? an MFA code has six digits.\ncode? ";
        assert_eq!(talk("123 456\n"), (Ok("123456".to_owned()), "code? ".to_owned()));
        assert_eq!(talk("12345\n654321\n"), (Ok("654321".to_owned()), asked_twice.to_owned()));
        let none = Err("none was typed".to_owned());
        for typed in ["", "\n123456\n", "  \n"] {
            assert_eq!(talk(typed), (none.clone(), "code? ".to_owned()));
        }
        assert_eq!(talk("x"), (none, asked_twice.to_owned()));
    }
}
