use std::num::NonZeroU32;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::arena::{RawSection, index_of};
use crate::header::{Classified, classify};
use crate::setting::RawSetting;
use crate::{
    Diagnostic, FileKind, Files, Header, LineKind, Nested, Place, Profile, ProfileError,
    SectionKind, Setting, SsoSession, parser,
};

/// The sections of both files, borrowed from their texts and merged: sections of one name within a
/// file are one section, of settings of one name the last one counts, and a profile of the
/// credentials file overlays the one of the config file.
#[derive(Debug)]
pub struct Sections<'a> {
    pub(crate) files: &'a Files,
    pub(crate) sections: Vec<RawSection<'a>>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The settings of all sections; each names the next one of its section.
    pub(crate) settings: Vec<RawSetting>,
    /// The sections by kind and name.
    pub(crate) index: HashTable<u32>,
    pub(crate) hasher: DefaultHashBuilder,
}

/// One section, with the settings of both files.
#[derive(Clone, Copy, Debug)]
pub struct Section<'s, 'a> {
    sections: &'s Sections<'a>,
    raw: &'s RawSection<'a>,
}

impl<'a> Sections<'a> {
    /// Parses everything.
    pub fn parse(files: &'a Files) -> Self {
        let mut sections = Self::empty(files);
        for file in [FileKind::Config, FileKind::Credentials] {
            sections.reserve(files.text(file));
            parser::run(&mut sections, file, &|_: &Header<'_>| true);
        }
        sections
    }

    /// Parses what one profile needs: its own sections and all that it may refer to by name. The
    /// other profiles are skipped, which is most of a large file.
    pub fn for_profile(files: &'a Files, name: &str) -> Self {
        Self::parse_if(files, |header| is_for_profile(header, name))
    }

    /// Parses the sections whose header is wanted; they are what [`Sections::parse`] makes of them.
    pub fn parse_if(files: &'a Files, wanted: impl Fn(&Header<'_>) -> bool) -> Self {
        let mut sections = Self::empty(files);
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
        let profile = self.any_profile(name)?;
        self.check(profile.section)?;
        Ok(profile)
    }

    /// Returns a profile although a line of it was not understood; see [`Sections::diagnostics`].
    ///
    /// # Errors
    /// Fails where there is none of that name.
    pub fn any_profile(&self, name: &str) -> Result<Profile<'_, 'a>, ProfileError> {
        let section = self.known(SectionKind::Profile, name)?;
        Ok(Profile { sections: self, section })
    }

    /// Returns the section of a profile, whatever stands in it.
    pub fn profile_section(&self, name: &str) -> Option<Section<'_, 'a>> {
        self.section(SectionKind::Profile, name)
    }

    /// Returns the header of the section that a line of the files stands in, `None` for one that is
    /// not known or not there.
    pub fn header_above(&self, place: &Place) -> Option<Header<'a>> {
        let kinds = [FileKind::Config, FileKind::Credentials];
        let file = kinds.into_iter().find(|kind| self.files.path(*kind) == place.path)?;
        let mut header = None;
        for line in crate::lex(self.files.text(file)).take(place.line) {
            if let LineKind::Section { inner, .. } = line.kind {
                header = match classify(inner, file) {
                    Classified::Known(header, _) => Some(header),
                    _ => None,
                };
            }
        }
        header
    }

    /// Returns an sso-session.
    ///
    /// # Errors
    /// Fails where there is none of that name, and where it lacks something.
    pub fn sso_session(&self, name: &str) -> Result<SsoSession<'a>, ProfileError> {
        let section = self.known(SectionKind::SsoSession, name)?;
        self.check(section)?;
        Ok(SsoSession::new(self, section)?)
    }

    /// Returns the profiles in the order of the files.
    pub fn profiles(&self) -> impl Iterator<Item = Section<'_, 'a>> {
        self.of_kind(SectionKind::Profile)
    }

    /// Returns the profiles in the order of the files, each with its name and as
    /// [`Sections::profile`] has it.
    pub fn each_profile(
        &self,
    ) -> impl Iterator<Item = (&'a str, Result<Profile<'_, 'a>, ProfileError>)> {
        self.profiles().map(|section| (section.name(), self.profile(section.name())))
    }

    /// Returns the sso-sessions in the order of the file.
    pub fn sso_sessions(&self) -> impl Iterator<Item = Section<'_, 'a>> {
        self.of_kind(SectionKind::SsoSession)
    }

    /// Returns the services sections in the order of the file.
    pub fn services(&self) -> impl Iterator<Item = Section<'_, 'a>> {
        self.of_kind(SectionKind::Services)
    }

    /// Returns the settings nested below `service` in `[services NAME]`.
    ///
    /// # Errors
    /// Fails where there is no such section, and where a line of it was not understood.
    pub fn service(&self, name: &str, service: &str) -> Result<Vec<Nested<'a>>, ProfileError> {
        let section = self.known(SectionKind::Services, name)?;
        self.check(section)?;
        Ok(section.get(service).map(|setting| setting.nested()).unwrap_or_default())
    }

    /// Returns the lines that are not as every tool expects them.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Returns where a line stands.
    pub fn place(&self, file: FileKind, line: usize) -> Place {
        Place { path: self.files.path(file).to_owned(), line }
    }

    fn check(&self, section: Section<'_, '_>) -> Result<(), ProfileError> {
        match section.raw.error.and_then(|index| self.diagnostics.get(index)) {
            Some(diagnostic) => Err(ProfileError::Syntax(diagnostic.clone())),
            None => Ok(()),
        }
    }

    fn known(&self, kind: SectionKind, name: &str) -> Result<Section<'_, 'a>, ProfileError> {
        self.section(kind, name).ok_or_else(|| self.absent(kind, name))
    }

    pub(crate) fn section(&self, kind: SectionKind, name: &str) -> Option<Section<'_, 'a>> {
        let raw = self.sections.get(self.find(kind, name)?)?;
        Some(Section { sections: self, raw })
    }

    fn of_kind(&self, kind: SectionKind) -> impl Iterator<Item = Section<'_, 'a>> {
        let of_kind = self.sections.iter().filter(move |section| section.header.kind == kind);
        of_kind.map(|raw| Section { sections: self, raw })
    }
}

impl<'s, 'a> Section<'s, 'a> {
    /// Returns kind and name.
    pub fn header(&self) -> Header<'a> {
        self.raw.header
    }

    /// Returns the name.
    pub fn name(&self) -> &'a str {
        self.raw.header.name
    }

    /// Returns the file of its first header.
    pub fn file(&self) -> FileKind {
        self.raw.file
    }

    /// Returns the line of its first header, from 1.
    pub fn line(&self) -> usize {
        self.raw.line
    }

    /// Returns the settings.
    pub fn settings(&self) -> impl Iterator<Item = Setting<'s, 'a>> + use<'s, 'a> {
        let sections = self.sections;
        let get = |number: Option<NonZeroU32>| sections.settings.get(index_of(number?));
        let all = std::iter::successors(get(self.raw.first), move |raw| get(raw.next));
        all.map(move |raw| Setting::new(sections.files, raw))
    }

    /// Returns a setting by its name in lower case.
    pub fn get(&self, name: &str) -> Option<Setting<'s, 'a>> {
        self.settings().find(|setting| setting.is_called(name))
    }

    /// Returns the value of a setting that stands on one line; an empty one is none.
    pub fn value(&self, name: &str) -> Option<&'a str> {
        self.get(name)?.line_value()
    }
}

/// Whether what one profile needs may be in a section.
pub(crate) fn is_for_profile(header: &Header<'_>, name: &str) -> bool {
    header.kind != SectionKind::Profile || header.name == name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(config: &str, credentials: &str, profile: &str) -> Vec<(String, String)> {
        let files = Files::from_texts(config, credentials);
        let sections = Sections::parse(&files);
        let profile = sections.section(SectionKind::Profile, profile).unwrap();
        let mut values: Vec<_> = profile
            .settings()
            .map(|setting| (setting.name().into_owned(), setting.value().into_owned()))
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
        assert_eq!(profile.get("x").unwrap().value(), "1\nmore # kept\nand");
        let nested: Vec<_> = profile
            .get("s3")
            .unwrap()
            .nested()
            .into_iter()
            .map(|nested| (nested.name.into_owned(), nested.value, nested.line))
            .collect();
        assert_eq!(nested, [("a".into(), "1", 7), ("b".into(), "2 # kept", 8)]);
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
    fn what_is_nested_in_an_indented_section_stays_nested() {
        let config = "[profile a]\n  s3 =\n    endpoint_url = http://s3\n  x = 1\n     more\n y = 2\n\
                      [services v]\n\tsso =\n\t\tendpoint_url = http://sso\n";
        let expected = pairs(&[("s3", ""), ("x", "1\nmore"), ("y", "2")]);
        assert_eq!(values(config, "", "a"), expected);
        let files = Files::from_texts(config, "");
        let nested = Sections::parse(&files).service("v", "sso").unwrap();
        assert_eq!((&*nested[0].name, nested[0].value), ("endpoint_url", "http://sso"));
    }

    #[test]
    fn settings_below_an_indented_header_belong_to_no_section() {
        let config = "[profile a]\n  x = 1\n  [profile b]\n  endpoint_url = http://b\n";
        let files = Files::from_texts(config, "");
        let sections = Sections::parse(&files);
        assert!(sections.profile("a").unwrap_err().to_string().contains("config:3:3: an indented"));
        assert_eq!(values(config, "", "a"), pairs(&[("x", "1")]));
    }

    #[test]
    fn a_byte_order_mark_hides_nothing() {
        assert_eq!(values("\u{feff}[default]\nx = 1\n", "", "default"), pairs(&[("x", "1")]));
    }
}
