//! Reads the parameters of an action, and says of all of them at once what is wrong.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use crate::error::ServiceError;
use crate::form::Form;

/// What a text has to be, as the model of the service says.
pub(super) struct Rule {
    pub(super) allows: fn(char) -> bool,
    /// In characters.
    pub(super) length: RangeInclusive<usize>,
    /// How a message describes `allows`.
    pub(super) pattern: &'static str,
}

/// The parameters of one request. Those that no action asks for are ignored.
pub(super) struct Parameters<'a> {
    form: &'a Form,
    violations: Vec<String>,
}

impl<'a> Parameters<'a> {
    pub(super) fn new(form: &'a Form) -> Self {
        Self { form, violations: Vec::new() }
    }

    /// Reads a text, `None` where it is absent.
    pub(super) fn optional(&mut self, name: &str, rule: &Rule) -> Option<&'a str> {
        let value = self.value(name)?;
        let length = value.chars().count();
        if length < *rule.length.start() {
            let least = rule.length.start();
            self.refuse(name, &format!("Member must have length greater than or equal to {least}"));
        }
        if length > *rule.length.end() {
            let most = rule.length.end();
            self.refuse(name, &format!("Member must have length less than or equal to {most}"));
        }
        if !value.chars().all(rule.allows) {
            let pattern = rule.pattern;
            self.refuse(
                name,
                &format!("Member must satisfy regular expression pattern: {pattern}"),
            );
        }
        Some(value)
    }

    /// Reads a text that must be there; what it returns is of use only after [`Self::finish`].
    pub(super) fn required(&mut self, name: &str, rule: &Rule) -> &'a str {
        if self.form.get(name).is_none() {
            self.refuse(name, "Member must not be null");
        }
        self.optional(name, rule).unwrap_or_default()
    }

    pub(super) fn integer(&mut self, name: &str, range: RangeInclusive<u32>) -> Option<u32> {
        let value = self.value(name)?;
        // `u32::from_str` takes a sign, too.
        let digits = value.bytes().all(|byte| byte.is_ascii_digit());
        let Some(value) = value.parse().ok().filter(|_| digits) else {
            self.refuse(name, "Member must be an integer");
            return None;
        };
        if value < *range.start() {
            let least = range.start();
            self.refuse(name, &format!("Member must have value greater than or equal to {least}"));
        }
        if value > *range.end() {
            let most = range.end();
            self.refuse(name, &format!("Member must have value less than or equal to {most}"));
        }
        Some(value)
    }

    /// Returns the names of a list's members, such as `Tags.member.1`, which have to be counted
    /// from one. An empty list may be sent as `Tags=`.
    pub(super) fn members(&mut self, list: &str, most: usize) -> Vec<String> {
        let mut indices = BTreeSet::new();
        for (name, _) in self.form.iter() {
            let Some(rest) = name.strip_prefix(list).and_then(|rest| rest.strip_prefix('.')) else {
                continue;
            };
            let index = rest.strip_prefix("member.").and_then(|rest| rest.split('.').next());
            let index = index.and_then(|text| {
                text.parse::<usize>().ok().filter(|number| number.to_string() == text)
            });
            // Without an index it is no member, but nothing that a client sends on purpose either.
            indices.insert(index.unwrap_or(0));
        }
        if !indices.iter().copied().eq(1..=indices.len()) {
            self.refuse(list, "Members must be named .member.N, with N from 1 on");
            return Vec::new();
        }
        if indices.len() > most {
            self.refuse(list, &format!("Member must have length less than or equal to {most}"));
            return Vec::new();
        }
        indices.iter().map(|index| format!("{list}.member.{index}")).collect()
    }

    /// Ends the reading, with an error where a rule was broken.
    pub(super) fn finish(self) -> Result<(), ServiceError> {
        let count = self.violations.len();
        if count == 0 {
            return Ok(());
        }
        let plural = if count == 1 { "" } else { "s" };
        let violations = self.violations.join("; ");
        Err(invalid(format!("{count} validation error{plural} detected: {violations}")))
    }

    fn value(&mut self, name: &str) -> Option<&'a str> {
        let mut values = self.form.iter().filter(|(known, _)| *known == name);
        let (_, value) = values.next()?;
        if values.next().is_some() {
            self.refuse(name, "Member must occur once");
        }
        Some(value)
    }

    /// Messages do not repeat values, for some are secret.
    fn refuse(&mut self, name: &str, constraint: &str) {
        let path = path(name);
        let null = if constraint.ends_with("null") { " null" } else { "" };
        self.violations
            .push(format!("Value{null} at '{path}' failed to satisfy constraint: {constraint}"));
    }
}

/// A refusal of what a request contains.
pub(super) fn invalid(message: impl Into<std::borrow::Cow<'static, str>>) -> ServiceError {
    ServiceError::bad_request("ValidationError", message)
}

/// The name that messages have for a parameter: `tags.1.member.key` for `Tags.member.1.Key`.
fn path(name: &str) -> String {
    let lower = |part: &str| {
        let mut characters = part.chars();
        let first = characters.next().map(|first| first.to_ascii_lowercase());
        first.into_iter().chain(characters).collect::<String>()
    };
    let mut parts: Vec<_> = name.split('.').map(lower).collect();
    if let [_, member, index, ..] = parts.as_mut_slice() {
        std::mem::swap(member, index);
    }
    parts.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORD: Rule =
        Rule { allows: |c| c.is_ascii_lowercase(), length: 2..=4, pattern: "[a-z]*" };

    fn message(read: impl FnOnce(&mut Parameters<'_>), text: &str) -> String {
        let form = Form::parse(text.as_bytes());
        let mut parameters = Parameters::new(&form);
        read(&mut parameters);
        parameters.finish().map_or_else(|error| error.message.into_owned(), |()| "fine".to_owned())
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let read = |parameters: &mut Parameters<'_>| {
            parameters.required("RoleArn", &WORD);
            parameters.optional("Policy", &WORD);
        };
        assert_eq!(message(read, "RoleArn=ab&Other=1"), "fine");
        assert_eq!(
            message(read, "Policy=A"),
            "3 validation errors detected: \
             Value null at 'roleArn' failed to satisfy constraint: Member must not be null; \
             Value at 'policy' failed to satisfy constraint: \
             Member must have length greater than or equal to 2; \
             Value at 'policy' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: [a-z]*"
        );
        assert!(message(read, "RoleArn=").contains("greater than or equal to 2"));
        assert!(message(read, "RoleArn=abcde").contains("length less than or equal to 4"));
        assert!(message(read, "RoleArn=ab&RoleArn=ab").contains("Member must occur once"));
    }

    #[test]
    fn integers_are_digits_within_their_range() {
        let read = |parameters: &mut Parameters<'_>| {
            parameters.integer("N", 900..=43_200);
        };
        assert_eq!(message(read, "N=900"), "fine");
        assert!(message(read, "N=899").contains("value greater than or equal to 900"));
        assert!(message(read, "N=43201").contains("value less than or equal to 43200"));
        for text in ["N=", "N=%2B900", "N=-900", "N=1e3", "N=900.0", "N=99999999999"] {
            assert!(message(read, text).contains("must be an integer"), "{text}");
        }
    }

    #[test]
    fn lists_are_counted_from_one() {
        let read = |parameters: &mut Parameters<'_>| {
            for member in parameters.members("Tags", 2) {
                parameters.required(&format!("{member}.Key"), &WORD);
            }
        };
        for text in ["", "Tags=", "Tags.member.2.Key=ab&Tags.member.1.Key=cd", "TagsX.1=a"] {
            assert_eq!(message(read, text), "fine", "{text}");
        }
        for text in [
            "Tags.member.0.Key=ab",
            "Tags.member.2.Key=ab",
            "Tags.1.Key=ab",
            "Tags.=",
            "Tags.member.01.Key=ab",
            "Tags.member.%2B1.Key=ab",
            "Tags.member=ab",
        ] {
            assert!(message(read, text).contains("'tags' failed"), "{text}");
        }
        let three = "Tags.member.1.Key=ab&Tags.member.2.Key=ab&Tags.member.3.Key=ab";
        assert!(message(read, three).contains("length less than or equal to 2"));
        assert!(message(read, "Tags.member.1.Value=ab").contains("null at 'tags.1.member.key'"));
    }
}
