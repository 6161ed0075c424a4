//! Sections that somebody wrote for a name and that are not read: such a name is not absent.

use crate::header::{Classified, classify};
use crate::lex::{is_blank, lex, section, trim, trim_start};
use crate::parser::INDENTED_HEADER;
use crate::{Diagnostic, FileKind, LineKind, ProfileError, SectionKind, Sections, Severity};

impl Sections<'_> {
    /// Tells why there is no section of a name: the one that was meant is not read, or there is none.
    pub(crate) fn absent(&self, kind: SectionKind, name: &str) -> ProfileError {
        if let Some(rejected) = self.rejected(kind, name) {
            return ProfileError::Rejected(rejected);
        }
        let (name, config) = (name.to_owned(), self.files.path(FileKind::Config).to_owned());
        match kind {
            SectionKind::Profile => ProfileError::Unknown { name, config },
            SectionKind::Services => ProfileError::UnknownServices { name, config },
            SectionKind::SsoSession => ProfileError::UnknownSession { name, config },
        }
    }

    /// Looks at every line of both files; only who asks in vain waits for it.
    fn rejected(&self, kind: SectionKind, name: &str) -> Option<Diagnostic> {
        for file in [FileKind::Config, FileKind::Credentials] {
            for line in lex(self.files.text(file)) {
                let (inner, reason) = match line.kind {
                    LineKind::Section { inner, .. } => match classify(inner, file) {
                        Classified::Known(..) => continue,
                        Classified::Foreign => (inner, None),
                        Classified::Invalid(reason) => (inner, Some(reason)),
                    },
                    LineKind::Indented { text } => match section(text) {
                        LineKind::Section { inner, .. } => (inner, Some(INDENTED_HEADER)),
                        _ => continue,
                    },
                    LineKind::Junk { reason } => {
                        let text = self.files.text(file).get(line.span.clone()).unwrap_or_default();
                        match text.trim_end().strip_prefix('[') {
                            Some(inner) => (inner, Some(reason)),
                            None => continue,
                        }
                    }
                    _ => continue,
                };
                if !could_mean(inner, kind, name) {
                    continue;
                }
                let prefix = prefix(kind);
                let reason = match reason {
                    Some(reason) => reason.to_owned(),
                    None => format!("in the config file its header is `[{prefix} {name}]`"),
                };
                let start = (inner.as_ptr() as usize) - (self.files.text(file).as_ptr() as usize);
                return Some(Diagnostic {
                    place: self.place(file, line.number),
                    column: start - line.span.start + 1,
                    severity: Severity::Error,
                    message: format!("this is not read as {prefix} `{name}`: {reason}"),
                });
            }
        }
        None
    }
}

/// Whether whoever wrote a header may have meant a section.
fn could_mean(inner: &str, kind: SectionKind, name: &str) -> bool {
    let inner = trim(inner);
    let is_it = |text: &str| {
        let quoted = |quote| text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote));
        name == text || quoted('"') == Some(name) || quoted('\'') == Some(name)
    };
    let blank = inner.bytes().position(is_blank).unwrap_or(inner.len());
    let (own, rest) = inner.split_at(blank);
    (kind == SectionKind::Profile && is_it(inner))
        || (own.eq_ignore_ascii_case(prefix(kind)) && is_it(trim_start(rest)))
}

fn prefix(kind: SectionKind) -> &'static str {
    match kind {
        SectionKind::Profile => "profile",
        SectionKind::Services => "services",
        SectionKind::SsoSession => "sso-session",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Files;

    fn error(config: &str, credentials: &str, name: &str) -> String {
        let files = Files::from_texts(config, credentials);
        Sections::for_profile(&files, name).profile(name).unwrap_err().to_string()
    }

    #[test]
    fn a_section_that_is_not_read_is_told_where_its_name_is_asked_for() {
        let config = "[dev]\nregion = x\n[profile my prof]\n[Profile up]\n[profile open\nx = 1\n\
                      [profile a]\n  x = 1\n  [profile deep]\n";
        for (name, expected) in [
            (
                "dev",
                "config:1:2: this is not read as profile `dev`: in the config file its header is `[profile dev]`",
            ),
            (
                "my prof",
                "config:3:2: this is not read as profile `my prof`: the name has characters",
            ),
            (
                "up",
                "config:4:2: this is not read as profile `up`: in the config file its header is",
            ),
            ("open", "config:5:2: this is not read as profile `open`: the section header has no"),
            ("deep", "config:9:4: this is not read as profile `deep`: an indented section header"),
            ("none", "there is no profile `none` in ~/.aws/config"),
        ] {
            let error = error(config, "", name);
            assert!(error.contains(expected), "{error}");
        }
        let error = error("", "[profile dev]\nx = 1\n", "dev");
        assert!(error.contains("credentials:1:2: this is not read as profile `dev`: the cred"));
    }

    #[test]
    fn sessions_and_services_too() {
        let files = Files::from_texts("[sso-session my portal]\n[services 'a'b']\n", "");
        let sections = Sections::parse(&files);
        let error = sections.sso_session("my portal").unwrap_err().to_string();
        assert!(error.contains("config:1:2: this is not read as sso-session"), "{error}");
        assert!(matches!(sections.service("a", "s"), Err(ProfileError::UnknownServices { .. })));
    }
}
