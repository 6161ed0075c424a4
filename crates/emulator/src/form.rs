use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The parameters of a query string or of a form, in their order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads pairs as servers do: `+` is a blank, and a broken escape stays as it is.
    pub(crate) fn parse(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    pub(crate) fn from_query(uri: &http::Uri) -> Self {
        Self::parse(uri.query().unwrap_or_default().as_bytes())
    }

    pub(crate) fn from_body(body: &[u8]) -> Self {
        Self::parse(body)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value, if there is one that is not empty.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Percent-encodes a name or a value.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_decoded() {
        let form = Form::parse(b"a=1&b=x%20y+z%2B%C3%A9&&empty=&flag&a=2");
        assert_eq!(form.get("a"), Some("1"));
        assert_eq!(form.get("b"), Some("x y z+é"));
        assert_eq!(form.get("flag"), Some(""));
        assert_eq!(form.filled("empty"), None);
        assert_eq!(form.get("c"), None);
    }

    #[test]
    fn broken_escapes_stay() {
        for text in ["%", "%4", "%zz", "100%"] {
            assert_eq!(Form::parse(format!("a={text}").as_bytes()).get("a"), Some(text));
        }
        assert_eq!(Form::parse(b"a=%ff").get("a"), Some("\u{fffd}"));
    }

    #[test]
    fn encoding_leaves_only_unreserved_characters() {
        assert_eq!(encode("a-._~ +/=é"), "a-._~%20%2B%2F%3D%C3%A9");
        let text = "\0&=%+ é";
        assert_eq!(Form::parse(format!("a={}", encode(text)).as_bytes()).get("a"), Some(text));
    }
}
