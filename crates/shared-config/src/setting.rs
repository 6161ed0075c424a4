use std::borrow::Cow;
use std::num::NonZeroU32;

use crate::lex::{Lexer, split_property, without_comment};
use crate::{FileKind, Files, LineKind};

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'s, 'a> {
    /// That of the file.
    text: &'a str,
    raw: &'s RawSetting,
}

/// A nested setting.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Nested<'a> {
    /// The name in lower case.
    pub name: Cow<'a, str>,
    /// The value.
    pub value: &'a str,
    /// The line, from 1.
    pub line: usize,
}

/// One setting as parsed: where it stands. Values are made when they are asked for, because most of
/// a large file is never looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawSetting {
    pub(crate) name: Span,
    /// The value without its comment; where further lines belong to it, up to the last of them.
    pub(crate) value: Span,
    pub(crate) line: u32,
    pub(crate) is_block: bool,
    /// Whether further lines belong to it.
    pub(crate) is_continued: bool,
    /// The next setting of the section.
    pub(crate) next: Option<NonZeroU32>,
    pub(crate) file: FileKind,
}

/// A part of a file, of which [`crate::MAX_FILE`] bytes are read at most.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    pub(crate) fn new(start: usize, end: usize) -> Self {
        let clamp = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { start: clamp(start), end: clamp(end) }
    }

    pub(crate) fn len(self) -> u32 {
        self.end - self.start
    }

    /// Lets the part reach further.
    pub(crate) fn up_to(self, end: usize) -> Self {
        Self { end: Self::new(end, end).end, ..self }
    }

    pub(crate) fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

impl<'s, 'a> Setting<'s, 'a> {
    pub(crate) fn new(files: &'a Files, raw: &'s RawSetting) -> Self {
        Self { text: files.text(raw.file), raw }
    }

    /// Returns the name in lower case.
    pub fn name(&self) -> Cow<'a, str> {
        lower(self.raw_name())
    }

    /// Returns the value; lines that continue it are joined by a line feed. It is empty where
    /// settings are nested below.
    pub fn value(&self) -> Cow<'a, str> {
        if self.raw.is_block {
            return "".into();
        }
        let mut parts = self.lines().filter_map(|(_, line)| match line {
            LineKind::Indented { text } => Some(text),
            _ => None,
        });
        let Some(second) = parts.next() else { return self.first_line().into() };
        let mut value = format!("{}\n{second}", self.first_line());
        for part in parts {
            value.push('\n');
            value.push_str(part);
        }
        value.into()
    }

    /// Returns the settings nested below, where its own value is empty.
    pub fn nested(&self) -> Vec<Nested<'a>> {
        let nested = |(line, kind)| match kind {
            LineKind::Indented { text } => {
                split_property(text).map(|(name, value)| Nested { name: lower(name), value, line })
            }
            _ => None,
        };
        if self.raw.is_block { self.lines().filter_map(nested).collect() } else { Vec::new() }
    }

    /// Whether a comment stands behind the value, on its line.
    pub fn has_comment(&self) -> bool {
        let rest = self.text.get(self.raw.value.start as usize..);
        let line = rest.unwrap_or_default().split(['\n', '\r']).next().unwrap_or_default();
        !self.raw.is_block && without_comment(line).len() < line.trim_end().len()
    }

    /// Returns the file.
    pub fn file(&self) -> FileKind {
        self.raw.file
    }

    /// Returns the line, from 1.
    pub fn line(&self) -> usize {
        self.raw.line as usize
    }

    /// Whether it has a name, in whatever case. Most differ in their lengths already.
    pub fn is_called(&self, name: &str) -> bool {
        self.raw.name.len() as usize == name.len()
            && (self.raw_name() == name || self.raw_name().eq_ignore_ascii_case(name))
    }

    pub(crate) fn raw_name(&self) -> &'a str {
        self.raw.name.of(self.text)
    }

    /// Returns the value where it stands on one line; an empty one is none.
    pub fn line_value(&self) -> Option<&'a str> {
        let text = self.raw.value.of(self.text);
        let is_value = !self.raw.is_block && !self.raw.is_continued && !text.is_empty();
        is_value.then_some(text)
    }

    /// The first line of the value, without its comment.
    fn first_line(&self) -> &'a str {
        let text = self.raw.value.of(self.text);
        let line = text.split(['\n', '\r']).next().unwrap_or(text);
        without_comment(line)
    }

    /// The further lines that belong to the setting, with their numbers.
    fn lines(&self) -> impl Iterator<Item = (usize, LineKind<'a>)> {
        let text = self.raw.value.of(self.text);
        // A block begins on the line below, a value on the setting's own.
        let (first, skip) = if self.raw.is_block { (1, 0) } else { (0, 1) };
        let line = self.line();
        Lexer::new(text).skip(skip).map(move |other| (line + first + other.number - 1, other.kind))
    }
}

fn lower(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        name.to_ascii_lowercase().into()
    } else {
        name.into()
    }
}
