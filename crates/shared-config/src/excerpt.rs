//! Reads of a large file what is wanted: most of the time that its text takes is the memory it needs.

use std::io::{self, Read};

use crate::header::{Classified, classify};
use crate::lex::{count_line_ends, is_blank, is_name_byte, section};
use crate::sections::is_for_profile;
use crate::{FileKind, LineKind, MAX_FILE};

/// How much is looked at at a time. Smaller files are read whole.
pub(crate) const WINDOW: usize = 64 * 1024;

/// Reads what a profile may need, and everything whose header says nothing. Of a run of other
/// sections the first header stays, with those that are indented, and an empty line for each line, so
/// that every line that stays has the number it has in the file.
pub(crate) fn read(mut source: impl Read, file: FileKind, name: &str) -> io::Result<Vec<u8>> {
    let mut excerpt = Excerpt { text: Vec::new(), state: State::Kept, file, name };
    let mut window = vec![0; WINDOW];
    let (mut filled, mut total) = (0, 0_u64);
    loop {
        let read = source.read(window.get_mut(filled..).unwrap_or_default())?;
        filled += read;
        total += read as u64;
        if total > MAX_FILE {
            return Err(crate::size::too_large());
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

struct Excerpt<'n> {
    text: Vec<u8>,
    state: State,
    file: FileKind,
    name: &'n str,
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
            let before = lines.get(..at).unwrap_or_default();
            let line = before.iter().rposition(|byte| !is_blank(*byte)).map_or(0, |last| last + 1);
            if line > 0 && !matches!(before.get(line - 1), Some(b'\n' | b'\r')) {
                continue;
            }
            if line < at {
                // An indented header is none, but may be the one that somebody looks for.
                if self.state != State::Kept {
                    self.put(lines.get(start..line).unwrap_or_default());
                    let (header, rest) = first_line(lines.get(line..).unwrap_or_default());
                    self.text.extend(header);
                    start = lines.len() - rest.len();
                }
                continue;
            }
            let is_wanted = self.is_wanted(lines.get(at..).unwrap_or_default());
            if !is_wanted && self.state != State::Kept {
                continue; // the run of dropped sections goes on
            }
            self.put(lines.get(start..at).unwrap_or_default());
            self.state = if is_wanted { State::Kept } else { State::Begun };
            start = at;
        }
        self.put(lines.get(start..).unwrap_or_default());
    }

    /// Whether the section that begins here stays; in doubt it does.
    fn is_wanted(&self, lines: &[u8]) -> bool {
        // Most headers of a large file are of this kind: a glance is enough.
        if self.file == FileKind::Config
            && let Some(rest) = lines.strip_prefix(b"[profile ")
            && let Some(end) = rest.iter().position(|byte| !is_name_byte(*byte))
            && rest.get(end) == Some(&b']')
            && end > 0
        {
            return rest.get(..end) == Some(self.name.as_bytes());
        }
        let Ok(line) = std::str::from_utf8(first_line(lines).0) else { return true };
        let LineKind::Section { inner, .. } = section(line) else { return true };
        match classify(inner, self.file) {
            Classified::Known(header, _) => is_for_profile(&header, self.name),
            _ => true,
        }
    }

    fn put(&mut self, lines: &[u8]) {
        let mut dropped = lines;
        match self.state {
            State::Kept => return self.text.extend(lines),
            State::Begun => {
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
        String::from_utf8(read(text.as_bytes(), FileKind::Config, name).unwrap()).unwrap()
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
    fn an_indented_header_stays_for_who_asks_in_vain() {
        let text = "[profile a]\nx = 1\n  [b] [c]\n\ty = [2]\r\t[d]\n[profile e]\nz = 3\n";
        let kept = "[profile a]\n\n  [b] [c]\n\n\t[d]\n[profile e]\nz = 3\n";
        assert_eq!(excerpt(text, "e"), kept);
        assert_eq!(excerpt(" [a]\n[profile b]\n", "e"), " [a]\n[profile b]\n");
    }

    #[test]
    fn a_section_that_is_not_read_stays() {
        let config = "[profile a]\nx = 1\n[profile b c]\ny = 2\n[profile d]\n[profile ]\nz = 3\n";
        let kept = "[profile a]\n\n[profile b c]\ny = 2\n[profile d]\n[profile ]\nz = 3\n";
        assert_eq!(excerpt(config, "e"), kept);
        let credentials = "[a]\nx = 1\n[profile c]\ny = 2\n[e]\nz = 3\n";
        let kept = read(credentials.as_bytes(), FileKind::Credentials, "e").unwrap();
        assert_eq!(kept, b"[a]\n\n[profile c]\ny = 2\n[e]\nz = 3\n");
    }

    #[test]
    fn the_largest_file_may_be_one_line_and_a_larger_one_is_refused() {
        let read = |size| read(io::repeat(b'x').take(size), FileKind::Config, "a");
        assert_eq!(read(MAX_FILE).unwrap().len() as u64, MAX_FILE);
        for size in [MAX_FILE + 1, u64::MAX] {
            assert_eq!(read(size).unwrap_err().to_string(), "it is over 32 MiB");
        }
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
