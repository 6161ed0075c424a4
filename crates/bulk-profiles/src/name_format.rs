use std::borrow::Cow;

use heck::ToKebabCase;
use regex_lite::Regex;

use crate::{AssignedRole, short_region};

/// How profiles are named, such as `{account|slug}.{role}`.
///
/// | field | what it is |
/// |---|---|
/// | `account` | the name of the account, its id where it has none |
/// | `account-id` | twelve digits |
/// | `role` | the name of the permission set |
/// | `email-local` | what stands before the `@` of the account's e-mail address |
/// | `region`, `region-short` | the region of the profile, and as [`short_region`] writes it |
/// | `session` | the name of the sso-session |
///
/// | filter | what it does |
/// |---|---|
/// | `lower`, `upper` | changes the case |
/// | `kebab` | `TeamA Prod` becomes `team-a-prod` |
/// | `slug` | lower case; each run of other characters than letters and digits becomes `-` |
/// | `trim:REGEX` | removes each match |
/// | `replace:A:B` | replaces each `A` by `B` |
///
/// Where there is no field of the region, `.{region-short}` stands behind the names of all regions of
/// a role but the first one.
///
/// In the arguments of a filter, `\|`, `\:` and `\}` stand for these characters.
#[derive(Clone, Debug)]
pub struct NameFormat(Vec<Part>);

/// A format that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameFormatError {
    /// There is no such field.
    #[error("there is no field `{0}`; there are {fields}", fields = FIELDS.join(", "))]
    Field(String),
    /// There is no such filter, or it has other arguments.
    #[error(
        "there is no filter `{0}`; there are lower, upper, kebab, slug, trim:REGEX, replace:A:B"
    )]
    Filter(String),
    /// The regular expression of `trim` cannot be read.
    #[error("`{0}` is no regular expression")]
    Regex(String),
    /// A field does not end.
    #[error("a `}}` is missing behind `{{{0}`")]
    Open(String),
}

#[derive(Clone, Debug)]
enum Part {
    Text(String),
    Field(Field, Vec<Filter>),
}

const FIELDS: [&str; 7] =
    ["account", "account-id", "role", "email-local", "region", "region-short", "session"];

#[derive(Clone, Copy, Debug)]
enum Field {
    Account,
    AccountId,
    Role,
    EmailLocal,
    Region,
    RegionShort,
    Session,
}

#[derive(Clone, Debug)]
enum Filter {
    Lower,
    Upper,
    Kebab,
    Slug,
    Trim(Regex),
    Replace(String, String),
}

impl NameFormat {
    /// Reads a format.
    ///
    /// # Errors
    /// Fails with what there is instead of what is not understood.
    pub fn parse(text: &str) -> Result<Self, NameFormatError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let (inner, behind) =
                unescaped(after, '}').ok_or_else(|| NameFormatError::Open(after.to_owned()))?;
            parts.push(Part::parse(inner)?);
            rest = behind;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self(parts))
    }

    /// Whether names tell their region.
    fn has_region(&self) -> bool {
        let is_region =
            |part: &Part| matches!(part, Part::Field(Field::Region | Field::RegionShort, _));
        self.0.iter().any(is_region)
    }

    /// Writes the name for a role, as it is: it may hold characters that no profile can have.
    pub(crate) fn write(&self, name: &mut String, role: &AssignedRole<'_>, session: &str) {
        for part in &self.0 {
            match part {
                Part::Text(text) => name.push_str(text),
                Part::Field(field, filters) => {
                    let value = field.of(role, session);
                    let filtered =
                        |value: Cow<'_, str>, filter: &Filter| filter.apply(&value).into();
                    name.push_str(&filters.iter().fold(value, filtered));
                }
            }
        }
        if let (Some(region), 1.., false) = (role.region, role.region_index, self.has_region()) {
            name.push('.');
            name.push_str(&short_region(region));
        }
    }
}

impl Part {
    fn parse(inner: &str) -> Result<Self, NameFormatError> {
        let mut words = split(inner, '|').into_iter();
        let name = words.next().unwrap_or_default();
        let field = match name {
            "account" => Field::Account,
            "account-id" => Field::AccountId,
            "role" => Field::Role,
            "email-local" => Field::EmailLocal,
            "region" => Field::Region,
            "region-short" => Field::RegionShort,
            "session" => Field::Session,
            other => return Err(NameFormatError::Field(other.to_owned())),
        };
        let filters: Result<_, _> = words.map(Filter::parse).collect();
        Ok(Self::Field(field, filters?))
    }
}

impl Field {
    fn of<'r>(self, role: &AssignedRole<'r>, session: &'r str) -> Cow<'r, str> {
        let name = || role.account_name.filter(|name| !name.trim().is_empty());
        let region = role.region.unwrap_or_default();
        match self {
            Self::Account => name().unwrap_or(role.account_id).into(),
            Self::AccountId => role.account_id.into(),
            Self::Role => role.role_name.into(),
            Self::EmailLocal => {
                let email = role.email_address.unwrap_or_default();
                email.split('@').next().unwrap_or_default().into()
            }
            Self::Region => region.into(),
            Self::RegionShort => short_region(region).into(),
            Self::Session => session.into(),
        }
    }
}

impl Filter {
    fn parse(text: &str) -> Result<Self, NameFormatError> {
        let arguments = split(text, ':');
        Ok(match &*arguments {
            ["lower"] => Self::Lower,
            ["upper"] => Self::Upper,
            ["kebab"] => Self::Kebab,
            ["slug"] => Self::Slug,
            ["trim", regex] => {
                let regex = without_escapes(regex);
                Self::Trim(Regex::new(&regex).map_err(|_| NameFormatError::Regex(regex))?)
            }
            ["replace", from, to] if !from.is_empty() => {
                Self::Replace(without_escapes(from), without_escapes(to))
            }
            _ => return Err(NameFormatError::Filter(text.to_owned())),
        })
    }

    fn apply(&self, value: &str) -> String {
        match self {
            Self::Lower => value.to_lowercase(),
            Self::Upper => value.to_uppercase(),
            Self::Kebab => value.to_kebab_case(),
            Self::Slug => {
                let words = value.split(|c: char| !c.is_alphanumeric());
                let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
                words.join("-").to_lowercase()
            }
            Self::Trim(regex) => regex.replace_all(value, "").into_owned(),
            Self::Replace(from, to) => value.replace(from, to),
        }
    }
}

/// Splits at the first sign that has no backslash before it.
fn unescaped(text: &str, sign: char) -> Option<(&str, &str)> {
    let mut signs = text.match_indices(sign).map(|(at, _)| at);
    let at = signs.find(|at| !text.get(..*at).unwrap_or_default().ends_with('\\'))?;
    let (before, after) = text.split_at_checked(at)?;
    Some((before, after.strip_prefix(sign)?))
}

fn split(mut text: &str, sign: char) -> Vec<&str> {
    let mut words = Vec::new();
    while let Some((word, rest)) = unescaped(text, sign) {
        words.push(word);
        text = rest;
    }
    words.push(text);
    words
}

fn without_escapes(text: &str) -> String {
    ["|", ":", "}"]
        .iter()
        .fold(text.to_owned(), |text, sign| text.replace(&format!("\\{sign}"), sign))
}

/// Makes a name that every tool reads alike: each run of other characters becomes a `-`, and none
/// stands at the ends. Empty where nothing is left.
pub(crate) fn safe(name: &str, is_strict: bool) -> String {
    let is_safe = |c: char| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' => true,
        '@' | '+' => !is_strict,
        _ => false,
    };
    // Most are safe as they are, and there may be thousands.
    if name.bytes().all(|byte| is_safe(byte.into()))
        && !name.starts_with('-')
        && !name.ends_with('-')
    {
        return name.to_owned();
    }
    let mut safe = String::with_capacity(name.len());
    for word in name.split(|c| !is_safe(c)).filter(|word| !word.is_empty()) {
        if !safe.is_empty() {
            safe.push('-');
        }
        safe.push_str(word);
    }
    let end = safe.trim_end_matches('-').len();
    safe.truncate(end);
    let begin = safe.len() - safe.trim_start_matches('-').len();
    safe.drain(..begin);
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role() -> AssignedRole<'static> {
        AssignedRole {
            account_id: "111122223333",
            account_name: Some("Team A [Prod]"),
            email_address: Some("aws+a@example.com"),
            role_name: "AWSAdministratorAccess",
            region: Some("eu-west-1"),
            region_index: 0,
        }
    }

    fn named(format: &str) -> String {
        written(NameFormat::parse(format).unwrap(), &role())
    }

    fn written(format: NameFormat, role: &AssignedRole<'_>) -> String {
        let mut name = String::new();
        format.write(&mut name, role, "work");
        name
    }

    #[test]
    fn fields_and_filters_make_a_name() {
        for (format, name) in [
            ("{account}.{role}", "Team A [Prod].AWSAdministratorAccess"),
            ("{account|slug}-{region-short}", "team-a-prod-euwe1"),
            ("{role|trim:^AWS|trim:Access$|kebab}", "administrator"),
            ("{session}/{account-id}/{region}", "work/111122223333/eu-west-1"),
            ("{email-local|upper}", "AWS+A"),
            ("{account|replace: :_|lower}", "team_a_[prod]"),
            (r"{role|trim:(AWS\|Access)}", "Administrator"),
            (r"{account-id|trim:^\d{4\}}", "22223333"),
            ("x", "x"),
        ] {
            assert_eq!(named(format), name, "{format}");
        }
        let nameless = AssignedRole { account_name: None, email_address: None, ..role() };
        let format = NameFormat::parse("{account}{email-local}").unwrap();
        assert_eq!(written(format, &nameless), "111122223333");
    }

    #[test]
    fn what_is_not_understood_is_named_with_what_there_is() {
        let error = |format: &str| NameFormat::parse(format).unwrap_err().to_string();
        assert!(error("{acount}").contains("`acount`; there are account, account-id, role"));
        assert!(error("{role|lowr}").contains("`lowr`; there are lower, upper"));
        assert!(error("{role|trim}").contains("`trim`"));
        assert!(error("{role|replace:a}").contains("`replace:a`"));
        assert!(error("{role|trim:(}").contains("`(` is no regular expression"));
        assert!(error("a{role").contains("behind `{role`"));
    }

    #[test]
    fn names_are_safe_for_every_tool() {
        for (name, is_safe) in [
            ("Team A [Prod].Admin", "Team-A-Prod-.Admin"),
            (" a/b:c ", "a-b-c"),
            ("a@b+c_d.e-f", "a@b+c_d.e-f"),
            ("Zahlungen Süd", "Zahlungen-S-d"),
            ("日本", ""),
        ] {
            assert_eq!(safe(name, false), is_safe);
        }
        assert_eq!(safe("a@b+c", true), "a-b-c");
    }
}
