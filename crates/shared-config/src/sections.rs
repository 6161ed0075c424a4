use std::borrow::Cow;
use std::collections::HashMap;

use crate::parser;
use crate::{
    Diagnostic, FileKind, Files, Header, Place, Profile, ProfileError, SectionKind, SsoSession,
};

/// The sections of both files, borrowed from their texts and merged: sections of one name within a
/// file are one section, of settings of one name the last one counts, and a profile of the
/// credentials file overlays the one of the config file.
#[derive(Debug)]
pub struct Sections<'a> {
    pub(crate) files: &'a Files,
    pub(crate) sections: Vec<Section<'a>>,
    pub(crate) index: HashMap<(SectionKind, Cow<'a, str>), usize>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// One section, with the settings of both files.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Section<'a> {
    /// Kind and name.
    pub header: Header<'a>,
    /// The file and the line of its first header.
    pub file: FileKind,
    /// The line of its first header, from 1.
    pub line: usize,
    /// The settings, in the order in which their names were first met.
    pub settings: Vec<Setting<'a>>,
    /// The first line that was not understood, as an index into [`Sections::diagnostics`].
    pub(crate) error: Option<usize>,
}

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Setting<'a> {
    /// The name in lower case.
    pub name: Cow<'a, str>,
    /// The value; lines that continue it are joined by a line feed.
    pub value: Cow<'a, str>,
    /// The settings nested below it, where its own value is empty.
    pub nested: Vec<Nested<'a>>,
    /// The file.
    pub file: FileKind,
    /// The line, from 1.
    pub line: usize,
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

impl<'a> Sections<'a> {
    /// Parses everything.
    pub fn parse(files: &'a Files) -> Self {
        Self::parse_if(files, |_| true)
    }

    /// Parses what one profile needs: its own sections and all that it may refer to by name. The
    /// other profiles are skipped, which is most of a large file.
    pub fn for_profile(files: &'a Files, name: &str) -> Self {
        Self::parse_if(files, |header| header.kind != SectionKind::Profile || header.name == name)
    }

    /// Parses the sections whose header is wanted; they are what [`Sections::parse`] makes of them.
    pub fn parse_if(files: &'a Files, wanted: impl Fn(&Header<'_>) -> bool) -> Self {
        let mut sections =
            Self { files, sections: Vec::new(), index: HashMap::new(), diagnostics: Vec::new() };
        for file in [FileKind::Config, FileKind::Credentials] {
            parser::run(&mut sections, file, &wanted);
        }
        sections
    }

    /// Returns a profile.
    ///
    /// # Errors
    /// Fails where there is none of that name, and where a line of it was not understood.
    pub fn profile(&self, name: &str) -> Result<Profile<'_, 'a>, ProfileError> {
        let section =
            self.section(SectionKind::Profile, name).ok_or_else(|| ProfileError::Unknown {
                name: name.to_owned(),
                config: self.files.path(FileKind::Config).to_owned(),
            })?;
        self.check(section)?;
        Ok(Profile { sections: self, section })
    }

    /// Returns an sso-session.
    ///
    /// # Errors
    /// Fails where there is none of that name, and where it lacks something.
    pub fn sso_session(&self, name: &str) -> Result<SsoSession<'_>, ProfileError> {
        let section = self.section(SectionKind::SsoSession, name).ok_or_else(|| {
            ProfileError::UnknownSession {
                name: name.to_owned(),
                config: self.files.path(FileKind::Config).to_owned(),
            }
        })?;
        self.check(section)?;
        Ok(SsoSession::new(self, section)?)
    }

    /// Returns the profiles in the order of the files.
    pub fn profiles(&self) -> impl Iterator<Item = &Section<'a>> {
        self.of_kind(SectionKind::Profile)
    }

    /// Returns the sso-sessions in the order of the file.
    pub fn sso_sessions(&self) -> impl Iterator<Item = &Section<'a>> {
        self.of_kind(SectionKind::SsoSession)
    }

    /// Returns the settings nested below `service` in `[services NAME]`, `None` where there is no
    /// such section.
    pub fn service(&self, name: &str, service: &str) -> Option<&[Nested<'a>]> {
        let section = self.section(SectionKind::Services, name)?;
        Some(section.get(service).map_or(&[], |setting| &setting.nested))
    }

    /// Returns the lines that are not as every tool expects them.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Returns where a line stands.
    pub fn place(&self, file: FileKind, line: usize) -> Place {
        Place { path: self.files.path(file).to_owned(), line }
    }

    fn check(&self, section: &Section<'_>) -> Result<(), ProfileError> {
        match section.error.and_then(|index| self.diagnostics.get(index)) {
            Some(diagnostic) => Err(ProfileError::Syntax(diagnostic.clone())),
            None => Ok(()),
        }
    }

    pub(crate) fn section(&self, kind: SectionKind, name: &str) -> Option<&Section<'a>> {
        self.sections.get(*self.index.get(&(kind, Cow::Borrowed(name)))?)
    }

    fn of_kind(&self, kind: SectionKind) -> impl Iterator<Item = &Section<'a>> {
        self.sections.iter().filter(move |section| section.header.kind == kind)
    }
}

impl<'a> Section<'a> {
    /// Returns a setting by its name in lower case.
    pub fn get(&self, name: &str) -> Option<&Setting<'a>> {
        self.settings.iter().find(|setting| setting.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(config: &str, credentials: &str, profile: &str) -> Vec<(String, String)> {
        let files = Files::from_texts(config, credentials);
        let sections = Sections::parse(&files);
        let profile = sections.section(SectionKind::Profile, profile).unwrap();
        let mut values: Vec<_> = profile
            .settings
            .iter()
            .map(|setting| (setting.name.to_string(), setting.value.to_string()))
            .collect();
        values.sort();
        values
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn sections_of_one_name_are_merged_and_the_last_setting_counts() {
        let config = "[profile a]\nx = 1\ny = 1\n[profile b]\nx = 9\n[profile a]\ny = 2\nz = 3\n";
        assert_eq!(values(config, "", "a"), pairs(&[("x", "1"), ("y", "2"), ("z", "3")]));
    }

    #[test]
    fn profile_default_replaces_default_in_any_order() {
        let strong = "[profile default]\ny = 2\n";
        let weak = "[default]\nx = 1\n";
        for config in [format!("{weak}{strong}"), format!("{strong}{weak}")] {
            assert_eq!(values(&config, "", "default"), pairs(&[("y", "2")]));
        }
    }

    #[test]
    fn the_credentials_file_overlays_and_brings_its_keys_as_a_group() {
        let config = "[profile a]\nregion = r\naws_access_key_id = C\naws_session_token = OLD\n";
        let credentials = "[a]\naws_access_key_id = K\naws_secret_access_key = S\n";
        assert_eq!(
            values(config, credentials, "a"),
            pairs(&[("aws_access_key_id", "K"), ("aws_secret_access_key", "S"), ("region", "r")])
        );
    }

    #[test]
    fn values_continue_and_nest() {
        let config = "[profile a]\nx = 1\n  more # kept\n\n  and\ns3 =\n  a = 1\n  b = 2 # kept\n";
        let files = Files::from_texts(config, "");
        let sections = Sections::parse(&files);
        let profile = sections.section(SectionKind::Profile, "a").unwrap();
        assert_eq!(profile.get("x").unwrap().value, "1\nmore # kept\nand");
        let nested: Vec<_> = profile
            .get("s3")
            .unwrap()
            .nested
            .iter()
            .map(|nested| (&*nested.name, nested.value, nested.line))
            .collect();
        assert_eq!(nested, [("a", "1", 7), ("b", "2 # kept", 8)]);
    }

    #[test]
    fn a_bad_line_spoils_its_own_section_only() {
        let config = "[profile a]\nx = 1\n[profile b]\nnonsense\n[profile c\ny = 2\n";
        let files = Files::from_texts(config, "");
        let sections = Sections::parse(&files);
        assert!(sections.profile("a").is_ok());
        let error = sections.profile("b").unwrap_err().to_string();
        assert_eq!(error, "~/.aws/config:4:1: expected `name = value`");
    }

    #[test]
    fn a_profile_whose_settings_are_all_indented_is_read() {
        let config = "[profile a]\n  x = 1\n  y = 2\n";
        assert_eq!(values(config, "", "a"), pairs(&[("x", "1"), ("y", "2")]));
    }

    #[test]
    fn a_byte_order_mark_hides_nothing() {
        assert_eq!(values("\u{feff}[default]\nx = 1\n", "", "default"), pairs(&[("x", "1")]));
    }
}
