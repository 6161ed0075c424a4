//! Questions to a person at a terminal.

use std::cell::RefCell;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal, Write, stderr, stdin};

use assignments::Search;
use inquire::list_option::ListOption;
use inquire::{Confirm, InquireError, Select};
use rustyline::error::ReadlineError;
use rustyline::{Behavior, Cmd, Config, DefaultEditor, KeyCode, KeyEvent, Modifiers};
use shared_config::Environment;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};
use wire::Secret;

use crate::exit::{Exit, Failure};
use crate::net;

/// Whether there is a person to ask; the questions stand on stderr, stdout may be a file.
pub(crate) fn is_possible() -> bool {
    stdin().is_terminal() && stderr().is_terminal()
}

/// Whether the person can choose from a list, which a terminal that knows no escapes does not show.
pub(crate) fn can_choose(environment: &Environment) -> bool {
    is_possible() && environment.get("TERM") != Some("dumb")
}

/// Asks on a thread, so that a signal and the end of the terminal end the question, too; however it
/// ends, the terminal is left as it was found.
async fn asked<T: Send + 'static>(
    question: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    let _as_it_was = Terminal::open().ok();
    let broken_off = BrokenOff;
    let answer = net::beside(question).await;
    std::mem::forget(broken_off);
    answer
}

/// A question that nobody answers any more; below it the terminal may have no line.
struct BrokenOff;

impl Drop for BrokenOff {
    fn drop(&mut self) {
        let _ = write!(stderr(), "\r\x1b[J");
    }
}

/// Asks for a text until `check` accepts it; one that is refused can be corrected.
pub(crate) fn text(
    question: &str,
    check: impl Fn(&str) -> Result<(), String>,
) -> Result<String, Failure> {
    text_or("", question, check)
}

/// The same, with an answer that stands there already.
pub(crate) fn text_or(
    default: &str,
    question: &str,
    check: impl Fn(&str) -> Result<(), String>,
) -> Result<String, Failure> {
    let mut text = format!("{question} ");
    let mut answer = default.to_owned();
    loop {
        let line = net::run(None, asked(move || read_line(&text, &answer)))?;
        answer = line.map_err(unread)?.trim().to_owned();
        match check(&answer) {
            Ok(()) => return Ok(answer),
            Err(reason) => text = format!("{}\n{question} ", wire::printable(&reason)),
        }
    }
}

/// Lets a person write a line on the terminal device, beside other work.
pub(crate) async fn line_beside(question: String) -> Result<Secret<String>, Failure> {
    let no_terminal =
        |error: io::Error| Failure::new(Exit::Other, format!("no terminal to ask on: {error}"));
    // Where the other work ends first, the terminal must not stay as the editor needs it.
    let _as_it_was = Terminal::open().map_err(no_terminal)?;
    let answer = net::beside(move || read_line(&question, "")).await?;
    answer.map(Secret::new).map_err(unread)
}

/// Lets a person write a line with the keys that a shell knows, neither on stdin nor on stdout.
fn read_line(question: &str, initial: &str) -> Result<String, ReadlineError> {
    let config = Config::builder()
        .behavior(Behavior::PreferTerm)
        .keyseq_timeout(Some(ESCAPE))
        .bracketed_paste(false) // it would outlive a question that is broken off
        .build();
    let mut editor = DefaultEditor::with_config(config)?;
    editor.bind_sequence(KeyEvent(KeyCode::Esc, Modifiers::NONE), Cmd::Interrupt);
    editor.readline_with_initial(question, (initial, ""))
}

/// After so many milliseconds the Escape key is no longer the begin of another one.
const ESCAPE: u16 = 100;

/// Asks a question that Enter answers with yes.
pub(crate) fn confirm(question: &str) -> Result<bool, Failure> {
    confirm_or(true, question)
}

/// The same with another answer for Enter.
pub(crate) fn confirm_or(default: bool, question: &str) -> Result<bool, Failure> {
    let question = wire::printable(question);
    let confirm = move || Confirm::new(&question).with_default(default).prompt();
    net::run(None, asked(confirm))?.map_err(failure)
}

/// Something that can be chosen; servers may have written what is in it.
pub(crate) struct Choice {
    /// What a row shows, as far as the terminal is wide enough.
    pub(crate) row: String,
    /// What of it is searched.
    pub(crate) searched: String,
    /// What stands there once it is chosen.
    pub(crate) answer: String,
}

/// Lets the person choose one of several lines, by typing parts of it; returns its index.
pub(crate) async fn choose(question: &'static str, lines: Vec<String>) -> Result<usize, Failure> {
    let choice = |line: String| Choice { row: line.clone(), searched: line.clone(), answer: line };
    choose_from(question, lines.into_iter().map(choice).collect(), String::new()).await
}

/// The same with rows of several parts, where words are typed already.
pub(crate) async fn choose_from(
    question: &'static str,
    choices: Vec<Choice>,
    typed: String,
) -> Result<usize, Failure> {
    asked(move || select(question, &choices, &typed)).await?.map_err(failure)
}

fn select(question: &str, choices: &[Choice], typed: &str) -> Result<usize, InquireError> {
    // Every line is asked for every key: the words are prepared once.
    let prepared = RefCell::new((String::new(), Search::new("")));
    let printable = |text: fn(&Choice) -> &String| -> Vec<String> {
        choices.iter().map(|choice| wire::printable(text(choice))).collect()
    };
    let searched = printable(|choice| &choice.searched);
    let scorer = |input: &str, _: &Row, _: &str, index: usize| {
        let line = searched.get(index)?;
        let (words, search) = &mut *prepared.borrow_mut();
        if words != input {
            input.clone_into(words);
            *search = Search::new(input);
        }
        search.score(line).map(i64::from)
    };
    let rows = printable(|choice| &choice.row).into_iter().map(Row).collect();
    let answers = printable(|choice| &choice.answer);
    let answer = |chosen: ListOption<&Row>| answers.get(chosen.index).cloned().unwrap_or_default();
    let height =
        terminal_size::terminal_size_of(stderr()).map_or(usize::MAX, |(_, it)| it.0.into());
    let select = Select::new(question, rows).with_scorer(&scorer).with_help_message(KEYS);
    let select = select.with_page_size(height.saturating_sub(AROUND).clamp(1, MOST_ROWS));
    let select = select.with_formatter(&answer).with_starting_filter_input(typed);
    Ok(select.raw_prompt()?.index)
}

/// Short enough for a narrow terminal.
const KEYS: &str = "type to filter, Enter takes it";

/// What stands before a line that can be chosen, and the column that stays free.
const MARKER: usize = 3;

/// The lines of the question and the keys, and the one where the shell goes on.
const AROUND: usize = 3;

/// So many rows are seen at once, where the terminal has as many.
const MOST_ROWS: usize = 7;

/// A row that is as long as the terminal is wide at that moment: one that is broken in two would be
/// two.
struct Row(String);

impl fmt::Display for Row {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = terminal_size::terminal_size_of(stderr()).map_or(80, |(width, _)| width.0);
        formatter.write_str(&shortened(&self.0, usize::from(width).saturating_sub(MARKER)))
    }
}

fn shortened(line: &str, room: usize) -> String {
    if line.width() <= room {
        return line.to_owned();
    }
    let mut left = room.saturating_sub(1);
    let fits = |c: &char| {
        let rest = left.checked_sub(c.width().unwrap_or_default());
        rest.inspect(|rest| left = *rest).is_some()
    };
    line.chars().take_while(fits).chain(['\u{2026}']).collect()
}

fn failure(error: InquireError) -> Failure {
    match error {
        InquireError::OperationCanceled => interrupted(),
        InquireError::OperationInterrupted => {
            drop(BrokenOff); // it leaves the question
            interrupted()
        }
        error => Failure::new(Exit::Other, error),
    }
}

fn unread(error: ReadlineError) -> Failure {
    match error {
        ReadlineError::Eof | ReadlineError::Interrupted | ReadlineError::Signal(_) => interrupted(),
        error => Failure::new(Exit::Other, error),
    }
}

fn interrupted() -> Failure {
    Failure::new(Exit::Interrupted, "interrupted")
}

/// The terminal device; it is left as it was found.
struct Terminal {
    #[cfg(unix)]
    device: File,
    #[cfg(unix)]
    found: rustix::termios::Termios,
}

impl Terminal {
    #[cfg(unix)]
    fn open() -> io::Result<Self> {
        let device = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
        let found = rustix::termios::tcgetattr(&device)?;
        Ok(Self { device, found })
    }

    /// A console belongs to each of its programs, and is found as it was by the next one.
    #[cfg(windows)]
    fn open() -> io::Result<Self> {
        OpenOptions::new().read(true).write(true).open("CONIN$").map(|_: File| Self {})
    }
}

#[cfg(unix)]
impl Drop for Terminal {
    fn drop(&mut self) {
        let now = rustix::termios::OptionalActions::Now;
        // A terminal that has gone needs nothing.
        let _ = rustix::termios::tcsetattr(&self.device, now, &self.found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_fits_whatever_its_letters_are() {
        assert_eq!(shortened("abcdef", 6), "abcdef");
        assert_eq!(shortened("abcdef", 5), "abcd\u{2026}");
        assert_eq!(shortened("\u{91d1}\u{878d}", 4), "\u{91d1}\u{878d}");
        assert_eq!(shortened("\u{91d1}\u{878d}x", 4), "\u{91d1}\u{2026}");
        for room in 1..20 {
            assert!(shortened("e\u{301}t\u{e9} \u{91d1}\u{878d} team", room).width() <= room);
        }
    }
}
