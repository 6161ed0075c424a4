use std::fmt::Write;

/// Encodes `text` for a query or a form as RFC 3986 asks: everything but letters, digits and
/// `-._~` becomes `%XX` of its UTF-8 bytes, a space `%20` and never `+`.
///
/// ```
/// assert_eq!(wire::percent_encode("AWS+Role@x ~é"), "AWS%2BRole%40x%20~%C3%A9");
/// ```
pub fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}"); // writing to a String cannot fail
        }
    }
    encoded
}
