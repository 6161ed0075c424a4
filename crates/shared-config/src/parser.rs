use crate::arena::RawSection;
use crate::header::{Classified, classify};
use crate::lex::{Lexer, is_shared_name, section, split_property, trim_start};
use crate::setting::{RawSetting, Span};
use crate::{Diagnostic, FileKind, Header, Line, LineKind, Sections, Severity};

/// The settings that make up one set of keys: a file that has the id or the secret has them all.
const KEY_GROUP: [&str; 4] =
    ["aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_account_id"];

/// What is wrong with a header that is indented and continues nothing.
pub(crate) const INDENTED_HEADER: &str =
    "an indented section header: SDKs disagree on what it is; remove the blanks before it";

/// Adds the wanted sections of a file to those that are there.
pub(crate) fn run(
    sections: &mut Sections<'_>,
    file: FileKind,
    wanted: &impl Fn(&Header<'_>) -> bool,
) {
    let text = sections.files.text(file);
    let nesting = Nesting::None;
    let mut parser = Parser { sections, file, text, section: None, nesting, indent: 0 };
    parser.run(wanted);
}

/// What a line would belong to that is indented further than the setting above it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nesting {
    None,
    /// A setting with a value, which further lines continue.
    Value,
    /// A setting without a value, below which others are nested.
    Block,
    /// A setting that was dropped; its further lines go with it.
    Dropped,
}

struct Parser<'s, 'a> {
    sections: &'s mut Sections<'a>,
    file: FileKind,
    text: &'a str,
    /// The current section, as an index, `None` in one that does not count.
    section: Option<usize>,
    nesting: Nesting,
    /// How far the last setting is indented; what continues it is indented further, as in botocore.
    indent: usize,
}

impl<'a> Parser<'_, 'a> {
    fn run(&mut self, wanted: &impl Fn(&Header<'_>) -> bool) {
        if self.sections.files.has_byte_order_mark(self.file) {
            let message = "a byte order mark: several SDKs do not read this file";
            self.note(1, self.text, Severity::Warning, message);
        }
        let mut lines = Lexer::new(self.text);
        let mut before_any = true;
        while let Some(line) = lines.next() {
            match line.kind {
                LineKind::Property { name, value, is_shared } if self.section.is_some() => {
                    self.property(&line, name, value, is_shared);
                }
                LineKind::Section { inner, trailing } => {
                    before_any = false;
                    if !self.open(&line, inner, trailing, wanted) {
                        lines.skip_to_section();
                    }
                }
                LineKind::Blank | LineKind::Comment { indented: false } => {}
                _ if before_any => {
                    let at = self.line_text(&line);
                    self.note(line.number, at, Severity::Error, "a line before the first section");
                }
                _ => {
                    if !self.other(&line) {
                        lines.skip_to_section();
                    }
                }
            }
        }
    }

    /// Begins a section; tells whether its lines are wanted.
    fn open(
        &mut self,
        line: &Line<'a>,
        inner: &'a str,
        trailing: bool,
        wanted: &impl Fn(&Header<'_>) -> bool,
    ) -> bool {
        self.section = None;
        self.nesting = Nesting::None;
        let warning = Severity::Warning;
        let (header, note) = match classify(inner, self.file) {
            Classified::Known(header, note) => (header, note),
            Classified::Foreign => return false,
            Classified::Invalid(reason) => {
                self.note(line.number, inner, warning, reason);
                return false;
            }
        };
        if !wanted(&header) {
            return false;
        }
        if trailing {
            let after = self.text.get(self.offset(inner) + inner.len() + 1..).unwrap_or_default();
            let message = "text behind the closing bracket is ignored";
            self.note(line.number, trim_start(after), warning, message);
        }
        if let Some(note) = note {
            self.note(line.number, inner, warning, note);
        }
        self.enter(header, line.number, inner)
    }

    fn enter(&mut self, header: Header<'a>, line: usize, inner: &'a str) -> bool {
        let Some(index) = self.sections.find(header.kind, header.name) else {
            self.section = Some(self.sections.add(RawSection::new(header, self.file, line)));
            return true;
        };
        let warning = Severity::Warning;
        let Some(existing) = self.sections.sections.get_mut(index) else { return false };
        let (was_weak, is_weak) = (existing.header.weak, header.weak);
        if existing.file == self.file {
            // `[profile default]` replaces `[default]`, in whatever order they come.
            if was_weak && !is_weak {
                *existing = RawSection::new(header, self.file, line);
                self.note(line, inner, warning, "[profile default] replaces [default]");
            } else if is_weak && !was_weak {
                self.note(line, inner, warning, "[profile default] replaces this [default]");
                return false;
            } else {
                let message =
                    "the section is repeated: botocore and the AWS CLI refuse such a file";
                self.note(line, inner, warning, message);
            }
        }
        self.section = Some(index);
        true
    }

    /// Takes what is neither header nor setting of the first column; tells whether the section goes
    /// on behind it.
    fn other(&mut self, line: &Line<'a>) -> bool {
        let number = line.number;
        match &line.kind {
            LineKind::Comment { .. } => {
                let at = trim_start(self.line_text(line));
                let message = "an indented comment: part of a value to some SDKs";
                self.note(number, at, Severity::Warning, message);
            }
            LineKind::Junk { reason } => {
                self.nesting = Nesting::None;
                self.error(number, self.line_text(line), reason);
            }
            LineKind::Indented { text } => {
                let indent = self.offset(text) - line.span.start;
                if self.nesting != Nesting::None && indent > self.indent {
                    self.continued(number, text);
                } else {
                    return self.indented(line, text);
                }
            }
            _ => {}
        }
        true
    }

    /// Takes a line that belongs to the setting above it.
    fn continued(&mut self, number: usize, text: &'a str) {
        if self.nesting != Nesting::Dropped {
            self.extend(text);
        }
        if self.nesting == Nesting::Block && split_property(text).is_none() {
            self.error(number, text, "expected a nested `name = value`");
        }
    }

    /// Takes an indented line that stands for itself; tells whether the section goes on behind it.
    fn indented(&mut self, line: &Line<'a>, text: &'a str) -> bool {
        let number = line.number;
        self.nesting = Nesting::None;
        if let LineKind::Section { .. } = section(text) {
            // What stands below it belongs to another section for botocore: to none of ours.
            self.error(number, text, INDENTED_HEADER);
            self.section = None;
            return false;
        }
        match split_property(text) {
            Some((name, value)) => {
                let message = "an indented setting: SDKs other than botocore refuse it";
                self.note(number, text, Severity::Warning, message);
                self.property(line, name, value, is_shared_name(name));
            }
            None => self.error(number, text, "an indented line that continues nothing"),
        }
        true
    }

    fn property(&mut self, line: &Line<'a>, name: &'a str, value: &'a str, is_shared: bool) {
        let Some(index) = self.section else { return };
        self.indent = self.offset(name) - line.span.start;
        if !is_shared {
            self.nesting = Nesting::Dropped;
            if name.contains(':') {
                // `key: value` to botocore, whatever follows; and there it is a setting that counts.
                self.error(line.number, name, "expected `name = value`");
                return;
            }
            let message = "the name of the setting is not valid; it is ignored";
            self.note(line.number, name, Severity::Warning, message);
            return;
        }
        self.nesting = if value.is_empty() { Nesting::Block } else { Nesting::Value };
        let start = self.offset(name);
        let value_start = self.offset(value);
        let setting = RawSetting {
            name: Span::new(start, start + name.len()),
            // Without a value, what may be nested below begins behind the line.
            value: match self.nesting {
                Nesting::Block => Span::new(line.span.end, line.span.end),
                _ => Span::new(value_start, value_start + value.len()),
            },
            line: u32::try_from(line.number).unwrap_or(u32::MAX),
            is_block: value.is_empty(),
            is_continued: false,
            next: None,
            file: self.file,
        };
        let is_key = self.file == FileKind::Credentials
            && KEY_GROUP.iter().take(2).any(|key| name.eq_ignore_ascii_case(key));
        if is_key {
            self.sections.retain(index, |file, name| {
                file == FileKind::Credentials || !KEY_GROUP.contains(&name)
            });
        }
        let replaced = self.sections.push(index, setting);
        if replaced == Some(self.file) {
            let message = "the setting is repeated: botocore and the AWS CLI refuse such a file";
            self.note(line.number, name, Severity::Warning, message);
        }
    }

    /// Adds a line to the last setting of the section.
    fn extend(&mut self, text: &'a str) {
        let end = self.offset(text) + text.len();
        if let Some(index) = self.section {
            self.sections.extend_last(index, end);
        }
    }

    fn error(&mut self, line: usize, at: &str, message: &str) {
        let index = self.sections.diagnostics.len();
        self.note(line, at, Severity::Error, message);
        let section = self.section.and_then(|index| self.sections.sections.get_mut(index));
        if let Some(section) = section {
            section.error.get_or_insert(index);
        }
    }

    fn note(&mut self, line: usize, at: &str, severity: Severity, message: &str) {
        let offset = self.offset(at);
        let before = self.text.as_bytes().get(..offset).unwrap_or_default();
        let line_start = memchr::memrchr2(b'\n', b'\r', before).map_or(0, |at| at + 1);
        let place = self.sections.place(self.file, line);
        let (column, message) = (offset - line_start + 1, message.to_owned());
        self.sections.diagnostics.push(Diagnostic { place, column, severity, message });
    }

    fn line_text(&self, line: &Line<'a>) -> &'a str {
        self.text.get(line.span.clone()).unwrap_or_default()
    }

    /// Where a part of the text begins.
    fn offset(&self, part: &str) -> usize {
        (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize)
    }
}
