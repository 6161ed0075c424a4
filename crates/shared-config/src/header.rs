use crate::FileKind;
use crate::lex::{is_blank, is_shared_name, trim, trim_start};

/// What a section is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the kinds that the shared configuration has")]
pub enum SectionKind {
    /// `[default]`, `[profile NAME]`; `[NAME]` in the credentials file.
    Profile,
    /// `[services NAME]`
    Services,
    /// `[sso-session NAME]`
    SsoSession,
}

/// The kind and the name of a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Header<'a> {
    /// The kind.
    pub kind: SectionKind,
    /// The name, without the quotes that the AWS CLI writes around names with blanks.
    pub name: &'a str,
    /// Whether it is `[default]` in the config file, which counts only where there is no
    /// `[profile default]`.
    pub weak: bool,
}

/// What the text between two brackets is.
pub(crate) enum Classified<'a> {
    /// A section that counts; a note where other tools may see it otherwise.
    Known(Header<'a>, Option<&'static str>),
    /// A section of another tool.
    Foreign,
    /// A section that is not valid and why.
    Invalid(&'static str),
}

pub(crate) fn classify(inner: &str, file: FileKind) -> Classified<'_> {
    let trimmed = trim(inner);
    let note = (trimmed.len() != inner.len())
        .then_some("blanks inside the brackets: botocore and JavaScript do not see this section");
    let blank = trimmed.bytes().position(is_blank);
    let prefixed = blank.and_then(|at| Some((trimmed.get(..at)?, trim_start(trimmed.get(at..)?))));
    let kind = match prefixed {
        Some(("profile", name)) => Some((SectionKind::Profile, name)),
        Some(("services", name)) => Some((SectionKind::Services, name)),
        Some(("sso-session", name)) => Some((SectionKind::SsoSession, name)),
        _ => None,
    };
    let header = |kind, name, weak, note| match valid_name(name) {
        Ok((name, name_note)) => Classified::Known(Header { kind, name, weak }, name_note.or(note)),
        Err(reason) => Classified::Invalid(reason),
    };
    match (file, kind) {
        (FileKind::Config, Some((kind, name))) => header(kind, name, false, note),
        (FileKind::Config, None) if trimmed == "default" => {
            header(SectionKind::Profile, trimmed, true, note)
        }
        (FileKind::Config, None) => Classified::Foreign,
        (FileKind::Credentials, Some(_)) => {
            Classified::Invalid("the credentials file has profiles only, without a prefix")
        }
        (FileKind::Credentials, None) => header(SectionKind::Profile, trimmed, false, note),
    }
}

type NamedOrReason<'a> = Result<(&'a str, Option<&'static str>), &'static str>;

fn valid_name(name: &str) -> NamedOrReason<'_> {
    for quote in ['"', '\''] {
        if let Some(inner) = name.strip_prefix(quote).and_then(|name| name.strip_suffix(quote)) {
            return if inner.is_empty() || inner.contains(quote) {
                Err("the quoted name is not valid")
            } else {
                Ok((inner, Some("a quoted name: only the AWS CLI and botocore read it")))
            };
        }
    }
    if name.is_empty() {
        Err("the section has no name")
    } else if is_shared_name(name) {
        Ok((name, None))
    } else if name.split(|c: char| !c.is_ascii() && c.is_alphanumeric()).all(is_shared_name) {
        Ok((name, Some("letters outside ASCII: several SDKs do not read this name")))
    } else {
        Err("the name has characters outside A-Z, a-z, 0-9 and _-/.%@:+")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(inner: &str, file: FileKind) -> Option<(SectionKind, String)> {
        match classify(inner, file) {
            Classified::Known(header, _) => Some((header.kind, header.name.to_owned())),
            _ => None,
        }
    }

    #[test]
    fn the_config_file_has_prefixes_and_the_credentials_file_none() {
        use FileKind::{Config, Credentials};
        let profile = |name: &str| Some((SectionKind::Profile, name.to_owned()));
        let session = |name: &str| Some((SectionKind::SsoSession, name.to_owned()));
        assert_eq!(known("default", Config), profile("default"));
        assert_eq!(known("profile a", Config), profile("a"));
        assert_eq!(known("profile\t a", Config), profile("a"));
        assert_eq!(known(" profile a ", Config), profile("a"));
        assert_eq!(known("profile 'my prof'", Config), profile("my prof"));
        assert_eq!(known("profile Größe", Config), profile("Größe"));
        for refused in ["profile Größe!", "profile ✓", "profile ''", "profile 'a'b'"] {
            assert_eq!(known(refused, Config), None, "{refused}");
        }
        assert_eq!(known("sso-session s", Config), session("s"));
        for other in
            ["a", "profilea", "plugins", "profiles a", "profile", "profile a b", "profile !"]
        {
            assert_eq!(known(other, Config), None, "{other}");
        }
        assert_eq!(known("a", Credentials), profile("a"));
        assert_eq!(known("sso-sessionfoo", Credentials), profile("sso-sessionfoo"));
        assert_eq!(known("profile a", Credentials), None);
        assert_eq!(known("sso-session a", Credentials), None);
    }
}
