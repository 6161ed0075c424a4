use std::fmt::Write as _;

/// The parameters of a query string or of a form, in their order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    pub(crate) fn parse(text: &str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
                .map(|(name, value)| (decode(name), decode(value)))
                .collect(),
        )
    }

    pub(crate) fn from_query(uri: &http::Uri) -> Self {
        Self::parse(uri.query().unwrap_or_default())
    }

    pub(crate) fn from_body(body: &[u8]) -> Self {
        Self::parse(&String::from_utf8_lossy(body))
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

/// Decodes percent-encoding and `+`, which servers read as a blank. A broken escape stays as it is.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        match (first, after) {
            (b'%', [high, low, after @ ..]) => {
                let digit =
                    |byte: u8| char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
                if let (Some(high), Some(low)) = (digit(*high), digit(*low)) {
                    bytes.push(high << 4 | low);
                    rest = after;
                } else {
                    bytes.push(first);
                }
            }
            (b'+', _) => bytes.push(b' '),
            _ => bytes.push(first),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Percent-encodes everything but the unreserved characters of RFC 3986.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(byte.into());
        } else {
            write!(encoded, "%{byte:02X}").expect("writing to a String succeeds");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_decoded() {
        let form = Form::parse("a=1&b=x%20y+z%2B%C3%A9&&empty=&flag&a=2");
        assert_eq!(form.get("a"), Some("1"));
        assert_eq!(form.get("b"), Some("x y z+é"));
        assert_eq!(form.get("flag"), Some(""));
        assert_eq!(form.filled("empty"), None);
        assert_eq!(form.get("c"), None);
    }

    #[test]
    fn broken_escapes_stay() {
        for text in ["%", "%4", "%zz", "100%"] {
            assert_eq!(decode(text), text);
        }
        assert_eq!(decode("%ff"), "\u{fffd}");
    }

    #[test]
    fn encoding_leaves_only_unreserved_characters() {
        assert_eq!(encode("a-._~ +/=é"), "a-._~%20%2B%2F%3D%C3%A9");
        assert_eq!(decode(&encode("\0&=%+ é")), "\0&=%+ é");
    }
}
