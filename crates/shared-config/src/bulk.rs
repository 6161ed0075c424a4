//! Many profiles of a file at once, in one pass over its text.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use crate::lex::Lexer;
use crate::locate::{Found, locate_if};
use crate::writable::{check_setting, check_value, is_plain_name, is_quotable_name};
use crate::{Document, EditError, LineKind, SectionKind};

/// A change of one profile, see [`Document::edit_profiles`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProfileEdit {
    /// Adds a profile at the end of the file, below a blank line.
    #[non_exhaustive]
    Add {
        /// Its name.
        name: String,
        /// Its settings, in their order.
        settings: Vec<(String, String)>,
    },
    /// Sets and removes settings of a profile that is there.
    #[non_exhaustive]
    Change {
        /// Its name.
        name: String,
        /// The settings that are set.
        set: Vec<(String, String)>,
        /// Those that are removed.
        unset: Vec<String>,
    },
    /// Removes a profile with the blank line above it.
    #[non_exhaustive]
    Remove {
        /// Its name.
        name: String,
        /// Whether the line end before it goes, too, if nothing follows: for a profile that was
        /// added to a file whose last line had none.
        joined: bool,
    },
    /// Gives a profile another name.
    #[non_exhaustive]
    Rename {
        /// Its name.
        from: String,
        /// The new one.
        to: String,
    },
}

impl ProfileEdit {
    /// Adds a profile at the end of the file.
    pub fn add(name: impl Into<String>, settings: Vec<(String, String)>) -> Self {
        Self::Add { name: name.into(), settings }
    }

    /// Sets and removes settings.
    pub fn change(name: impl Into<String>, set: Vec<(String, String)>, unset: Vec<String>) -> Self {
        Self::Change { name: name.into(), set, unset }
    }

    /// Removes a profile.
    pub fn remove(name: impl Into<String>, joined: bool) -> Self {
        Self::Remove { name: name.into(), joined }
    }

    /// Gives a profile another name.
    pub fn rename(from: impl Into<String>, to: impl Into<String>) -> Self {
        Self::Rename { from: from.into(), to: to.into() }
    }
}

/// A part of the text, and what stands there instead.
type Splice = (Range<usize>, String);

impl Document {
    /// Lets profiles be added by [`Document::edit_profiles`] whose names only botocore, the AWS CLI and
    /// this crate read: with blanks or with characters such as `&`. They stand in quotes. Control
    /// characters, brackets, and both kinds of quotes in one name are refused still.
    pub fn allow_any_names(&mut self) {
        self.any_names = true;
    }

    /// Edits many profiles at once: what takes each edit a pass over the text takes one for all.
    ///
    /// A profile may be changed and renamed, each once; one that is not there is left alone. What a file gains by profiles that are added goes again where they are removed.
    ///
    /// # Errors
    /// As [`Document::set`], and where a profile that is added is there; the text is unchanged then.
    pub fn edit_profiles(&mut self, edits: &[ProfileEdit]) -> Result<(), EditError> {
        if edits.is_empty() {
            return Ok(());
        }
        let mut found: HashMap<&str, Vec<Found>> = HashMap::new();
        let all = locate_if(&self.text, self.file, |header| header.kind == SectionKind::Profile);
        for (name, section) in all {
            found.entry(name).or_default().push(section);
        }
        let mut splices: Vec<Splice> = Vec::new();
        let mut added = String::new();
        let mut names = HashSet::new();
        let mut joined_at = None;
        for edit in edits {
            match edit {
                ProfileEdit::Add { name, settings } => {
                    self.check_new(name, &found, &mut names)?;
                    self.write_profile(&mut added, name, settings)?;
                }
                ProfileEdit::Change { name, set, unset } => {
                    let sections = found.get(name.as_str()).map_or(&[][..], Vec::as_slice);
                    self.change(sections, set, unset, &mut splices)?;
                }
                ProfileEdit::Remove { name, joined } => {
                    for section in found.get(name.as_str()).into_iter().flatten() {
                        let range = self.removed(section);
                        if *joined && joined_at.is_none() {
                            joined_at = Some(range.start);
                        }
                        splices.push((range, String::new()));
                    }
                }
                ProfileEdit::Rename { from, to } => {
                    self.check_new(to, &found, &mut names)?;
                    let header = self.header(SectionKind::Profile, to);
                    for section in found.get(from.as_str()).into_iter().flatten() {
                        splices.push((section.inner.clone(), header.clone()));
                    }
                }
            }
        }
        self.text = Arc::new(spliced(&self.text, splices, &added, joined_at));
        Ok(())
    }

    /// Returns the profiles with comments in them, behind values and headers too.
    pub fn profiles_with_comments(&self) -> HashSet<&str> {
        let all = locate_if(&self.text, self.file, |header| header.kind == SectionKind::Profile);
        let has_comments = |found: &Found| {
            let text = |range: Range<usize>| self.text.get(range).unwrap_or_default().trim();
            // Behind the bracket of the header.
            let mut at = found.inner.end + 1;
            let mut settings = found.settings.iter();
            let is_bare = settings.all(|setting| {
                let between = at..setting.lines.start;
                at = setting.lines.end;
                text(between).is_empty() && setting.comment.is_none()
            });
            !is_bare || !text(at..found.span.end).is_empty()
        };
        all.into_iter().filter(|(_, found)| has_comments(found)).map(|(name, _)| name).collect()
    }

    fn check_new<'e>(
        &self,
        name: &'e str,
        found: &HashMap<&str, Vec<Found>>,
        names: &mut HashSet<&'e str>,
    ) -> Result<(), EditError> {
        let is_allowed = is_plain_name(name) || (self.any_names && is_quotable_name(name));
        if !is_allowed {
            return Err(EditError::Name(name.to_owned()));
        }
        if found.contains_key(name) || !names.insert(name) {
            return Err(EditError::Exists(self.header(SectionKind::Profile, name)));
        }
        Ok(())
    }

    fn write_profile(
        &self,
        added: &mut String,
        name: &str,
        settings: &[(String, String)],
    ) -> Result<(), EditError> {
        let end = self.line_end();
        if added.is_empty() && !self.text.is_empty() && !self.text.ends_with(['\n', '\r']) {
            added.push_str(end);
        }
        if !added.is_empty() || !self.text.is_empty() {
            added.push_str(end);
        }
        let header = self.header(SectionKind::Profile, name);
        added.push_str(&format!("[{header}]{end}"));
        for (name, value) in settings {
            check_setting(name)?;
            check_value(name, value)?;
            added.push_str(&format!("{name} = {value}{end}"));
        }
        Ok(())
    }

    fn change(
        &self,
        sections: &[Found],
        set: &[(String, String)],
        unset: &[String],
        splices: &mut Vec<Splice>,
    ) -> Result<(), EditError> {
        let Some(last) = sections.last() else { return Ok(()) };
        for name in unset {
            let all = sections.iter().flat_map(|section| &section.settings);
            let named = all.filter(|setting| setting.is_named(&self.text, name));
            let end = self.line_end();
            let without = named.map(|it| (it.lines.clone(), it.without(&self.text, end)));
            splices.extend(without);
        }
        let mut new = String::new();
        for (name, value) in set {
            check_setting(name)?;
            check_value(name, value)?;
            match sections.iter().rev().find_map(|section| section.setting(&self.text, name)) {
                Some(setting) => {
                    let line = setting.line_with(&self.text, value, self.line_end());
                    splices.push((setting.lines.clone(), line));
                }
                None => {
                    let (indent, end) = (last.indent(&self.text), self.line_end());
                    new.push_str(&format!("{indent}{name} = {value}{end}"));
                }
            }
        }
        if !new.is_empty() {
            let before = self.text.get(..last.span.end).unwrap_or_default();
            if !before.ends_with(['\n', '\r']) {
                new.insert_str(0, self.line_end());
            }
            splices.push((last.span.end..last.span.end, new));
        }
        Ok(())
    }

    /// The part of the text that goes with a section.
    fn removed(&self, section: &Found) -> Range<usize> {
        let before = self.text.get(..section.span.start).unwrap_or_default();
        without_blank_line(before).len()..section.span.end
    }
}

/// Takes the last line away, if it is blank.
fn without_blank_line(text: &str) -> &str {
    let ended = without_line_end(text);
    let start = ended.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let line = ended.get(start..).unwrap_or_default();
    let is_blank = Lexer::new(line).all(|line| line.kind == LineKind::Blank);
    if is_blank { text.get(..start).unwrap_or_default() } else { text }
}

fn without_line_end(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

/// Puts the splices in; where nothing is left behind `joined_at`, the line end before it goes, too.
fn spliced(text: &str, mut splices: Vec<Splice>, added: &str, joined_at: Option<usize>) -> String {
    splices.sort_by_key(|(range, _)| (range.start, range.end));
    let mut result = String::with_capacity(text.len() + added.len());
    let (mut at, mut joined) = (0, None);
    for (range, new) in splices {
        result.push_str(text.get(at..range.start).unwrap_or_default());
        if joined_at == Some(range.start) && joined.is_none() {
            joined = Some(result.len());
        }
        result.push_str(&new);
        at = range.end.max(at);
    }
    result.push_str(text.get(at..).unwrap_or_default());
    result.push_str(added);
    if joined == Some(result.len()) {
        result.truncate(without_line_end(&result).len());
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FileKind;

    fn edited(text: &str, edits: &[ProfileEdit]) -> String {
        let mut document = Document::new(text, FileKind::Config);
        document.edit_profiles(edits).unwrap();
        document.to_string()
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    fn add(name: &str) -> ProfileEdit {
        ProfileEdit::add(name, vec![pair("region", "r")])
    }

    #[test]
    fn many_edits_are_one() {
        let text =
            "# mine\n[profile a]\nregion = x # why\n\n[profile b]\n  x = 1\n\n[default]\ny = 2\n";
        let edits = [
            ProfileEdit::change("a", vec![pair("region", "z"), pair("new", "1")], Vec::new()),
            ProfileEdit::change("b", vec![pair("n", "2")], vec!["x".to_owned()]),
            ProfileEdit::rename("default", "other"),
            add("c"),
            add("d"),
        ];
        assert_eq!(
            edited(text, &edits),
            "# mine\n[profile a]\n# why\nregion = z\nnew = 1\n\n[profile b]\n  n = 2\n\n\
             [profile other]\ny = 2\n\n[profile c]\nregion = r\n\n[profile d]\nregion = r\n"
        );
    }

    #[test]
    fn what_is_added_goes_again_to_the_byte() {
        for text in [
            "",
            "\n",
            "\n\n\n",
            "[profile a]\nx = 1",
            "[profile a]\nx = 1\n",
            "[profile a]\r\nx = 1\r\n\r\n",
            "# only a comment",
            "\u{feff}[default]\nx = 1\n",
        ] {
            let with = edited(text, &[add("p"), add("q"), add("r")]);
            assert_ne!(with, text);
            let joined = !text.is_empty() && !text.ends_with('\n');
            let remove = |name: &str| ProfileEdit::remove(name, joined && name == "p");
            let all = ["p", "q", "r"].map(remove);
            assert_eq!(edited(&with, &all), text, "{text:?}");
            let one_by_one =
                ["r", "q", "p"].iter().fold(with, |text, name| edited(&text, &[remove(name)]));
            assert_eq!(one_by_one, text, "{text:?}");
        }
    }

    #[test]
    fn names_that_only_some_tools_read_are_written_where_that_is_wanted() {
        for name in
            ["a b", "R&D (x)", "a/b:c%d", "a #b ;c", "it's", "say \"hi\"", "a\\b", "Süd", " "]
        {
            let mut document = Document::new("[profile a]\n", FileKind::Config);
            assert!(document.edit_profiles(&[add(name)]).is_err(), "{name}");
            document.allow_any_names();
            document.edit_profiles(&[add(name)]).unwrap();
            let files = crate::Files::from_texts(document.as_str(), "");
            let sections = crate::Sections::parse(&files);
            let names: Vec<_> = sections.profiles().map(|section| section.name()).collect();
            assert_eq!(names, ["a", name], "{}", document.as_str());
        }
        let mut document = Document::new("", FileKind::Config);
        document.allow_any_names();
        for name in ["", "a]b", "[a", "a\nb", "'\"", "it's\\"] {
            assert!(document.edit_profiles(&[add(name)]).is_err(), "{name}");
        }
    }

    #[test]
    fn what_a_person_wrote_around_it_stays() {
        let text =
            "[profile a]\nx = 1\n\n# about g\n[profile g]\nx = 1\n\n# about b\n[profile b]\n";
        assert_eq!(
            edited(text, &[ProfileEdit::remove("g", true)]),
            "[profile a]\nx = 1\n\n# about g\n\n# about b\n[profile b]\n"
        );
    }

    #[test]
    fn comments_of_a_profile_are_seen_wherever_they_stand() {
        let text = "[profile a]\nx = 1\n\n# above b\n[profile b] # c\nx = 1\n[profile c]\n# in c\n\
                    x = 1\n[profile d]\nx = 1 # d\n[profile e]\nx =\n  y = 1\n; z\nz = 2\n\
                    [ profile f ]\nx = 1\n# at the end\n";
        let document = Document::new(text, FileKind::Config);
        let mut found: Vec<_> = document.profiles_with_comments().into_iter().collect();
        found.sort_unstable();
        assert_eq!(found, ["b", "c", "d", "e"]);
    }

    #[test]
    fn a_name_that_is_taken_or_that_some_tool_does_not_read_changes_nothing() {
        let mut document = Document::new("[profile a]\n", FileKind::Config);
        for edits in [
            vec![add("a")],
            vec![add("b"), add("b")],
            vec![add("b c")],
            vec![add("b"), ProfileEdit::rename("a", "b")],
            vec![ProfileEdit::add("b", vec![pair("x", "a\nb")])],
        ] {
            assert!(document.edit_profiles(&edits).is_err(), "{edits:?}");
            assert_eq!(document.as_str(), "[profile a]\n");
        }
    }
}
