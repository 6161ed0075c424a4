//! Where the sections and settings of a file stand, for edits.

use std::ops::Range;

use crate::header::{Classified, Header, classify};
use crate::lex::{Lexer, section, split_property};
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
    /// How far the last setting is indented, where a line that is indented further continues it.
    open: Option<usize>,
    /// The blanks before an indented header that ends the section.
    blanks_behind: Option<Range<usize>>,
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
    let is_it = |header: &Header<'_>| (header.kind, header.name) == (kind, name);
    locate_if(text, file, is_it).into_iter().map(|(_, found)| found).collect()
}

/// Finds the sections that are wanted, with their names.
pub(crate) fn locate_if<'t>(
    text: &'t str,
    file: FileKind,
    is_wanted: impl Fn(&Header<'t>) -> bool,
) -> Vec<(&'t str, Found)> {
    let range = |part: &str| {
        let start = (part.as_ptr() as usize) - (text.as_ptr() as usize);
        start..start + part.len()
    };
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let offset = range(body).start;
    let mut sections: Vec<(&str, Found)> = Vec::new();
    let mut inside = false;
    for line in Lexer::new(body) {
        let span = line.span.start + offset..line.span.end + offset;
        if let LineKind::Section { inner, .. } = line.kind {
            inside = false;
            if let Classified::Known(header, _) = classify(inner, file)
                && is_wanted(&header)
            {
                inside = true;
                let (inner, weak) = (range(inner), header.weak);
                let (settings, open, blanks_behind) = (Vec::new(), None, None);
                let found = Found { span, inner, settings, weak, open, blanks_behind };
                sections.push((header.name, found));
            }
            continue;
        }
        let Some((_, found)) = sections.last_mut().filter(|_| inside) else { continue };
        let end = span.end;
        match found.take(span, line.kind, text, &range) {
            Taken::Own => found.span.end = end,
            Taken::Nothing => {}
            Taken::End(blanks) => {
                found.blanks_behind = Some(blanks);
                inside = false;
            }
        }
    }
    // Only the default profile has a weak header.
    let weak = sections.iter().find(|(_, found)| found.weak).map(|(name, _)| *name);
    if let Some(name) = weak
        && sections.iter().any(|(other, found)| *other == name && !found.weak)
    {
        sections.retain(|(_, found)| !found.weak);
    }
    sections
}

/// What a line is to the section above it.
enum Taken {
    /// A part of it.
    Own,
    /// Nothing: it may belong to the next section.
    Nothing,
    /// The header of another one, indented by these blanks.
    End(Range<usize>),
}

impl Found {
    /// Takes a line of the section.
    fn take(
        &mut self,
        span: Range<usize>,
        kind: LineKind<'_>,
        text: &str,
        range: &impl Fn(&str) -> Range<usize>,
    ) -> Taken {
        let indent = |part: &str| range(part).start - span.start;
        let (name, value) = match (kind, self.settings.last_mut()) {
            (LineKind::Property { name, value, .. }, _) => (name, value),
            (LineKind::Indented { text: line }, Some(last))
                if self.open.is_some_and(|open| indent(line) > open) =>
            {
                last.lines.end = span.end;
                if last.value.is_empty()
                    && let Some((name, value)) = split_property(line)
                {
                    last.nested.push((range(name), range(value)));
                }
                return Taken::Own;
            }
            (LineKind::Indented { text: line }, _) => match (section(line), split_property(line)) {
                (LineKind::Section { .. }, _) => {
                    return Taken::End(span.start..range(line).start);
                }
                (_, Some(setting)) => setting,
                (_, None) => {
                    self.open = None;
                    return Taken::Own;
                }
            },
            // What nobody understands belongs to the section; blank lines and comments at its end
            // may belong to the next one.
            (LineKind::Junk { .. }, _) => {
                self.open = None;
                return Taken::Own;
            }
            _ => return Taken::Nothing,
        };
        self.open = Some(indent(name));
        let value = range(value);
        let rest = text.get(value.end..span.end).unwrap_or_default().trim();
        let comment = rest.starts_with(['#', ';']).then(|| range(rest));
        let (name, nested) = (range(name), Vec::new());
        self.settings.push(FoundSetting { name, value, comment, lines: span, nested });
        Taken::Own
    }

    /// Returns the blanks that a new setting at the end needs: those of the one above it, or as many
    /// as are behind it, lest it takes what follows as its own.
    pub(crate) fn indent<'t>(&self, text: &'t str) -> &'t str {
        match (&self.blanks_behind, self.settings.last()) {
            (Some(blanks), _) => text.get(blanks.clone()).unwrap_or_default(),
            (None, Some(above)) => above.indent(text),
            (None, None) => "",
        }
    }

    pub(crate) fn setting(&self, text: &str, name: &str) -> Option<&FoundSetting> {
        self.settings.iter().rfind(|setting| setting.is_named(text, name))
    }
}

impl FoundSetting {
    pub(crate) fn is_named(&self, text: &str, name: &str) -> bool {
        text.get(self.name.clone()).is_some_and(|own| own.eq_ignore_ascii_case(name))
    }

    /// Returns the blanks before it.
    pub(crate) fn indent<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.lines.start..self.name.start).unwrap_or_default()
    }

    /// Returns its line with another value. A comment behind the old one gets a line of its own.
    pub(crate) fn line_with(&self, text: &str, value: &str, end: &str) -> String {
        let name = text.get(self.name.clone()).unwrap_or_default();
        // In the first column it would take what follows as its own.
        format!("{}{}{name} = {value}{end}", self.without(text, end), self.indent(text))
    }

    /// Returns what stays of its line where it is removed: a comment behind the value.
    pub(crate) fn without(&self, text: &str, end: &str) -> String {
        let comment = self.comment.clone().and_then(|comment| text.get(comment));
        comment.map(|comment| format!("{comment}{end}")).unwrap_or_default()
    }

    /// Returns the value of a nested setting.
    pub(crate) fn nested(&self, text: &str, name: &str) -> Option<Range<usize>> {
        let is_it = |own: &Range<usize>| {
            text.get(own.clone()).is_some_and(|own| own.eq_ignore_ascii_case(name))
        };
        self.nested.iter().rfind(|(own, _)| is_it(own)).map(|(_, value)| value.clone())
    }
}
