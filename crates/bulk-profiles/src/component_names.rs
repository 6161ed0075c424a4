use caseless::default_case_fold_str;
use regex_lite::Regex;

use crate::{AssignedRole, short_region};

/// Names profiles as `aws-sso-util configure populate` of version 4.33 does, byte for byte.
///
/// Two things are not as there: a regular expression is one of the crate `regex-lite`, which has no
/// look-around and in which `\w` and `\d` are ASCII, and literal text takes `{field}` but no
/// conversions of Python's `str.format`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ComponentNames {
    with_region: Vec<Piece>,
    without_region: Vec<Piece>,
    always_region: bool,
    raw_account_names: bool,
    trim_account_name: Vec<Regex>,
    trim_role_name: Vec<Regex>,
    account_name_case: Option<NameCase>,
    role_name_case: Option<NameCase>,
}

/// A change of case, by the name of Python's method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the choices that aws-sso-util has")]
pub enum NameCase {
    /// The first character in upper case, the others in lower.
    Capitalize,
    /// Lower case for comparisons: `ß` becomes `ss`.
    Casefold,
    /// Lower case.
    Lower,
    /// The first letter of each word in upper case, the others in lower.
    Title,
    /// Upper case.
    Upper,
}

/// Components that make no name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` makes no profile name; braces hold one of {known}", known = KNOWN.join(", "))]
pub struct ComponentError(String);

const KNOWN: [&str; 6] =
    ["account_name", "account_id", "account_number", "role_name", "region", "short_region"];

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    AccountName,
    AccountId,
    RoleName,
    Region,
    ShortRegion,
}

impl ComponentNames {
    /// What `aws-sso-util` has as `--components` by default.
    pub const COMPONENTS: &str = "account_name,role_name,default_style_region";

    /// Joins components, which are separated by commas: the fields of [`ComponentError`],
    /// `default_style_region`, and other words as they are. Profiles of the first region are named
    /// without it.
    ///
    /// # Errors
    /// Fails where a word has braces that are not understood.
    pub fn new(
        components: &str,
        separator: &str,
        long_regions: bool,
    ) -> Result<Self, ComponentError> {
        let default_region = if long_regions { "region" } else { "short_region" };
        let is_region =
            |word: &&str| matches!(*word, "default_style_region" | "region" | "short_region");
        let field =
            |word: &str| match if word == "default_style_region" { default_region } else { word } {
                known if KNOWN.contains(&known) => format!("{{{known}}}"),
                text => text.to_owned(),
            };
        let joined = |words: &mut dyn Iterator<Item = &str>| {
            let words: Vec<String> = words.map(field).collect();
            pieces(&words.join(separator))
        };
        Ok(Self {
            with_region: joined(&mut components.split(','))?,
            without_region: joined(&mut components.split(',').filter(|word| !is_region(word)))?,
            always_region: false,
            raw_account_names: false,
            trim_account_name: Vec::new(),
            trim_role_name: Vec::new(),
            account_name_case: None,
            role_name_case: None,
        })
    }

    /// Names the first region, too, or not.
    #[must_use]
    pub fn with_always_region(self, always_region: bool) -> Self {
        Self { always_region, ..self }
    }

    /// Leaves names of accounts as they are, or makes `-` of blanks and brackets.
    #[must_use]
    pub fn with_raw_account_names(self, raw_account_names: bool) -> Self {
        Self { raw_account_names, ..self }
    }

    /// Removes each match from the names of accounts and of roles.
    #[must_use]
    pub fn with_trimmed(self, account_name: Vec<Regex>, role_name: Vec<Regex>) -> Self {
        Self { trim_account_name: account_name, trim_role_name: role_name, ..self }
    }

    /// Changes the case of the names of accounts and of roles.
    #[must_use]
    pub fn with_case(self, account_name: Option<NameCase>, role_name: Option<NameCase>) -> Self {
        Self { account_name_case: account_name, role_name_case: role_name, ..self }
    }

    /// Returns the name of the profile of a role.
    pub fn name(&self, role: &AssignedRole<'_>) -> String {
        let changed = |text: &str, case: Option<NameCase>, trims: &[Regex]| {
            let text = case.map_or_else(|| text.to_owned(), |case| case.apply(text));
            trims.iter().fold(text, |text, trim| trim.replace_all(&text, "").into_owned())
        };
        let account_name =
            changed(&self.account_name(role), self.account_name_case, &self.trim_account_name);
        let role_name = changed(role.role_name, self.role_name_case, &self.trim_role_name);
        let region = role.region.unwrap_or_default();
        let has_region = self.always_region || role.region_index > 0;
        let pieces = if has_region { &self.with_region } else { &self.without_region };
        pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.clone(),
                Piece::AccountName => account_name.clone(),
                Piece::AccountId => role.account_id.to_owned(),
                Piece::RoleName => role_name.clone(),
                Piece::Region => region.to_owned(),
                Piece::ShortRegion => short_region(region),
            })
            .collect()
    }

    /// Returns the arguments of a program that names profiles (`--profile-name-process`): account
    /// name, account id, role, region, short region, number of the region from 0, and how many there
    /// are.
    pub fn process_arguments(&self, role: &AssignedRole<'_>, regions: usize) -> [String; 7] {
        let region = role.region.unwrap_or_default();
        [
            self.account_name(role),
            role.account_id.to_owned(),
            role.role_name.to_owned(),
            region.to_owned(),
            short_region(region),
            role.region_index.to_string(),
            regions.to_string(),
        ]
    }

    fn account_name(&self, role: &AssignedRole<'_>) -> String {
        let name = role.account_name.filter(|name| !name.is_empty());
        let name = name.unwrap_or(role.account_id);
        if self.raw_account_names {
            return name.to_owned();
        }
        let is_unsafe = |c: char| is_python_space(c) || matches!(c, '[' | ']');
        let mut safe = String::new();
        for c in name.chars() {
            match is_unsafe(c) {
                false => safe.push(c),
                true if !safe.ends_with(UNSAFE) => safe.push(UNSAFE),
                true => {}
            }
        }
        safe.replace(UNSAFE, "-").trim_matches('-').to_owned()
    }
}

/// Stands for a run of characters that become one `-`; Python counts it among the blanks, so that it
/// is in no name.
const UNSAFE: char = '\u{1f}';

/// What `\s` means in Python.
fn is_python_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

/// Reads what Python's `str.format` would be given.
fn pieces(format: &str) -> Result<Vec<Piece>, ComponentError> {
    let error = || ComponentError(format.to_owned());
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = format;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, brace) = rest.split_at_checked(at).ok_or_else(error)?;
        text.push_str(before);
        if let Some(after) = brace.strip_prefix("{{").or_else(|| brace.strip_prefix("}}")) {
            text.extend(brace.chars().next());
            rest = after;
            continue;
        }
        let (name, after) =
            brace.strip_prefix('{').and_then(|inner| inner.split_once('}')).ok_or_else(error)?;
        let field = match name {
            "account_name" => Piece::AccountName,
            "account_id" | "account_number" => Piece::AccountId,
            "role_name" => Piece::RoleName,
            "region" => Piece::Region,
            "short_region" => Piece::ShortRegion,
            _ => return Err(error()),
        };
        pieces.push(Piece::Text(std::mem::take(&mut text)));
        pieces.push(field);
        rest = after;
    }
    text.push_str(rest);
    pieces.push(Piece::Text(text));
    Ok(pieces)
}

impl NameCase {
    fn apply(self, text: &str) -> String {
        match self {
            Self::Capitalize => {
                let mut chars = text.char_indices();
                let first = chars.next().map(|(_, c)| titled(c)).unwrap_or_default();
                // Of the whole text: what a sigma becomes depends on what stands before it.
                let lower = text.to_lowercase();
                let of_first: String = text.chars().take(1).flat_map(char::to_lowercase).collect();
                first + lower.strip_prefix(&of_first).unwrap_or_default()
            }
            Self::Casefold => default_case_fold_str(text),
            Self::Lower => text.to_lowercase(),
            Self::Title => {
                let lower = text.to_lowercase();
                let mut lower = lower.as_str();
                let mut result = String::new();
                let mut is_within = false;
                for c in text.chars() {
                    // The same character of the text in lower case, a final sigma as such.
                    let length = c.to_lowercase().map(char::len_utf8).sum();
                    let (own, rest) = lower.split_at_checked(length).unwrap_or((lower, ""));
                    lower = rest;
                    result.push_str(&if is_within { own.to_owned() } else { titled(c) });
                    is_within = c.is_lowercase() || c.is_uppercase() || is_title(c);
                }
                result
            }
            Self::Upper => text.to_uppercase(),
        }
    }
}

/// Whether it is one of the few letters that stand for two, of which the first is in upper case.
fn is_title(c: char) -> bool {
    titled(c).chars().eq([c]) && !c.to_lowercase().eq([c])
}

fn titled(c: char) -> String {
    let mapped = unicode_case_mapping::to_titlecase(c);
    let mapped: String =
        mapped.into_iter().filter(|code| *code != 0).filter_map(char::from_u32).collect();
    if mapped.is_empty() { c.to_string() } else { mapped }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role<'r>(
        account_name: &'r str,
        role_name: &'r str,
        region_index: usize,
    ) -> AssignedRole<'r> {
        AssignedRole {
            account_id: "111122223333",
            account_name: Some(account_name),
            email_address: None,
            role_name,
            region: Some("us-gov-west-1"),
            region_index,
        }
    }

    fn names(components: &str) -> ComponentNames {
        ComponentNames::new(components, ".", false).unwrap()
    }

    #[test]
    fn the_first_region_is_left_out_with_its_separator() {
        let names = names(ComponentNames::COMPONENTS);
        assert_eq!(names.name(&role("Team A", "Admin", 0)), "Team-A.Admin");
        assert_eq!(names.name(&role("Team A", "Admin", 1)), "Team-A.Admin.govwe1");
        let always = names.with_always_region(true);
        assert_eq!(always.name(&role("Team A", "Admin", 0)), "Team-A.Admin.govwe1");
    }

    #[test]
    fn other_words_are_text_and_take_fields_in_braces() {
        let role = role("A", "R", 0);
        assert_eq!(
            names("aws,account_number, role_name").name(&role),
            "aws.111122223333. role_name"
        );
        assert_eq!(names("x-{account_id}{{}},role_name").name(&role), "x-111122223333{}.R");
        for wrong in ["{}", "{who}", "{role_name!r}", "{role_name:>9}", "{", "}", "{a"] {
            let error = ComponentNames::new(wrong, ".", false).unwrap_err().to_string();
            assert!(error.contains("account_id, account_number"), "{error}");
        }
    }

    #[test]
    fn account_names_are_safe_as_there_and_no_safer() {
        let safe = names("account_name");
        for (name, is_safe) in [
            ("  Team [A]\t/ x  ", "Team-A-/-x"),
            ("a - b", "a---b"),
            ("-a-", "a"),
            ("R&D (Ä)", "R&D-(Ä)"),
            ("a\u{1c}\u{3000}b", "a-b"),
            ("", "111122223333"),
        ] {
            assert_eq!(safe.name(&role(name, "R", 0)), is_safe, "{name:?}");
        }
        assert_eq!(safe.with_raw_account_names(true).name(&role(" a ", "R", 0)), " a ");
    }

    #[test]
    fn cases_are_those_of_python() {
        for (case, text, changed) in [
            (NameCase::Capitalize, "ßTEAM ǆA", "Ssteam ǆa"),
            (NameCase::Capitalize, "ΑΣ ΣΑΣ", "Ας σας"),
            (NameCase::Capitalize, "", ""),
            (NameCase::Casefold, "Straẞe Σς", "strasse σσ"),
            (NameCase::Lower, "TEAM ΑΣ", "team ας"),
            (NameCase::Title, "aWS o'neil 2nd ǆx ΑΣ", "Aws O'Neil 2Nd ǅx Ας"),
            (NameCase::Upper, "straße ŉ", "STRASSE ʼN"),
        ] {
            assert_eq!(case.apply(text), changed, "{case:?}");
        }
    }

    #[test]
    fn case_comes_before_trimming() {
        let regex = |text: &str| vec![Regex::new(text).unwrap()];
        let names = names("account_name,role_name")
            .with_case(Some(NameCase::Lower), None)
            .with_trimmed(regex("^team-"), regex("^AWS|Access$"));
        assert_eq!(names.name(&role("Team A", "AWSReadOnlyAccess", 0)), "a.ReadOnly");
    }
}
