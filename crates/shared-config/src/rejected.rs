//! Sections that somebody wrote for a name and that are not read: such a name is not absent.

use crate::header::{Classified, classify};
use crate::lex::{Line, is_blank, lex, section, trim, trim_start};
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

    /// Tells of each section that says where credentials come from and that is not read, so that
    /// nobody can use it: `[dev]` in the config file, for one.
    pub fn unread(&self) -> Vec<Diagnostic> {
        let mut unread = Vec::new();
        for file in [FileKind::Config, FileKind::Credentials] {
            let mut last = None;
            for line in lex(self.files.text(file)) {
                match header(self.files.text(file), &line, file) {
                    Some(Header::Read) => last = None,
                    Some(Header::Unread(inner, reason)) => {
                        last = Some((inner, reason, line.number, line.span.start));
                    }
                    None => {
                        let LineKind::Property { name, .. } = line.kind else { continue };
                        let is_for_credentials =
                            CREDENTIALS.iter().any(|begin| name.starts_with(begin));
                        let Some((inner, reason, number, start)) =
                            last.filter(|_| is_for_credentials)
                        else {
                            continue;
                        };
                        last = None;
                        let (kind, name) = meant(inner);
                        let column = self.column(file, inner, start);
                        unread.push(self.diagnostic(file, number, column, kind, name, reason));
                    }
                }
            }
        }
        unread
    }

    /// Looks at every line of both files; only who asks in vain waits for it.
    fn rejected(&self, kind: SectionKind, name: &str) -> Option<Diagnostic> {
        for file in [FileKind::Config, FileKind::Credentials] {
            let text = self.files.text(file);
            for line in lex(text) {
                let Some(Header::Unread(inner, reason)) = header(text, &line, file) else {
                    continue;
                };
                if could_mean(inner, kind, name) {
                    let column = self.column(file, inner, line.span.start);
                    return Some(self.diagnostic(file, line.number, column, kind, name, reason));
                }
            }
        }
        None
    }

    fn column(&self, file: FileKind, inner: &str, line_start: usize) -> usize {
        let start = (inner.as_ptr() as usize) - (self.files.text(file).as_ptr() as usize);
        start - line_start + 1
    }

    fn diagnostic(
        &self,
        file: FileKind,
        line: usize,
        column: usize,
        kind: SectionKind,
        name: &str,
        reason: Option<&str>,
    ) -> Diagnostic {
        let prefix = prefix(kind);
        let reason = match reason {
            Some(reason) => reason.to_owned(),
            None => format!("in the config file its header is `[{prefix} {name}]`"),
        };
        Diagnostic {
            place: self.place(file, line),
            column,
            severity: Severity::Error,
            message: format!("this is not read as {prefix} `{name}`: {reason}"),
        }
    }
}

/// How the settings begin that say where credentials come from.
const CREDENTIALS: [&str; 6] = [
    "aws_access_key_id",
    "credential_process",
    "credential_source",
    "role_arn",
    "sso_",
    "web_identity_token_file",
];

/// The header of a section.
enum Header<'a> {
    Read,
    /// What stands in it, and why it is not read where that is known.
    Unread(&'a str, Option<&'static str>),
}

fn header<'a>(text: &'a str, line: &Line<'a>, file: FileKind) -> Option<Header<'a>> {
    match line.kind {
        LineKind::Section { inner, .. } => Some(match classify(inner, file) {
            Classified::Known(..) => Header::Read,
            Classified::Foreign => Header::Unread(inner, None),
            Classified::Invalid(reason) => Header::Unread(inner, Some(reason)),
        }),
        LineKind::Indented { text } => match section(text) {
            LineKind::Section { inner, .. } => Some(Header::Unread(inner, Some(INDENTED_HEADER))),
            _ => None,
        },
        LineKind::Junk { reason } => {
            let text = text.get(line.span.clone()).unwrap_or_default();
            let inner = text.trim_end().strip_prefix('[')?;
            Some(Header::Unread(inner, Some(reason)))
        }
        _ => None,
    }
}

/// What whoever wrote a header most likely meant.
fn meant(inner: &str) -> (SectionKind, &str) {
    let inner = trim(inner);
    let kinds = [SectionKind::Profile, SectionKind::SsoSession, SectionKind::Services];
    let named = kinds.into_iter().find_map(|kind| {
        let (own, rest) = inner.split_at_checked(prefix(kind).len())?;
        let is_own =
            own.eq_ignore_ascii_case(prefix(kind)) && rest.bytes().next().is_some_and(is_blank);
        is_own.then(|| (kind, trim_start(rest)))
    });
    named.unwrap_or((SectionKind::Profile, inner))
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
                      [profile a]\n  x = 1\n  [profile deep]\n['q q']\n[\"r r\"]\n";
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
            ("q q", "config:10:2: this is not read as profile `q q`: in the config file"),
            ("r r", "config:11:2: this is not read as profile `r r`: in the config file"),
            ("none", "there is no profile `none` in ~/.aws/config"),
        ] {
            let error = error(config, "", name);
            assert!(error.contains(expected), "{error}");
        }
        let error = error("", "[profile dev]\nx = 1\n", "dev");
        assert!(error.contains("credentials:1:2: this is not read as profile `dev`: the cred"));
    }

    #[test]
    fn sections_for_credentials_that_nobody_can_use_are_told() {
        let config = "[dev]\nsso_session = s\nsso_role_name = r\n[plugins]\ncli = x\n\
                      [profile good]\nrole_arn = a\n[Profile up]\nrole_arn = a\n\
                      [sso-session my portal]\nsso_region = x\n[other]\nregion = x\n\
                      [profiles]\nrole_arn = a\n";
        let files = Files::from_texts(config, "[profile dev]\naws_access_key_id = a\n[ok]\n");
        let unread = Sections::parse(&files).unread();
        let told: Vec<String> = unread.iter().map(ToString::to_string).collect();
        let expected = [
            "config:1:2: this is not read as profile `dev`: in the config file",
            "config:8:2: this is not read as profile `up`: in the config file",
            "config:10:2: this is not read as sso-session `my portal`",
            "config:14:2: this is not read as profile `profiles`",
            "credentials:1:2: this is not read as profile `dev`",
        ];
        assert_eq!(told.len(), expected.len(), "{told:?}");
        for (told, expected) in told.iter().zip(expected) {
            assert!(told.contains(expected), "{told}");
        }
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
