//! Where the sections and settings of a file stand, for edits.

use std::ops::Range;

use crate::header::{Classified, classify};
use crate::lex::{Lexer, split_property};
use crate::{FileKind, LineKind, SectionKind};

/// A section that stands in the text.
pub(crate) struct Found {
    /// From the header to the last line that belongs to the section.
    pub(crate) span: Range<usize>,
    /// What stands between the brackets.
    pub(crate) inner: Range<usize>,
    /// The settings, in their order.
    pub(crate) settings: Vec<FoundSetting>,
    weak: bool,
    /// Whether an indented line would continue the last setting.
    is_open: bool,
}

/// A setting that stands in the text.
pub(crate) struct FoundSetting {
    pub(crate) name: Range<usize>,
    pub(crate) value: Range<usize>,
    /// The comment behind the value.
    pub(crate) comment: Option<Range<usize>>,
    /// The lines that belong to the setting.
    pub(crate) lines: Range<usize>,
    /// The names and values nested below.
    nested: Vec<(Range<usize>, Range<usize>)>,
}

/// Finds the sections of a name; of `[default]` and `[profile default]` only those that count.
pub(crate) fn locate(text: &str, file: FileKind, kind: SectionKind, name: &str) -> Vec<Found> {
    let range = |part: &str| {
        let start = (part.as_ptr() as usize) - (text.as_ptr() as usize);
        start..start + part.len()
    };
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let offset = range(body).start;
    let mut sections: Vec<Found> = Vec::new();
    let mut inside = false;
    for line in Lexer::new(body) {
        let span = line.span.start + offset..line.span.end + offset;
        if let LineKind::Section { inner, .. } = line.kind {
            inside = false;
            if let Classified::Known(header, _) = classify(inner, file)
                && (header.kind, header.name) == (kind, name)
            {
                inside = true;
                let (inner, weak) = (range(inner), header.weak);
                sections.push(Found { span, inner, settings: Vec::new(), weak, is_open: false });
            }
            continue;
        }
        let Some(section) = sections.last_mut().filter(|_| inside) else { continue };
        let end = span.end;
        if section.take(span, line.kind, text, &range) {
            section.span.end = end;
        }
    }
    let strong = sections.iter().any(|section| !section.weak);
    sections.retain(|section| !(strong && section.weak));
    sections
}

impl Found {
    /// Takes a line of the section; tells whether the section reaches up to it.
    fn take(
        &mut self,
        span: Range<usize>,
        kind: LineKind<'_>,
        text: &str,
        range: &impl Fn(&str) -> Range<usize>,
    ) -> bool {
        let (name, value) = match (kind, self.settings.last_mut()) {
            (LineKind::Property { name, value, .. }, _) => (name, value),
            (LineKind::Indented { text: line }, Some(last)) if self.is_open => {
                last.lines.end = span.end;
                if last.value.is_empty()
                    && let Some((name, value)) = split_property(line)
                {
                    last.nested.push((range(name), range(value)));
                }
                return true;
            }
            (LineKind::Indented { text: line }, _) => match split_property(line) {
                Some(setting) => setting,
                None => return true,
            },
            // What nobody understands belongs to the section; blank lines and comments at its end
            // may belong to the next one.
            (LineKind::Junk { .. }, _) => {
                self.is_open = false;
                return true;
            }
            _ => return false,
        };
        let value = range(value);
        let rest = text.get(value.end..span.end).unwrap_or_default().trim();
        let comment = rest.starts_with(['#', ';']).then(|| range(rest));
        let (name, nested) = (range(name), Vec::new());
        // Below an indented setting the next indented line is a setting of its own.
        self.is_open = span.start == name.start;
        self.settings.push(FoundSetting { name, value, comment, lines: span, nested });
        true
    }

    pub(crate) fn setting(&self, text: &str, name: &str) -> Option<&FoundSetting> {
        self.settings.iter().rfind(|setting| setting.is_named(text, name))
    }
}

impl FoundSetting {
    pub(crate) fn is_named(&self, text: &str, name: &str) -> bool {
        text.get(self.name.clone()).is_some_and(|own| own.eq_ignore_ascii_case(name))
    }

    /// Returns the value of a nested setting.
    pub(crate) fn nested(&self, text: &str, name: &str) -> Option<Range<usize>> {
        let is_it = |own: &Range<usize>| {
            text.get(own.clone()).is_some_and(|own| own.eq_ignore_ascii_case(name))
        };
        self.nested.iter().rfind(|(own, _)| is_it(own)).map(|(_, value)| value.clone())
    }
}
