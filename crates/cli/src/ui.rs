//! What a person sees: stderr, the page to sign in on, times and spans. Data goes to stdout.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use login::{Browser, Page, Ui};
use serde::Serialize;
use wire::{Secret, Timestamp};

use crate::exit::{Exit, Failure, printable};

/// Whether the last line of the terminal is a bar.
static BAR: AtomicBool = AtomicBool::new(false);

/// How much is said.
static LOUDNESS: AtomicU8 = AtomicU8::new(Loudness::Usual as u8);

/// How much a person wants to be told.
#[derive(Clone, Copy)]
pub(crate) enum Loudness {
    Quiet,
    Usual,
    Verbose,
}

/// The width of a bar, in characters.
const WIDTH: usize = 30;

/// A bar that is narrower than this shows nothing.
const NARROWEST: usize = 5;

/// Writes a line to stderr, without control characters.
pub(crate) fn say(text: &str) {
    clear_bar();
    // Nothing can be told to a person who has closed stderr.
    let _ = writeln!(io::stderr().lock(), "{}", printable(text));
}

pub(crate) fn set_loudness(loudness: Loudness) {
    LOUDNESS.store(loudness as u8, Ordering::Relaxed);
}

/// Leaves out what is only talk, as with `--quiet`; who asked for more is told more.
pub(crate) fn be_quiet() {
    if !is_verbose() {
        set_loudness(Loudness::Quiet);
    }
}

fn is_quiet() -> bool {
    LOUDNESS.load(Ordering::Relaxed) == Loudness::Quiet as u8
}

pub(crate) fn is_verbose() -> bool {
    LOUDNESS.load(Ordering::Relaxed) == Loudness::Verbose as u8
}

/// Says what nobody must act upon; with `--quiet` it is left out.
pub(crate) fn talk(text: &str) {
    if !is_quiet() {
        say(text);
    }
}

/// Says what is done, to those who want to know.
pub(crate) fn note(text: &str) {
    if is_verbose() {
        say(&format!("debug: {text}"));
    }
}

/// Draws how far something is, on the line of the terminal that the next output takes. The width is
/// asked for each time: it may have changed.
pub(crate) fn draw_bar(done: usize, total: usize, what: &str) {
    if is_quiet() {
        return;
    }
    let columns = terminal_size::terminal_size_of(io::stderr());
    let columns = columns.map_or(80, |(width, _)| usize::from(width.0));
    let _ = write!(io::stderr().lock(), "\r\x1b[2K{}", bar(done, total, what, columns));
    BAR.store(true, Ordering::Relaxed);
}

/// A bar that leaves the last column free, for some terminals begin a new line after it.
fn bar(done: usize, total: usize, what: &str, columns: usize) -> String {
    let text = format!("{done} of {total} {what}");
    let room = columns.saturating_sub(1);
    let width = room.saturating_sub(text.chars().count() + 3).min(WIDTH);
    if width < NARROWEST {
        return text.chars().take(room).collect();
    }
    let filled = (done * width).checked_div(total).unwrap_or(width).min(width);
    format!("[{}{}] {text}", "#".repeat(filled), "-".repeat(width - filled))
}

/// Gives the line of the bar back.
pub(crate) fn clear_bar() {
    if BAR.swap(false, Ordering::Relaxed) {
        let _ = write!(io::stderr().lock(), "\r\x1b[2K");
    }
}

/// Writes data to stdout, at once; a reader that has gone is no error of ours.
pub(crate) fn print(data: &[u8]) -> Result<(), Failure> {
    Ok(print_while_read(data).map(drop)?)
}

/// The same, and tells whether somebody still reads.
pub(crate) fn print_while_read(data: &[u8]) -> Result<bool, Unprinted> {
    clear_bar();
    let mut stdout = io::stdout().lock();
    match stdout.write_all(data).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Unprinted(error)),
    }
}

/// Writes data to stderr as it is; nothing can be told to a person who has closed it.
pub(crate) fn print_err(data: &[u8]) {
    clear_bar();
    let _ = io::stderr().lock().write_all(data);
}

/// Puts a text into the clipboard of the terminal, which may be at the other end of SSH (OSC 52).
pub(crate) fn copy(text: &str) -> Result<(), Failure> {
    if !io::stderr().is_terminal() {
        return Err(Failure::usage("--copy needs a terminal: stderr is none")
            .with_hint("take --print, and pipe it to a program such as wl-copy, xclip or pbcopy"));
    }
    let encoded = Secret::new(STANDARD.encode(text));
    let before = b"\x1b]52;c;";
    let mut sequence = Vec::with_capacity(before.len() + encoded.expose().len() + 1);
    sequence.extend_from_slice(before);
    sequence.extend_from_slice(encoded.expose().as_bytes());
    sequence.push(b'\x07');
    print_err(Secret::new(sequence).expose());
    Ok(())
}

/// Stdout takes nothing.
pub(crate) struct Unprinted(io::Error);

impl From<Unprinted> for Failure {
    fn from(Unprinted(error): Unprinted) -> Self {
        Self::new(Exit::Other, format!("cannot write to stdout: {error}"))
    }
}

/// Writes a document of JSON: an object of which `docs/schema` promises the form, with the version of
/// that form as its first member.
pub(crate) fn json_document(members: &impl Serialize) -> String {
    let object = json_line(members);
    format!("{{\"version\":1,{}", object.strip_prefix('{').unwrap_or_default())
}

/// Writes a line of JSON. Characters that JSON leaves as they are although nobody sees them, such as
/// U+009B and U+202E, are escaped: the line may end on a terminal.
pub(crate) fn json_line(value: &impl Serialize) -> String {
    let mut json = serde_json::to_string(value).unwrap_or_default(); // texts and numbers alone
    if json.contains(wire::is_hidden) {
        let mut escaped = String::with_capacity(json.len());
        for c in json.chars() {
            if wire::is_hidden(c) {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(escaped, "\\u{unit:04x}"); // into memory
                }
            } else {
                escaped.push(c);
            }
        }
        json = escaped;
    }
    json + "\n"
}

/// Shows the page of a sign-in on stderr, and opens it unless told not to.
pub(crate) struct Terminal {
    pub(crate) browser: Option<Browser>,
}

impl Ui for Terminal {
    fn show(&self, page: &Page<'_>) {
        let url = match page {
            Page::AuthorizationCode { url, .. } => {
                say(&format!("\nSign in on this page, in a browser on this machine:\n\n  {url}\n"));
                *url
            }
            Page::DeviceCode { url, url_complete, code, expires_in, .. } => {
                let complete = url_complete.unwrap_or(url);
                say(&format!(
                    "\nSign in on this page, on any device:\n\n  {complete}\n\n\
                     and compare the code, or type it on {url}:\n\n  {code}\n\n\
                     It expires in {}.",
                    span(*expires_in)
                ));
                complete
            }
            _ => return,
        };
        if let Some(browser) = &self.browser
            && let Err(error) = browser.open(url)
        {
            say(&format!("warning: no browser was opened: {error}"));
        }
        talk("Waiting (Ctrl-C to stop) ...");
    }
}

/// Writes a span roughly, such as `52 min` or `3 h`.
pub(crate) fn span(span: Duration) -> String {
    match span.as_secs() {
        seconds @ ..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds / 60),
        seconds @ 7200..172_800 => format!("{} h", seconds / 3600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

/// Writes an instant with how far away it is, such as `2026-01-02T03:04:05Z (in 52 min)`.
pub(crate) fn until(now: Timestamp, time: Timestamp) -> String {
    if time > now {
        format!("{time} (in {})", span(now.until(time)))
    } else {
        format!("{time} ({} ago)", span(time.until(now)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_json_holds_no_hidden_character() {
        let value = serde_json::Value::from("a\u{9b}2J\u{7f}\n\u{1b}\u{202e}\u{e0041}\u{e4}");
        let line = json_line(&value);
        let escaped = "a\\u009b2J\\u007f\\n\\u001b\\u202e\\udb40\\udc41\u{e4}";
        assert_eq!(line, format!("\"{escaped}\"\n"));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&line).unwrap(), value);
    }

    #[test]
    fn a_bar_fits_into_its_line() {
        assert_eq!(bar(5, 10, "accounts", 200), format!("[{0:#>15}{0:->15}] 5 of 10 accounts", ""));
        assert_eq!(bar(5, 10, "accounts", 32), "[######------] 5 of 10 accounts");
        assert_eq!(bar(1234, 5678, "accounts", 24), "1234 of 5678 accounts");
        assert_eq!(bar(1234, 5678, "accounts", 10), "1234 of 5");
        for columns in 0..100 {
            assert!(bar(1234, 5678, "accounts", columns).chars().count() < columns.max(1));
        }
        assert_eq!(bar(0, 0, "accounts", 80), format!("[{}] 0 of 0 accounts", "#".repeat(30)));
    }

    #[test]
    fn spans_are_rough() {
        let text = |seconds| span(Duration::from_secs(seconds));
        assert_eq!([text(5), text(3120), text(7200)], ["5 s", "52 min", "2 h"]);
        assert_eq!(text(90 * 86_400), "90 days");
    }
}
