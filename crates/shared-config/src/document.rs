use std::fmt;
use std::sync::Arc;

use crate::lex::{is_shared_name, lex};
use crate::locate::{Found, locate};
use crate::writable::{check_setting, check_value, is_plain_name};
use crate::{EditError, FileKind, LineKind, SectionKind};

/// A configuration file to be edited: what is not edited stays as it is, byte for byte.
///
/// What is written is read alike by botocore, Go, Rust and JavaScript: `name = value` in the first
/// column, no quotes, no comments behind values, nested settings indented by two blanks directly
/// below their parent. What could not be written so is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// A copy costs nothing until it is edited.
    pub(crate) text: Arc<String>,
    pub(crate) file: FileKind,
    pub(crate) any_names: bool,
}

impl Document {
    /// Takes the text of a file as it is.
    pub fn new(text: impl Into<String>, file: FileKind) -> Self {
        Self::shared(Arc::new(text.into()), file)
    }

    pub(crate) fn shared(text: Arc<String>, file: FileKind) -> Self {
        Self { text, file, any_names: false }
    }

    /// Whether every tool would read a value of a setting alike: others are refused.
    pub fn takes_value(value: &str) -> bool {
        check_value("", value).is_ok()
    }

    /// Returns the text to write.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Sets a setting of a section; both are made where they are not there. Lines that continued
    /// the old value go with it, a comment behind it moves to a line of its own.
    ///
    /// # Errors
    /// Fails where not every tool would read the result alike; the text is unchanged then.
    pub fn set(
        &mut self,
        kind: SectionKind,
        section: &str,
        name: &str,
        value: &str,
    ) -> Result<(), EditError> {
        check_setting(name)?;
        check_value(name, value)?;
        self.check_section(kind, section)?;
        let end = self.line_end();
        let sections = self.find(kind, section);
        let existing = sections.iter().rev().find_map(|found| found.setting(&self.text, name));
        if let Some(setting) = existing {
            let line = setting.line_with(&self.text, value, end);
            self.text_mut().replace_range(setting.lines.clone(), &line);
            return Ok(());
        }
        let (at, indent) = self.place_for_new(&sections, kind, section);
        self.insert(at, &format!("{indent}{name} = {value}{end}"));
        Ok(())
    }

    /// Sets a setting that is nested below `parent`, such as the `endpoint_url` of a service.
    ///
    /// # Errors
    /// As [`Document::set`]; also where the parent has a value of its own.
    pub fn set_nested(
        &mut self,
        kind: SectionKind,
        section: &str,
        parent: &str,
        name: &str,
        value: &str,
    ) -> Result<(), EditError> {
        check_setting(parent)?;
        check_setting(name)?;
        check_value(name, value)?;
        self.check_section(kind, section)?;
        let end = self.line_end();
        let sections = self.find(kind, section);
        if let Some(found) =
            sections.iter().rev().find_map(|found| found.setting(&self.text, parent))
        {
            if !found.value.is_empty() {
                let reason = "the parent has a value, nothing can be nested below it";
                return Err(EditError::Value { name: parent.to_owned(), reason });
            }
            match found.nested(&self.text, name) {
                Some(old) => self.text_mut().replace_range(old, value),
                None => {
                    let indent = found.indent(&self.text).to_owned();
                    self.insert(found.lines.end, &format!("{indent}  {name} = {value}{end}"));
                }
            }
            return Ok(());
        }
        let (at, indent) = self.place_for_new(&sections, kind, section);
        self.insert(at, &format!("{indent}{parent} ={end}{indent}  {name} = {value}{end}"));
        Ok(())
    }

    /// Removes a setting with the lines that belong to it; tells whether there was one. A comment
    /// behind the value moves to a line of its own.
    pub fn unset(&mut self, kind: SectionKind, section: &str, name: &str) -> bool {
        let end = self.line_end();
        let mut removed = false;
        for found in self.find(kind, section).iter().rev() {
            for setting in found.settings.iter().rev() {
                if setting.is_named(&self.text, name) {
                    let comment = setting.without(&self.text, end);
                    self.text_mut().replace_range(setting.lines.clone(), &comment);
                    removed = true;
                }
            }
        }
        removed
    }

    /// Adds an empty section.
    ///
    /// # Errors
    /// Fails where it is there already, or not every tool would read its name.
    pub fn add_section(&mut self, kind: SectionKind, section: &str) -> Result<(), EditError> {
        self.check_section(kind, section)?;
        if !self.find(kind, section).is_empty() {
            return Err(EditError::Exists(self.header(kind, section)));
        }
        self.append(kind, section);
        Ok(())
    }

    /// Removes a section with its settings and the blank lines behind it; comments that stand above
    /// the next section stay. Tells whether there was one.
    pub fn remove_section(&mut self, kind: SectionKind, section: &str) -> bool {
        let sections = self.find(kind, section);
        for found in sections.iter().rev() {
            let rest = self.text.get(found.span.end..).unwrap_or_default();
            let blank = lex(rest).take_while(|line| line.kind == LineKind::Blank).last();
            let end = found.span.end + blank.map_or(0, |line| line.span.end);
            self.text_mut().replace_range(found.span.start..end, "");
        }
        !sections.is_empty()
    }

    /// Renames a section; tells whether there was one.
    ///
    /// # Errors
    /// Fails where there is one of the new name, or not every tool would read it.
    pub fn rename_section(
        &mut self,
        kind: SectionKind,
        from: &str,
        to: &str,
    ) -> Result<bool, EditError> {
        self.check_section(kind, to)?;
        if !self.find(kind, to).is_empty() {
            return Err(EditError::Exists(self.header(kind, to)));
        }
        let inner = self.header(kind, to);
        let sections = self.find(kind, from);
        for found in sections.iter().rev() {
            self.text_mut().replace_range(found.inner.clone(), &inner);
        }
        Ok(!sections.is_empty())
    }

    /// Returns where a new setting goes, and its indent.
    fn place_for_new(
        &mut self,
        sections: &[Found],
        kind: SectionKind,
        section: &str,
    ) -> (usize, String) {
        match sections.last() {
            Some(found) => (found.span.end, found.indent(&self.text).to_owned()),
            None => (self.append(kind, section), String::new()),
        }
    }

    /// Makes a section at the end of the file; returns where its settings go.
    fn append(&mut self, kind: SectionKind, section: &str) -> usize {
        let end = self.line_end();
        if !self.text.is_empty() && !self.text.ends_with(['\n', '\r']) {
            self.text_mut().push_str(end);
        }
        if lex(&self.text).last().is_some_and(|line| line.kind != LineKind::Blank) {
            self.text_mut().push_str(end);
        }
        let header = self.header(kind, section);
        self.text_mut().push_str(&format!("[{header}]{end}"));
        self.text.len()
    }

    fn insert(&mut self, at: usize, line: &str) {
        let before = self.text.get(..at).unwrap_or_default();
        let end = if before.ends_with(['\n', '\r']) { "" } else { self.line_end() };
        self.text_mut().insert_str(at, &format!("{end}{line}"));
    }

    /// The line end that the file uses.
    pub(crate) fn line_end(&self) -> &'static str {
        let at = memchr::memchr2(b'\n', b'\r', self.text.as_bytes());
        let rest = at.and_then(|at| self.text.get(at..)).unwrap_or_default();
        if rest.starts_with("\r\n") {
            "\r\n"
        } else if rest.starts_with('\r') {
            "\r"
        } else {
            "\n"
        }
    }

    fn text_mut(&mut self) -> &mut String {
        Arc::make_mut(&mut self.text)
    }

    fn find(&self, kind: SectionKind, name: &str) -> Vec<Found> {
        locate(&self.text, self.file, kind, name)
    }

    pub(crate) fn header(&self, kind: SectionKind, name: &str) -> String {
        match (self.file, kind, name) {
            (FileKind::Credentials, ..) | (_, SectionKind::Profile, "default") => name.to_owned(),
            (_, SectionKind::Profile, _) if is_shared_name(name) => format!("profile {name}"),
            (_, SectionKind::Profile, _) if name.contains('\'') => format!("profile \"{name}\""),
            (_, SectionKind::Profile, _) => format!("profile '{name}'"),
            (_, SectionKind::Services, _) => format!("services {name}"),
            (_, SectionKind::SsoSession, _) => format!("sso-session {name}"),
        }
    }

    fn check_section(&self, kind: SectionKind, name: &str) -> Result<(), EditError> {
        if self.file == FileKind::Credentials && kind != SectionKind::Profile {
            return Err(EditError::Kind);
        }
        // A section that is there may be edited whatever its name is.
        if is_plain_name(name) || !self.find(kind, name).is_empty() {
            Ok(())
        } else {
            Err(EditError::Name(name.to_owned()))
        }
    }
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use SectionKind::{Profile, Services, SsoSession};

    fn edited(text: &str, edit: impl FnOnce(&mut Document)) -> String {
        let mut document = Document::new(text, FileKind::Config);
        edit(&mut document);
        document.to_string()
    }

    #[test]
    fn a_value_is_replaced_and_everything_else_stays() {
        let text = "\u{feff}# mine\r\n[profile a] ; c\r\nregion=x # why\r\n  more\r\n\r\n; end\r\n";
        let set = |document: &mut Document| document.set(Profile, "a", "region", "y").unwrap();
        assert_eq!(
            edited(text, set),
            "\u{feff}# mine\r\n[profile a] ; c\r\n# why\r\nregion = y\r\n\r\n; end\r\n"
        );
    }

    #[test]
    fn an_indented_setting_stays_indented() {
        let set = |document: &mut Document| document.set(Profile, "a", "x", "3").unwrap();
        assert_eq!(
            edited("[profile a]\n  x = 1\n  y = 2\n", set),
            "[profile a]\n  x = 3\n  y = 2\n"
        );
    }

    #[test]
    fn what_is_added_to_an_indented_section_stays_in_it_and_what_is_nested_below_its_parent() {
        let text = "[profile a]\n  s3 =\n    x = 1\n\n  [profile b]\n  y = 2\n";
        let edit = |document: &mut Document| {
            document.set(Profile, "a", "region", "z").unwrap();
            document.set_nested(Profile, "a", "s3", "endpoint_url", "http://s3").unwrap();
            document.set_nested(Profile, "a", "sts", "k", "v").unwrap();
        };
        assert_eq!(
            edited(text, edit),
            "[profile a]\n  s3 =\n    x = 1\n    endpoint_url = http://s3\n  region = z\n  sts =\n    \
             k = v\n\n  [profile b]\n  y = 2\n"
        );
    }

    #[test]
    fn a_line_that_nobody_understands_ends_the_setting_before_it() {
        let unset = |document: &mut Document| assert!(document.unset(Profile, "a", "y"));
        assert_eq!(
            edited("[profile a]\nx = 1\nwhat\n y = 2\n", unset),
            "[profile a]\nx = 1\nwhat\n"
        );
    }

    #[test]
    fn a_new_setting_goes_behind_the_last_one() {
        let text = "[profile a]\ns3 =\n  x = 1\n\n# of b\n[profile b]\n";
        let set = |document: &mut Document| document.set(Profile, "a", "region", "y").unwrap();
        assert_eq!(
            edited(text, set),
            "[profile a]\ns3 =\n  x = 1\nregion = y\n\n# of b\n[profile b]\n"
        );
    }

    #[test]
    fn a_new_section_goes_to_the_end() {
        let set = |document: &mut Document| {
            document.set(SsoSession, "s", "sso_region", "eu-west-1").unwrap();
            document
                .set(SsoSession, "s", "sso_start_url", "https://d-1.awsapps.com/start")
                .unwrap();
            document.set(Profile, "default", "region", "x").unwrap();
        };
        assert_eq!(
            edited("[profile a]\nx = 1", set),
            "[profile a]\nx = 1\n\n[sso-session s]\nsso_region = eu-west-1\n\
             sso_start_url = https://d-1.awsapps.com/start\n\n[default]\nregion = x\n"
        );
        assert!(edited("", set).starts_with("[sso-session s]\n"));
    }

    #[test]
    fn the_section_that_counts_is_edited() {
        let set = |document: &mut Document| document.set(Profile, "default", "x", "2").unwrap();
        assert_eq!(
            edited("[profile default]\nx = 1\n[default]\nx = 1\n", set),
            "[profile default]\nx = 2\n[default]\nx = 1\n"
        );
    }

    #[test]
    fn nested_settings_are_indented_below_their_parent() {
        let set = |document: &mut Document| {
            document
                .set_nested(Services, "l", "sso", "endpoint_url", "http://localhost:1")
                .unwrap();
            document
                .set_nested(Services, "l", "sso", "endpoint_url", "http://localhost:2")
                .unwrap();
            document.set_nested(Services, "l", "sso", "other", "3").unwrap();
        };
        assert_eq!(
            edited("", set),
            "[services l]\nsso =\n  endpoint_url = http://localhost:2\n  other = 3\n"
        );
    }

    #[test]
    fn settings_and_sections_are_removed_with_all_that_belongs_to_them() {
        let text =
            "[profile a]\nx = 1\n  more\ny = 2\n\n# of b\n[profile b]\nX = 3\n[profile a]\nx = 4\n";
        let unset = |document: &mut Document| assert!(document.unset(Profile, "a", "x"));
        assert_eq!(
            edited(text, unset),
            "[profile a]\ny = 2\n\n# of b\n[profile b]\nX = 3\n[profile a]\n"
        );
        let remove = |document: &mut Document| assert!(document.remove_section(Profile, "a"));
        assert_eq!(edited(text, remove), "# of b\n[profile b]\nX = 3\n");
    }

    #[test]
    fn a_section_is_renamed_where_it_stands() {
        let rename = |document: &mut Document| {
            assert_eq!(document.rename_section(Profile, "a", "b"), Ok(true));
            assert_eq!(document.rename_section(Profile, "gone", "c"), Ok(false));
            assert!(document.rename_section(Profile, "b", "default").is_err());
        };
        assert_eq!(
            edited("[profile a] # c\nx = 1\n[default]\n", rename),
            "[profile b] # c\nx = 1\n[default]\n"
        );
    }
}
