//! Properties of the shared pieces, checked against independent implementations.

use proptest::prelude::*;
use wire::{Timestamp, percent_encode};

proptest! {
    #[test]
    fn percent_encoding_is_undone_by_other_crates(text in any::<String>()) {
        let uri: http::Uri = format!("https://h/?q={}", percent_encode(&text)).parse().unwrap();
        let pairs = form_urlencoded::parse(uri.query().unwrap().as_bytes());
        let decoded: Vec<_> = pairs.map(|(_, value)| value.into_owned()).collect();
        prop_assert_eq!(decoded, vec![text]);
    }

    #[test]
    fn a_printed_timestamp_is_read_back(seconds in -62_167_219_200..=253_402_300_799_i64) {
        let time = Timestamp::from_unix(seconds);
        prop_assert_eq!(Timestamp::parse(&time.to_string()), Ok(time));
    }

    #[test]
    fn no_text_makes_the_timestamp_parser_panic(text in any::<String>()) {
        let _ = Timestamp::parse(&text);
    }
}
