use std::borrow::Cow;

use crate::header::{Classified, classify};
use crate::lex::{Lexer, split_property};
use crate::{
    Diagnostic, FileKind, Header, Line, LineKind, Nested, Section, Sections, Setting, Severity,
};

/// The settings that make up one set of keys: a file that has the id or the secret has them all.
const KEY_GROUP: [&str; 4] =
    ["aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_account_id"];

/// Adds the wanted sections of a file to those that are there.
pub(crate) fn run(
    sections: &mut Sections<'_>,
    file: FileKind,
    wanted: &impl Fn(&Header<'_>) -> bool,
) {
    Parser { sections, file, section: None, nesting: Nesting::None }.run(wanted);
}

/// What an indented line would belong to.
#[derive(Clone, Copy)]
enum Nesting {
    None,
    /// The last setting of the current section.
    Setting,
    /// A setting that was dropped; its further lines go with it.
    Dropped,
}

struct Parser<'s, 'a> {
    sections: &'s mut Sections<'a>,
    file: FileKind,
    /// The current section, as an index, `None` in one that does not count.
    section: Option<usize>,
    nesting: Nesting,
}

impl<'a> Parser<'_, 'a> {
    fn run(&mut self, wanted: &impl Fn(&Header<'_>) -> bool) {
        let text = self.sections.files.text(self.file);
        if self.sections.files.has_byte_order_mark(self.file) {
            self.note(
                1,
                Severity::Warning,
                "a byte order mark: several SDKs do not read this file",
            );
        }
        let mut lines = Lexer::new(text);
        let mut before_any = true;
        while let Some(line) = lines.next() {
            match line.kind {
                LineKind::Section { inner, trailing } => {
                    before_any = false;
                    if !self.open(&line, inner, trailing, wanted) {
                        lines.skip_to_section();
                    }
                }
                LineKind::Blank | LineKind::Comment { indented: false } => {}
                _ if before_any => {
                    self.note(line.number, Severity::Warning, "a line before the first section");
                }
                kind => self.line(line.number, kind),
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
        let (header, note) = match classify(inner, self.file) {
            Classified::Known(header, note) => (header, note),
            Classified::Foreign => return false,
            Classified::Invalid(reason) => {
                self.note(line.number, Severity::Warning, reason);
                return false;
            }
        };
        if !wanted(&header) {
            return false;
        }
        if trailing {
            self.note(line.number, Severity::Warning, "text behind the closing bracket is ignored");
        }
        if let Some(note) = note {
            self.note(line.number, Severity::Warning, note);
        }
        self.enter(header, line.number)
    }

    fn enter(&mut self, header: Header<'a>, line: usize) -> bool {
        let key = (header.kind, header.name.clone());
        let Some(&index) = self.sections.index.get(&key) else {
            self.section = Some(self.sections.sections.len());
            self.sections.index.insert(key, self.sections.sections.len());
            let file = self.file;
            let (settings, error) = (Vec::new(), None);
            self.sections.sections.push(Section { header, file, line, settings, error });
            return true;
        };
        let Some(existing) = self.sections.sections.get_mut(index) else { return false };
        if existing.file == self.file {
            match (existing.header.weak, header.weak) {
                // `[profile default]` replaces `[default]`, in whatever order they come.
                (true, false) => {
                    *existing = Section { header, line, settings: Vec::new(), ..existing.clone() };
                    existing.error = None;
                    self.note(line, Severity::Warning, "[profile default] replaces [default]");
                }
                (false, true) => {
                    self.note(line, Severity::Warning, "[profile default] replaces this [default]");
                    return false;
                }
                _ => self.note(
                    line,
                    Severity::Warning,
                    "the section is repeated: botocore and the AWS CLI refuse such a file",
                ),
            }
        }
        self.section = Some(index);
        true
    }

    fn line(&mut self, number: usize, kind: LineKind<'a>) {
        match (kind, self.nesting) {
            (LineKind::Comment { .. }, _) => {
                self.note(
                    number,
                    Severity::Warning,
                    "an indented comment: part of a value to some SDKs",
                );
            }
            (LineKind::Junk { reason }, _) => {
                self.nesting = Nesting::None;
                self.error(number, reason);
            }
            (LineKind::Property { name, value }, _) => self.property(number, name, value),
            (LineKind::Indented { .. }, Nesting::Dropped) => {}
            (LineKind::Indented { text }, Nesting::Setting) => self.nested(number, text),
            (LineKind::Indented { text }, Nesting::None) => match split_property(text) {
                Some((name, value)) => {
                    self.note(
                        number,
                        Severity::Warning,
                        "an indented setting: SDKs other than botocore refuse it",
                    );
                    self.property(number, name, value);
                    // Otherwise the settings below it, as indented as it is, would continue it.
                    self.nesting = Nesting::None;
                }
                None => self.error(number, "an indented line that continues nothing"),
            },
            (LineKind::Blank | LineKind::Section { .. }, _) => {}
        }
    }

    fn property(&mut self, line: usize, name: &'a str, value: &'a str) {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-/.%@:+".contains(&byte);
        if !name.bytes().all(is_allowed) {
            self.nesting = Nesting::Dropped;
            self.note(
                line,
                Severity::Warning,
                "the name of the setting is not valid; it is ignored",
            );
            return;
        }
        self.nesting = Nesting::Setting;
        let file = self.file;
        let setting =
            Setting { name: lower(name), value: value.into(), nested: Vec::new(), file, line };
        let Some(section) = self.section.and_then(|index| self.sections.sections.get_mut(index))
        else {
            return;
        };
        // The setting goes last, so that lines that continue it find it there.
        let previous = section.settings.iter().position(|other| other.name == setting.name);
        let repeated = previous.map(|index| section.settings.remove(index));
        if file == FileKind::Credentials && KEY_GROUP.iter().take(2).any(|key| *key == setting.name)
        {
            section.settings.retain(|other| {
                other.file == FileKind::Credentials || !KEY_GROUP.contains(&&*other.name)
            });
        }
        section.settings.push(setting);
        if repeated.is_some_and(|previous| previous.file == file) {
            self.note(
                line,
                Severity::Warning,
                "the setting is repeated: botocore and the AWS CLI refuse such a file",
            );
        }
    }

    fn nested(&mut self, line: usize, text: &'a str) {
        let setting = self
            .section
            .and_then(|index| self.sections.sections.get_mut(index))
            .and_then(|section| section.settings.last_mut());
        let Some(setting) = setting else { return };
        if !setting.value.is_empty() {
            let value = setting.value.to_mut();
            value.push('\n');
            value.push_str(text);
        } else if let Some((name, value)) = split_property(text) {
            setting.nested.push(Nested { name: lower(name), value, line });
        } else {
            self.error(line, "expected a nested `name = value`");
        }
    }

    fn error(&mut self, line: usize, message: &str) {
        let index = self.sections.diagnostics.len();
        self.note(line, Severity::Error, message);
        if let Some(section) = self.section.and_then(|index| self.sections.sections.get_mut(index))
        {
            section.error.get_or_insert(index);
        }
    }

    fn note(&mut self, line: usize, severity: Severity, message: &str) {
        let place = self.sections.place(self.file, line);
        let message = message.to_owned();
        self.sections.diagnostics.push(Diagnostic { place, column: 1, severity, message });
    }
}

fn lower(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        name.to_ascii_lowercase().into()
    } else {
        name.into()
    }
}
