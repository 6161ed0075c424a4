//! Properties of the shared pieces, checked against independent implementations.

use proptest::prelude::*;
use wire::{Timestamp, percent_encode};

proptest! {
    #[test]
    fn percent_encoding_is_undone_by_the_url_crate(text in any::<String>()) {
        let url = url::Url::parse(&format!("https://h/?q={}", percent_encode(&text))).unwrap();
        let decoded: Vec<_> = url.query_pairs().map(|(_, value)| value.into_owned()).collect();
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
