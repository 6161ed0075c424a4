use unicode_properties::{GeneralCategory as Category, UnicodeGeneralCategory};

/// Letters that take room and show nothing: the fillers of Hangul.
const FILLERS: [char; 4] = ['\u{115f}', '\u{1160}', '\u{3164}', '\u{ffa0}'];

/// Writes a text of a server or a file so that it can be shown: white space is blank, and what a
/// reader would not see, or what acts on the terminal or on the text around it, is escaped as in
/// `\u{202e}`.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t'..='\r' => shown.push(' '),
            c if is_hidden(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    shown
}

/// Whether a character is not seen where it stands: control characters, those that turn the
/// direction of a text, those without a width, and line ends that are none to most programs.
///
/// The signs that choose the form of the character before them, as in an emoji, are not among them.
pub fn is_hidden(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    let category = c.general_category();
    FILLERS.contains(&c)
        || matches!(
            category,
            Category::Control
                | Category::Format
                | Category::LineSeparator
                | Category::ParagraphSeparator
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_would_see_is_escaped() {
        assert_eq!(printable("a\u{1b}[2Jb\u{9b}c\u{7f}"), "a\\u{1b}[2Jb\\u{9b}c\\u{7f}");
        for c in ('\u{202a}'..='\u{202e}')
            .chain('\u{2066}'..='\u{2069}')
            .chain('\u{200b}'..='\u{200f}')
            .chain('\u{2028}'..='\u{2029}')
            .chain(['\u{61c}', '\u{2060}', '\u{feff}', '\u{ad}', '\u{e0041}', '\u{3164}'])
        {
            let escaped = format!("x{}y", c.escape_unicode());
            assert_eq!(printable(&format!("x{c}y")), escaped);
        }
        assert_eq!(printable("one\r\n\ttwo"), "one   two");
    }

    #[test]
    fn names_in_any_script_stay() {
        for name in
            ["Größe", "e\u{301}", "経理\u{3000}部", "שלום", "स्ते", "\u{26a0}\u{fe0f} prod", "\\"]
        {
            assert_eq!(printable(name), name);
        }
    }
}
