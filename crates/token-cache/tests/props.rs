//! Properties of the cache formats.

use proptest::prelude::*;
use token_cache::{CachedRegistration, CachedRole, CachedToken};

fn json_value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Into::into),
            prop::collection::btree_map("[a-z]{1,5}", inner, 0..3)
                .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

proptest! {
    #[test]
    fn members_of_other_tools_survive_a_round_trip(
        access_token in "[!-~]{1,40}",
        others in prop::collection::btree_map("x[a-zA-Z é\"]{0,8}", json_value(), 0..4),
    ) {
        let mut file = serde_json::json!({
            "accessToken": access_token,
            "expiresAt": "2026-01-02T03:04:05Z",
        });
        file.as_object_mut().unwrap().extend(others);
        let token = CachedToken::from_slice(file.to_string().as_bytes()).unwrap();
        let written = token.to_vec();
        let read: serde_json::Value = serde_json::from_slice(written.expose()).unwrap();
        prop_assert_eq!(read, file);
    }

    #[test]
    fn no_bytes_make_a_reader_panic_or_show_what_they_are(bytes in any::<Vec<u8>>()) {
        let _ = CachedToken::from_slice(&bytes);
        let _ = CachedToken::salvage(&bytes);
        let _ = CachedRole::from_slice(&bytes);
        let _ = CachedRegistration::from_slice(&bytes);
    }

    #[test]
    fn a_torn_token_is_never_read_as_a_shorter_one(cut in 1..100_usize) {
        let json = br#"{"startUrl":"u","region":"r","accessToken":"at","expiresAt":"2026-01-02T03:04:05Z"}"#;
        let cut = cut.min(json.len() - 1);
        prop_assert!(CachedToken::from_slice(&json[..cut]).is_err());
        prop_assert!(CachedToken::salvage(&json[..cut]).is_err());
    }
}
