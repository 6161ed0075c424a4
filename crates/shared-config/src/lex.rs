use std::ops::Range;

/// One line of a configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Line<'a> {
    /// The number of the line, from 1.
    pub number: usize,
    /// The bytes of the line with its line end. The spans of all lines tile the text.
    pub span: Range<usize>,
    /// What stands on the line.
    pub kind: LineKind<'a>,
}

/// What stands on a line, without regard to the lines before it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineKind<'a> {
    /// Nothing, or blanks and tabs.
    Blank,
    /// A comment, from `#` or `;` on; an indented one is a comment to most tools only.
    #[non_exhaustive]
    Comment {
        /// Whether blanks or tabs stand before it.
        indented: bool,
    },
    /// Anything that begins with a blank or a tab: the continuation of a value, a nested setting, or
    /// a setting that somebody indented.
    #[non_exhaustive]
    Indented {
        /// The text without blanks around it.
        text: &'a str,
    },
    /// A line that is nothing of all this.
    #[non_exhaustive]
    Junk {
        /// What is wrong.
        reason: &'static str,
    },
    /// `name = value`.
    #[non_exhaustive]
    Property {
        /// The name as written, without blanks around it.
        name: &'a str,
        /// The value without blanks around it and without a comment.
        value: &'a str,
        /// Whether the name has only characters that every SDK reads.
        is_shared: bool,
    },
    /// `[inner]`.
    #[non_exhaustive]
    Section {
        /// What stands between the brackets.
        inner: &'a str,
        /// Whether more than a comment follows the bracket.
        trailing: bool,
    },
}

/// Splits a text into lines, at LF, CRLF and a lone CR.
pub fn lex(text: &str) -> impl Iterator<Item = Line<'_>> {
    Lexer::new(text)
}

pub(crate) struct Lexer<'a> {
    text: &'a str,
    position: usize,
    number: usize,
    /// The line ends from `marked` on: one search through the text costs less than one a line. In a
    /// text without carriage returns, which most are, it finds comment signs as well.
    marks: memchr::Memchr3<'a>,
    has_returns: bool,
    marked: usize,
}

impl<'a> Lexer<'a> {
    /// Starts at the beginning of a text.
    pub(crate) fn new(text: &'a str) -> Self {
        let has_returns = memchr::memchr(b'\r', text.as_bytes()).is_some();
        let marks = Self::marks(has_returns, text.as_bytes());
        Self { text, position: 0, number: 0, marks, has_returns, marked: 0 }
    }

    fn marks(has_returns: bool, text: &[u8]) -> memchr::Memchr3<'_> {
        let [second, third] = if has_returns { [b'\r'; 2] } else { [b'#', b';'] };
        memchr::memchr3_iter(b'\n', second, third, text)
    }

    /// Skips lines up to the next one that begins with a bracket; they are counted, not looked at.
    pub(crate) fn skip_to_section(&mut self) {
        let rest = self.text.as_bytes().get(self.position..).unwrap_or_default();
        let start = memchr::memchr_iter(b'[', rest).find(|&at| {
            at == 0 || rest.get(at - 1).is_some_and(|byte| matches!(byte, b'\n' | b'\r'))
        });
        let (skipped, rest) = rest.split_at(start.unwrap_or(rest.len()));
        self.number += count_line_ends(skipped);
        self.position += skipped.len();
        self.marks = Self::marks(self.has_returns, rest);
        self.marked = self.position;
    }
}

/// Counts the line ends, CRLF as one; a last line without one counts as well.
pub(crate) fn count_line_ends(bytes: &[u8]) -> usize {
    let feeds = memchr::memchr_iter(b'\n', bytes).count();
    let lone_returns =
        memchr::memchr_iter(b'\r', bytes).filter(|at| bytes.get(at + 1) != Some(&b'\n')).count();
    let open = bytes.last().is_some_and(|byte| !matches!(byte, b'\n' | b'\r'));
    feeds + lone_returns + usize::from(open)
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        let start = self.position;
        let bytes = self.text.as_bytes();
        if start >= bytes.len() {
            return None;
        }
        let mut has_sign = self.has_returns;
        let mut content = bytes.len();
        for mark in self.marks.by_ref() {
            let at = mark + self.marked;
            if matches!(bytes.get(at), Some(b'#' | b';')) {
                has_sign = true;
            } else if at >= start {
                content = at;
                break;
            } // else the line feed of the CRLF that ended the line before
        }
        let pair = bytes.get(content..content + 2) == Some(b"\r\n");
        self.position = bytes.len().min(content + 1 + usize::from(pair));
        self.number += 1;
        let line = self.text.get(start..content).unwrap_or_default();
        Some(Line {
            number: self.number,
            span: start..self.position,
            kind: classify(line, has_sign),
        })
    }
}

/// Tells what a line is; without `has_sign` there is no `#` and no `;` in it.
fn classify(line: &str, has_sign: bool) -> LineKind<'_> {
    let text = trim(line);
    let indented = line.as_bytes().first().is_some_and(|byte| is_blank(*byte));
    match text.as_bytes().first() {
        None => LineKind::Blank,
        Some(b'#' | b';') => LineKind::Comment { indented },
        Some(_) if indented => LineKind::Indented { text },
        Some(b'[') => section(text),
        Some(_) => match shared_property(text).or_else(|| any_property(text)) {
            Some((name, value, is_shared)) => {
                let value = if has_sign { without_comment(value) } else { value };
                LineKind::Property { name, value, is_shared }
            }
            None => LineKind::Junk { reason: "expected `name = value`" },
        },
    }
}

/// The characters of names that every SDK reads.
const NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "below 256")]
        let character = byte as u8;
        // The index is below the length.
        #[expect(clippy::indexing_slicing, reason = "const code has no get_mut")]
        {
            table[byte] = character.is_ascii_alphanumeric()
                || matches!(character, b'_' | b'-' | b'/' | b'.' | b'%' | b'@' | b':' | b'+');
        }
        byte += 1;
    }
    table
};

/// Whether a text has only characters that every SDK reads in names.
pub(crate) fn is_shared_name(name: &str) -> bool {
    name.bytes().all(is_name_byte)
}

pub(crate) fn is_name_byte(byte: u8) -> bool {
    NAME.get(usize::from(byte)) == Some(&true)
}

pub(crate) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Drops blanks and tabs on both sides. A large file has hundreds of thousands of texts to trim, and
/// most need none of it.
#[inline]
pub(crate) fn trim(text: &str) -> &str {
    match text.as_bytes() {
        [first, .., last] if !is_blank(*first) && !is_blank(*last) => text,
        _ => trim_end(trim_start(text)),
    }
}

pub(crate) fn trim_start(text: &str) -> &str {
    let start = text.bytes().position(|byte| !is_blank(byte)).unwrap_or(text.len());
    text.get(start..).unwrap_or_default()
}

fn trim_end(text: &str) -> &str {
    let end = text.bytes().rposition(|byte| !is_blank(byte)).map_or(0, |last| last + 1);
    text.get(..end).unwrap_or_default()
}

/// Reads a line that begins with a bracket.
pub(crate) fn section(text: &str) -> LineKind<'_> {
    let Some((inner, rest)) = text.strip_prefix('[').and_then(|text| split_at_byte(text, b']'))
    else {
        return LineKind::Junk { reason: "the section header has no closing bracket" };
    };
    let rest = trim_start(rest);
    LineKind::Section { inner, trailing: !rest.is_empty() && !rest.starts_with(['#', ';']) }
}

/// Splits a property whose name every SDK reads: one look at each byte of the name is enough.
fn shared_property(text: &str) -> Option<(&str, &str, bool)> {
    let end = text.bytes().position(|byte| !is_name_byte(byte)).filter(|end| *end > 0)?;
    let value = trim_start(text.get(end..)?).strip_prefix('=')?;
    Some((text.get(..end)?, trim(value), true))
}

fn any_property(text: &str) -> Option<(&str, &str, bool)> {
    split_property(text).map(|(name, value)| (name, value, is_shared_name(name)))
}

/// Splits `name = value` at the first `=`; a name must stand before it.
pub(crate) fn split_property(text: &str) -> Option<(&str, &str)> {
    let (name, value) = split_at_byte(text, b'=')?;
    let name = trim(name);
    (!name.is_empty()).then(|| (name, trim(value)))
}

/// Splits at the first occurrence of an ASCII character, which is dropped.
fn split_at_byte(text: &str, byte: u8) -> Option<(&str, &str)> {
    let at = memchr::memchr(byte, text.as_bytes())?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// Drops a comment, which begins at a `#` or `;` behind a blank or a tab.
pub(crate) fn without_comment(value: &str) -> &str {
    let bytes = value.as_bytes();
    let begins = |&at: &usize| at == 0 || bytes.get(at - 1).is_some_and(|byte| is_blank(*byte));
    match memchr::memchr2_iter(b'#', b';', bytes).find(begins) {
        Some(at) => trim_end(value.get(..at).unwrap_or_default()),
        None => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<LineKind<'_>> {
        lex(text).map(|line| line.kind).collect()
    }

    #[test]
    fn each_line_is_what_it_looks_like() {
        let property = |name, value| LineKind::Property { name, value, is_shared: true };
        assert_eq!(
            kinds("# c\n[profile a] ; c\nK = v # c\r\n  more\n\n\tx = y\rk=\n;c\n  # c\nk\n= v"),
            [
                LineKind::Comment { indented: false },
                LineKind::Section { inner: "profile a", trailing: false },
                property("K", "v"),
                LineKind::Indented { text: "more" },
                LineKind::Blank,
                LineKind::Indented { text: "x = y" },
                property("k", ""),
                LineKind::Comment { indented: false },
                LineKind::Comment { indented: true },
                LineKind::Junk { reason: "expected `name = value`" },
                LineKind::Junk { reason: "expected `name = value`" },
            ]
        );
    }

    #[test]
    fn a_comment_in_a_value_needs_a_blank_before_it() {
        let value = |text| match kinds(text).pop() {
            Some(LineKind::Property { value, .. }) => value.to_owned(),
            other => panic!("{other:?}"),
        };
        assert_eq!(value("k = a#b;c"), "a#b;c");
        assert_eq!(value("k = a ;b"), "a");
        assert_eq!(value("k = a\t# b"), "a");
        assert_eq!(value("k = # all comment"), "");
        assert_eq!(
            value("url = https://d-1.awsapps.com/start#/"),
            "https://d-1.awsapps.com/start#/"
        );
    }

    #[test]
    fn brackets_that_do_not_close_are_junk() {
        assert!(matches!(kinds("[profile a").as_slice(), [LineKind::Junk { .. }]));
        assert!(matches!(
            kinds("[a] b").as_slice(),
            [LineKind::Section { inner: "a", trailing: true }]
        ));
    }

    #[test]
    fn skipping_counts_lines_as_reading_does() {
        for text in ["a\n\r\n\rb\r\n [x]\n[y]\nz", "[y]", "", "a\r\r[y]", "no section"] {
            let mut skipping = Lexer::new(text);
            skipping.skip_to_section();
            let mut reading =
                lex(text).skip_while(|line| text.as_bytes().get(line.span.start) != Some(&b'['));
            assert_eq!(skipping.next(), reading.next(), "{text:?}");
        }
    }
}
