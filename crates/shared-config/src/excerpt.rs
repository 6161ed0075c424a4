//! Reads of a large file what is wanted: most of the time that its text takes is the memory it needs.

use std::io::{self, Read};

use crate::files::MAX_FILE;
use crate::header::{Classified, classify};
use crate::lex::{count_line_ends, section};
use crate::{FileKind, Header, LineKind};

/// How much is looked at at a time. Smaller files are read whole.
pub(crate) const WINDOW: usize = 64 * 1024;

/// Reads the sections whose header is wanted, and everything whose header says nothing. Of a run of
/// others the first header stays, and an empty line for each line, so that every line that stays has
/// the number it has in the file.
pub(crate) fn read(
    mut source: impl Read,
    file: FileKind,
    wanted: &dyn Fn(&Header<'_>) -> bool,
) -> io::Result<Vec<u8>> {
    let mut excerpt = Excerpt { text: Vec::new(), state: State::Kept, file, wanted };
    let mut window = vec![0; WINDOW];
    let (mut filled, mut total) = (0, 0_u64);
    loop {
        let read = source.read(window.get_mut(filled..).unwrap_or_default())?;
        filled += read;
        total += read as u64;
        if total > MAX_FILE {
            return Err(crate::files::too_large());
        }
        let seen = window.get(..filled).unwrap_or_default();
        let end = match read {
            0 => filled,
            _ => memchr::memrchr(b'\n', seen).map_or(0, |at| at + 1),
        };
        excerpt.take(seen.get(..end).unwrap_or_default());
        window.copy_within(end..filled, 0);
        filled -= end;
        if read == 0 {
            return Ok(excerpt.text);
        }
        if filled == window.len() {
            window.resize(2 * filled, 0); // a line that is longer
        }
    }
}

struct Excerpt<'w> {
    text: Vec<u8>,
    state: State,
    file: FileKind,
    wanted: &'w dyn Fn(&Header<'_>) -> bool,
}

/// What happens to the section that is being read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// It stays.
    Kept,
    /// It is dropped, but its header stays.
    Begun,
    /// It is dropped.
    Dropped,
}

impl Excerpt<'_> {
    /// Takes whole lines.
    fn take(&mut self, lines: &[u8]) {
        let mut start = 0;
        for at in memchr::memchr_iter(b'[', lines) {
            let before = at.checked_sub(1).and_then(|before| lines.get(before));
            if before.is_none_or(|byte| matches!(byte, b'\n' | b'\r')) {
                self.put(lines.get(start..at).unwrap_or_default());
                self.begin(lines.get(at..).unwrap_or_default());
                start = at;
            }
        }
        self.put(lines.get(start..).unwrap_or_default());
    }

    /// Decides about the section that begins here.
    fn begin(&mut self, lines: &[u8]) {
        self.state = match (self.is_wanted(first_line(lines).0), self.state) {
            (true, _) => State::Kept,
            (false, State::Kept) => State::Begun,
            (false, state) => state,
        };
    }

    /// Whether the section stays; in doubt it does.
    fn is_wanted(&self, line: &[u8]) -> bool {
        let Ok(line) = std::str::from_utf8(line) else { return true };
        let LineKind::Section { inner, .. } = section(line) else { return true };
        match classify(inner, self.file) {
            Classified::Known(header, _) => (self.wanted)(&header),
            _ => true,
        }
    }

    fn put(&mut self, lines: &[u8]) {
        let mut dropped = lines;
        match self.state {
            State::Kept => return self.text.extend(lines),
            State::Begun if !lines.is_empty() => {
                let (header, rest) = first_line(lines);
                self.text.extend(header);
                dropped = rest;
                self.state = State::Dropped;
            }
            _ => {}
        }
        let lines = self.text.len() + count_line_ends(dropped);
        self.text.resize(lines, b'\n');
    }
}

/// Splits before the first line end.
fn first_line(lines: &[u8]) -> (&[u8], &[u8]) {
    lines.split_at(memchr::memchr2(b'\n', b'\r', lines).unwrap_or(lines.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt(text: &str, name: &str) -> String {
        let wanted = |header: &Header<'_>| header.name == name;
        String::from_utf8(read(text.as_bytes(), FileKind::Config, &wanted).unwrap()).unwrap()
    }

    #[test]
    fn what_is_not_wanted_leaves_its_first_header_and_its_lines() {
        let text =
            "# top\n[profile a]\nx = 1\n[profile b]\ny = 2\n\n[profile c]\nz = 3\n[plugins]\n";
        assert_eq!(
            excerpt(text, "b"),
            "# top\n[profile a]\n\n[profile b]\ny = 2\n\n[profile c]\n\n[plugins]\n"
        );
        assert_eq!(excerpt(text, "none"), "# top\n[profile a]\n\n\n\n\n\n\n[plugins]\n");
    }

    #[test]
    fn sections_and_lines_may_be_larger_than_the_window() {
        let long = "v".repeat(3 * WINDOW);
        let many = "k = v\n".repeat(WINDOW);
        let text = format!("[profile a]\nx = {long}\n[profile b]\n{many}[profile c]\nlast = 1");
        let kept = excerpt(&text, "c");
        assert!(kept.ends_with("\n[profile c]\nlast = 1"));
        assert_eq!(kept.lines().count(), text.lines().count());
        assert_eq!(excerpt(&text, "b").matches("k = v\n").count(), WINDOW);
        assert!(excerpt(&text, "a").contains(&long));
    }
}
