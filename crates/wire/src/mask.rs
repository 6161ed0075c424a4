use std::error::Error;

use zeroize::Zeroizing;

use crate::{DecodeError, Secret, ServiceError, TransportError, percent_encode};

/// So many characters of a secret in a row are hidden, wherever they stand: an answer may repeat a
/// part of it, or the whole in an encoding that breaks it up.
const PIECE: usize = 8;

/// A shorter secret is hidden as a whole; one that is shorter than this is hidden nowhere, for it
/// would be found in every text.
const SHORTEST: usize = 6;

/// What is shown instead.
const HIDDEN: &str = "***";

/// Hides what a request carried as a secret in whatever came back: a server or a proxy may repeat
/// the request in its error.
pub(crate) struct Mask {
    /// The secrets as they are, percent-encoded, and as JSON may write them, in lower case.
    text: Zeroizing<Vec<u8>>,
    /// Where the pieces of the secrets begin in `text`, sorted by the piece.
    pieces: Vec<usize>,
    /// The secrets that are shorter than a piece, in lower case.
    short: Vec<Zeroizing<String>>,
}

impl Mask {
    pub(crate) fn new<'a>(secrets: impl IntoIterator<Item = &'a Secret<String>>) -> Self {
        let mut mask = Self { text: Zeroizing::default(), pieces: Vec::new(), short: Vec::new() };
        for secret in secrets {
            let secret = secret.expose();
            if secret.len() >= PIECE {
                mask.add(secret);
                mask.add(&Zeroizing::new(percent_encode(secret)));
                mask.add(&Zeroizing::new(secret.replace('/', "\\/")));
            } else if secret.len() >= SHORTEST {
                mask.short.push(Zeroizing::new(secret.to_ascii_lowercase()));
            }
        }
        let Self { text, pieces, .. } = &mut mask;
        pieces.sort_unstable_by_key(|at| piece(text, *at));
        mask
    }

    fn add(&mut self, secret: &str) {
        let begin = self.text.len();
        // Never in a buffer that is left behind unwiped.
        let mut text = Zeroizing::new(Vec::with_capacity(begin + secret.len()));
        text.extend_from_slice(&self.text);
        text.extend(secret.bytes().map(|byte| byte.to_ascii_lowercase()));
        self.pieces.extend(begin..=text.len() - PIECE);
        self.text = text;
    }

    /// Returns the text without the secrets, `None` where it has none.
    fn hide(&self, text: &str) -> Option<String> {
        let lower = text.to_ascii_lowercase();
        let mut hidden = vec![false; text.len()];
        let mut cover = |at: usize, length: usize| {
            hidden.iter_mut().skip(at).take(length).for_each(|byte| *byte = true);
        };
        for (at, window) in lower.as_bytes().windows(PIECE).enumerate() {
            if self.pieces.binary_search_by_key(&window, |at| piece(&self.text, *at)).is_ok() {
                cover(at, PIECE);
            }
        }
        for short in &self.short {
            lower.match_indices(short.as_str()).for_each(|(at, found)| cover(at, found.len()));
        }
        if !hidden.contains(&true) {
            return None;
        }
        let mut shown = String::with_capacity(text.len());
        for (at, c) in text.char_indices() {
            if hidden.get(at) == Some(&false) {
                shown.push(c);
            } else if !shown.ends_with(HIDDEN) {
                shown.push_str(HIDDEN);
            }
        }
        Some(shown)
    }

    /// Hides the secrets in an error of the service.
    pub(crate) fn service(&self, error: &mut ServiceError) {
        let ServiceError { code, error, message, reason, request_id, .. } = error;
        for text in
            [Some(code), error.as_mut(), message.as_mut(), reason.as_mut(), request_id.as_mut()]
                .into_iter()
                .flatten()
        {
            if let Some(shown) = self.hide(text) {
                *text = shown;
            }
        }
    }

    /// Hides the secrets in what a parser says of an answer.
    pub(crate) fn decode(&self, error: DecodeError) -> DecodeError {
        match error {
            DecodeError::Service(mut error) => {
                self.service(&mut error);
                DecodeError::Service(error)
            }
            DecodeError::Body { status, source } => {
                DecodeError::Body { status, source: self.source(source) }
            }
            error => error,
        }
    }

    /// Hides the secrets in what a transport says.
    pub(crate) fn transport(&self, error: TransportError) -> TransportError {
        TransportError { source: self.source(error.source), ..error }
    }

    /// An error that shows a secret becomes one text; any other one stays what it is.
    fn source(&self, error: Box<dyn Error + Send + Sync>) -> Box<dyn Error + Send + Sync> {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            source = cause.source();
        }
        self.hide(&text).map_or(error, Into::into)
    }
}

fn piece(text: &[u8], at: usize) -> &[u8] {
    text.get(at..at + PIECE).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "aoaAAAAAGj/Lk3+Qw9=x_yZ-7b.TtU";

    fn hide(text: &str) -> String {
        let secrets = [Secret::from(TOKEN), Secret::from("123456"), Secret::from("ab")];
        Mask::new(&secrets).hide(text).unwrap_or_else(|| text.to_owned())
    }

    #[test]
    fn a_secret_is_hidden_in_whatever_form_it_comes_back() {
        let (begin, end) = TOKEN.split_at(20);
        for (text, shown) in [
            (format!("bad token {TOKEN}, sorry"), "bad token ***, sorry"),
            (format!("token={}&x=1", percent_encode(TOKEN)), "token=***&x=1"),
            (format!("cut off: {begin}"), "cut off: ***"),
            (format!("the end: {end}"), "the end: ***"),
            (TOKEN.to_uppercase(), "***"),
            (format!("ü{TOKEN}ü {TOKEN}"), "ü***ü ***"),
            ("code 123456 of ab".to_owned(), "code *** of ab"),
            ("nothing of it: aoaAAAA".to_owned(), "nothing of it: aoaAAAA"),
            ("too little of two: .TtUaoaA".to_owned(), "too little of two: .TtUaoaA"),
        ] {
            assert_eq!(hide(&text), shown);
        }
    }

    #[test]
    fn an_encoding_that_breaks_it_up_leaves_less_than_a_piece() {
        for encoded in [TOKEN.replace('/', "\\/"), TOKEN.replace('=', "&#x3d;")] {
            let shown = hide(&encoded);
            for piece in TOKEN.as_bytes().windows(PIECE) {
                let piece = std::str::from_utf8(piece).unwrap();
                assert!(!shown.contains(piece), "{shown}");
            }
        }
    }

    #[test]
    fn slashes_that_json_escapes_break_nothing_up() {
        let mask = Mask::new(&[Secret::from("a/b/c/d/e")]);
        assert_eq!(mask.hide(r#"{"x":"a\/b\/c\/d\/e"}"#).as_deref(), Some(r#"{"x":"***"}"#));
    }

    #[test]
    fn an_error_that_shows_nothing_stays_what_it_is() {
        let mask = Mask::new(&[Secret::from(TOKEN)]);
        let source = || std::io::Error::from(std::io::ErrorKind::TimedOut);
        let kept = mask.transport(TransportError::new("h", true, source()));
        assert!(kept.source.is::<std::io::Error>() && kept.unsent);
        let inner = std::io::Error::other(format!("bad header {TOKEN}"));
        let hidden = mask.transport(TransportError::new("h", false, inner));
        assert_eq!(hidden.source.to_string(), "bad header ***");
        let body = DecodeError::Body { status: 200, source: format!("tag {TOKEN}").into() };
        let hidden = mask.decode(body);
        assert!(!format!("{hidden:?}").contains("aoaAAAAA"), "{hidden:?}");
    }
}
