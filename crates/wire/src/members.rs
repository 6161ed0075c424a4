use std::collections::BTreeMap;
use std::fmt;

use serde_json::value::RawValue;

use crate::{DecodeError, Secret};

/// The members of a JSON object, each kept as it was written until it is asked for.
///
/// This is how tolerant readers of AWS tools read: a name matches exactly or else without regard to
/// ASCII case, and a member that is `null` or of another type than asked for is absent.
/// [`required`](Self::required) and [`optional`](Self::optional) refuse another type. What was not
/// taken stays, verbatim, to be written back.
#[derive(Clone, Default)]
pub struct Members(BTreeMap<String, Box<RawValue>>);

/// The bytes are not one JSON object. The error tells where, and nothing of what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no JSON object (line {line}, column {column})")]
#[non_exhaustive]
pub struct ParseMembersError {
    /// The line, from 1; 0 where there are no bytes.
    pub line: usize,
    /// The column in bytes, from 1.
    pub column: usize,
}

impl ParseMembersError {
    #[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` passes")]
    fn at(error: serde_json::Error) -> Self {
        Self { line: error.line(), column: error.column() }
    }
}

impl Members {
    /// Parses one JSON object, with nothing but white space around it.
    ///
    /// # Errors
    /// Fails where the bytes are anything else.
    pub fn from_slice(json: &[u8]) -> Result<Self, ParseMembersError> {
        serde_json::from_slice(json).map(Self).map_err(ParseMembersError::at)
    }

    /// Parses the body of an answer.
    ///
    /// # Errors
    /// Fails where it is no JSON object; the error tells where, and nothing of what is there.
    pub fn of(response: &http::Response<Vec<u8>>) -> Result<Self, DecodeError> {
        Self::from_slice(response.body()).map_err(|error| DecodeError::Body {
            status: response.status().as_u16(),
            source: error.into(),
        })
    }

    /// Parses the first JSON object of `json` and ignores what follows it.
    ///
    /// # Errors
    /// Fails where the bytes do not begin with a whole object.
    pub fn first_of(json: &[u8]) -> Result<Self, ParseMembersError> {
        let mut objects = serde_json::Deserializer::from_slice(json).into_iter();
        match objects.next() {
            Some(members) => members.map(Self).map_err(ParseMembersError::at),
            None => Self::from_slice(json), // gives the error for empty input
        }
    }

    /// Takes a member out that the answer must have: `required("expiresIn", Members::take_i64)`.
    ///
    /// # Errors
    /// Tells a member that is missing from one that `take` makes nothing of.
    pub fn required<T>(
        &mut self,
        name: &'static str,
        take: impl FnOnce(&mut Self, &str) -> Option<T>,
    ) -> Result<T, DecodeError> {
        self.optional(name, take)?.ok_or(DecodeError::MissingField(name))
    }

    /// Takes a member out that the answer may lack, but not have in another form.
    ///
    /// # Errors
    /// Fails where the member is there and `take` makes nothing of it.
    pub fn optional<T>(
        &mut self,
        name: &'static str,
        take: impl FnOnce(&mut Self, &str) -> Option<T>,
    ) -> Result<Option<T>, DecodeError> {
        let is_there = self.raw(name).is_some_and(|raw| !matches!(raw.get(), "null" | "\"\""));
        match take(self, name) {
            None if is_there => Err(DecodeError::InvalidField(name)),
            value => Ok(value),
        }
    }

    /// Takes a string out, which may be empty.
    pub fn take_string(&mut self, name: &str) -> Option<String> {
        serde_json::from_str(self.take_raw(name)?.get()).ok()
    }

    /// Takes a string out that is not empty.
    pub fn take_text(&mut self, name: &str) -> Option<String> {
        self.take_string(name).filter(|text| !text.is_empty())
    }

    /// Takes a string out that is not empty, and wraps it.
    pub fn take_secret(&mut self, name: &str) -> Option<Secret<String>> {
        self.take_text(name).map(Secret::new)
    }

    /// Takes a whole number out, also one written with a zero fraction.
    pub fn take_i64(&mut self, name: &str) -> Option<i64> {
        let raw = self.take_raw(name)?;
        let text = raw.get();
        text.parse().ok().or_else(|| {
            // Some mock servers write whole numbers as 1767326400000.0 or 1.7673264e12.
            let float: f64 = text.parse().ok()?; // serde_json rounds what has many digits
            let whole = float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0; // 2^53
            #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
            whole.then_some(float as i64)
        })
    }

    /// Takes an object out.
    pub fn take_object(&mut self, name: &str) -> Option<Self> {
        Self::from_slice(self.take_raw(name)?.get().as_bytes()).ok()
    }

    /// Takes the objects of an array out; elements that are no objects are left out.
    pub fn take_objects(&mut self, name: &str) -> Option<Vec<Self>> {
        Some(
            self.take_array(name)?
                .iter()
                .filter_map(|element| Self::from_slice(element.get().as_bytes()).ok())
                .collect(),
        )
    }

    /// Takes the strings of an array out; elements that are no strings are left out.
    pub fn take_strings(&mut self, name: &str) -> Option<Vec<String>> {
        Some(
            self.take_array(name)?
                .iter()
                .filter_map(|element| serde_json::from_str(element.get()).ok())
                .collect(),
        )
    }

    /// Returns what has not been taken: each name with its value, in JSON as it was written.
    pub fn rest(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.get()))
    }

    fn take_array(&mut self, name: &str) -> Option<Vec<Box<RawValue>>> {
        serde_json::from_str(self.take_raw(name)?.get()).ok()
    }

    fn raw(&self, name: &str) -> Option<&RawValue> {
        let other = || self.0.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        self.0.get(name).or_else(|| Some(other()?.1)).map(|raw| &**raw)
    }

    fn take_raw(&mut self, name: &str) -> Option<Box<RawValue>> {
        let mut taken = self.0.remove(name);
        // The same in another case must not be written back beside it: Go reads the last one.
        while let Some(other) = self.0.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned() {
            let value = self.0.remove(&other);
            taken = taken.or(value);
        }
        taken
    }
}

impl fmt::Debug for Members {
    /// Shows the names: any value may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exact_name_wins_over_another_case() {
        let mut members = Members::from_slice(br#"{"ACCESSTOKEN":"b","accessToken":"a"}"#).unwrap();
        assert_eq!(members.take_text("accessToken").as_deref(), Some("a"));
        assert_eq!(members.rest().count(), 0, "it is not written back beside another one");
    }

    #[test]
    fn the_body_of_an_answer_has_its_members_or_says_what_came() {
        let answer = |body: &str| {
            let response = http::Response::builder().status(203).body(body.into());
            Members::of(&response.unwrap())
        };
        assert_eq!(answer(r#"{"a":"x"}"#).unwrap().take_text("a").as_deref(), Some("x"));
        let error = answer("<html>").unwrap_err();
        assert!(matches!(error, DecodeError::Body { status: 203, .. }), "{error:?}");
    }

    #[test]
    fn null_and_other_types_are_absent() {
        let json = br#"{"a":null,"b":1,"c":{},"d":"","e":1.5,"f":"7"}"#;
        let mut members = Members::from_slice(json).unwrap();
        assert_eq!(members.take_text("a"), None);
        assert_eq!(members.take_text("b"), None);
        assert_eq!(members.take_text("c"), None);
        assert_eq!(members.take_secret("d"), None);
        assert_eq!(members.take_i64("e"), None);
        assert_eq!(members.take_i64("f"), None);
    }

    #[test]
    fn what_is_there_and_cannot_be_used_is_not_missing() {
        let error = |json: &str| {
            let mut members = Members::from_slice(json.as_bytes()).unwrap();
            members.required("n", Members::take_i64).unwrap_err().to_string()
        };
        for json in ["{}", r#"{"n":null}"#, r#"{"N":""}"#, r#"{"n":null,"N":1}"#] {
            assert_eq!(error(json), "the answer lacks the member n", "{json}");
        }
        for json in [r#"{"n":"1"}"#, r#"{"N":{}}"#, r#"{"n":1.5}"#, r#"{"n":"","n":[]}"#] {
            assert_eq!(error(json), "the member n of the answer cannot be used", "{json}");
        }
        let mut members = Members::from_slice(br#"{"n":7,"m":7}"#).unwrap();
        assert_eq!(members.required("n", Members::take_i64).unwrap(), 7);
        assert_eq!(members.optional("n", Members::take_i64).unwrap(), None, "it was taken");
        assert!(members.optional("m", Members::take_text).is_err());
    }

    #[test]
    fn a_secret_is_a_text_that_is_not_shown() {
        let mut members = Members::from_slice(br#"{"a":"hunter2"}"#).unwrap();
        assert_eq!(members.take_secret("a"), Some(Secret::from("hunter2")));
    }

    #[test]
    fn whole_floats_are_whole_numbers() {
        let mut members = Members::from_slice(br#"{"a":1767326400000.0,"b":1e3,"c":-5}"#).unwrap();
        assert_eq!(members.take_i64("a"), Some(1_767_326_400_000));
        assert_eq!(members.take_i64("b"), Some(1000));
        assert_eq!(members.take_i64("c"), Some(-5));
        let json = br#"{"a":1767326400001.000000,"b":"1.0"}"#;
        let mut members = Members::from_slice(json).unwrap();
        assert_eq!(members.take_i64("a"), Some(1_767_326_400_001));
        assert_eq!(members.take_i64("b"), None);
        // From 2^53 on, a float may stand for another number than was written.
        let json = br#"{"a":9007199254740991.0,"b":9007199254740992.0}"#;
        let mut members = Members::from_slice(json).unwrap();
        assert_eq!(members.take_i64("a"), Some(9_007_199_254_740_991));
        assert_eq!(members.take_i64("b"), None);
    }

    #[test]
    fn objects_and_arrays_are_taken_without_what_is_something_else() {
        let json = br#"{"o":{"x":"1"},"os":[{"x":"2"},null,{"x":"3"}],"ss":["a",7,""],"n":1}"#;
        let mut members = Members::from_slice(json).unwrap();
        let text = |mut members: Members| members.take_text("x");
        assert_eq!(members.take_object("o").map(text), Some(Some("1".to_owned())));
        let objects = members.take_objects("os").unwrap();
        let texts: Vec<_> = objects.into_iter().filter_map(text).collect();
        assert_eq!(texts, ["2", "3"]);
        assert_eq!(members.take_strings("ss").unwrap(), ["a", ""]);
        for name in ["n", "absent"] {
            let mut members = members.clone();
            assert!(members.clone().take_object(name).is_none());
            assert!(members.clone().take_objects(name).is_none());
            assert!(members.take_strings(name).is_none());
        }
    }

    #[test]
    fn what_is_shown_of_members_are_their_names() {
        let members = Members::from_slice(br#"{"accessToken":"hunter2"}"#).unwrap();
        assert_eq!(format!("{members:?}"), r#"{"accessToken"}"#);
    }

    #[test]
    fn what_is_not_taken_stays_as_it_was_written() {
        let members = Members::from_slice(br#"{"x": 1.10 , "y":{"k" :"\ud83d"}}"#).unwrap();
        let rest: Vec<_> = members.rest().collect();
        assert_eq!(rest, [("x", "1.10"), ("y", r#"{"k" :"\ud83d"}"#)]);
    }

    #[test]
    fn the_first_object_is_read_before_trailing_garbage() {
        let mut members = Members::first_of(br#"{"a":"x"}e":"rest"}"#).unwrap();
        assert_eq!(members.take_text("a").as_deref(), Some("x"));
        assert!(Members::first_of(b"").is_err());
        assert!(Members::first_of(br#"{"a":"#).is_err());
    }
}
