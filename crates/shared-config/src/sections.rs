use std::borrow::Cow;
use std::collections::HashMap;

use crate::header::{Classified, classify};
use crate::lex::{Lexer, split_property};
use crate::{
    Diagnostic, FileKind, Files, Header, Line, LineKind, Place, Profile, ProfileError, SectionKind,
    Severity, SsoSession,
};

/// The sections of both files, borrowed from their texts and merged: sections of one name within a
/// file are one section, of settings of one name the last one counts, and a profile of the
/// credentials file overlays the one of the config file.
#[derive(Debug)]
pub struct Sections<'a> {
    files: &'a Files,
    sections: Vec<Section<'a>>,
    index: HashMap<(SectionKind, Cow<'a, str>), usize>,
    diagnostics: Vec<Diagnostic>,
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
    error: Option<usize>,
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

/// The settings that make up one set of keys: a file that has the id or the secret has them all.
const KEY_GROUP: [&str; 4] =
    ["aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_account_id"];

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
            Parser { sections: &mut sections, file, section: None, nesting: Nesting::None }
                .run(&wanted);
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
