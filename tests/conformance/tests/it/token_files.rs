//! Token files in odd shapes, and what four SDKs read from them.

use std::collections::BTreeSet;

use conformance::{Difference, Tally, committed_and_corpora, text};
use serde_json::Value;
use token_cache::{CachedToken, FormatError};
use wire::Timestamp;

const REFUSED: &str = "refused";
const EXPIRED: &str = "tok until 1970-01-01T00:00:00Z";
const UNTIL_2030: &str = "tok until 2030-01-01T00:00:00Z";

/// What keyfob makes of files of which all readers make something else.
pub(crate) const DIFFERENCES: &[Difference] = &[
    Difference { id: "bom", row: "byte-order-mark", keyfob: UNTIL_2030 },
    Difference { id: "exp-16", row: "leap-second", keyfob: "tok until 2030-01-01T23:59:59Z" },
    Difference { id: "exp-17", row: "unreadable-expiry", keyfob: EXPIRED },
    Difference { id: "exp-21", row: "unreadable-expiry", keyfob: EXPIRED },
];

/// What keyfob makes of files that some readers accept and others do not.
pub(crate) const CHOSEN: &[Difference] = &[
    Difference { id: "at-empty", row: "empty-token", keyfob: REFUSED },
    Difference { id: "at-lone-surrogate", row: "lone-surrogate", keyfob: REFUSED },
    Difference { id: "at-null", row: "null-or-wrong-type", keyfob: REFUSED },
    Difference { id: "at-number", row: "null-or-wrong-type", keyfob: REFUSED },
    Difference { id: "case-variants", row: "member-case", keyfob: UNTIL_2030 },
    Difference { id: "deep", row: "deep-nesting", keyfob: UNTIL_2030 },
    Difference { id: "exp-00", row: "expiry-form", keyfob: UNTIL_2030 },
    Difference { id: "exp-01", row: "expiry-form", keyfob: UNTIL_2030 },
    Difference { id: "exp-09", row: "expiry-form", keyfob: UNTIL_2030 },
    Difference { id: "exp-10", row: "unreadable-expiry", keyfob: EXPIRED },
    Difference { id: "exp-11", row: "unreadable-expiry", keyfob: EXPIRED },
    Difference { id: "exp-12", row: "unreadable-expiry", keyfob: EXPIRED },
    Difference { id: "exp-15", row: "unreadable-expiry", keyfob: EXPIRED },
    Difference { id: "exp-19", row: "expiry-form", keyfob: UNTIL_2030 },
    Difference { id: "exp-23", row: "expired-file", keyfob: "tok until 0001-01-01T00:00:00Z" },
    Difference { id: "exp-millis", row: "null-or-wrong-type", keyfob: REFUSED },
    Difference { id: "exp-null", row: "null-or-wrong-type", keyfob: REFUSED },
    Difference { id: "exp-number", row: "null-or-wrong-type", keyfob: REFUSED },
    Difference {
        id: "exp-past-no-refresh",
        row: "expired-file",
        keyfob: "tok until 2024-01-01T00:00:00Z",
    },
    Difference {
        id: "exp-past-reg-past",
        row: "expired-file",
        keyfob: "tok until 2024-01-01T00:00:00Z",
    },
    Difference { id: "nan", row: "not-json", keyfob: REFUSED },
    Difference { id: "reg-bad", row: "unreadable-registration-expiry", keyfob: UNTIL_2030 },
];

/// What each reader of the corpus makes of a file.
fn readers(case: &Value) -> Vec<String> {
    [
        ("botocore", "token", "expiration"),
        ("rust", "accessToken", "expiresAt"),
        ("go", "accessToken", "expiresAt"),
        ("js", "accessToken", "expiresAt"),
    ]
    .into_iter()
    .map(|(reader, token, expires_at)| {
        if !case["accepted"][reader].as_bool().unwrap() {
            return REFUSED.to_owned();
        }
        let result = &case[reader];
        let until = result[expires_at].as_str().map(Timestamp::parse);
        match (result[token].as_str(), until) {
            (Some(token), Some(Ok(until))) => format!("{token} until {until}"),
            (token, _) => format!("{token:?} until {}", result[expires_at]),
        }
    })
    .collect()
}

fn described(result: &Result<CachedToken, FormatError>) -> String {
    result.as_ref().map_or_else(
        |_| REFUSED.to_owned(),
        |token| format!("{} until {}", token.access_token.expose(), token.expires_at),
    )
}

fn cases() -> Vec<(Vec<u8>, Value)> {
    let read = |(corpus, case): (conformance::Corpus, Value)| {
        (corpus.read(&format!("cases/{}.json", text(&case, "id"))), case)
    };
    committed_and_corpora("token-cache-formats", "expected.json").into_iter().map(read).collect()
}

#[test]
fn token_files_are_read_as_the_sdks_read_them() {
    let mut tally = Tally::new("token-cache-formats", DIFFERENCES);
    for (file, case) in cases() {
        let readers: BTreeSet<_> = readers(&case).into_iter().collect();
        let ours = described(&CachedToken::from_slice(&file));
        let id = text(&case, "id");
        let chosen = CHOSEN.iter().find(|chosen| chosen.id == id);
        match (readers.first(), chosen) {
            (_, Some(chosen)) => tally.compare(id, chosen.keyfob, &ours),
            (Some(all), None) if readers.len() == 1 => tally.compare(id, all, &ours),
            // Without a recorded choice one of the readers must be right.
            _ if readers.contains(&ours) => tally.compare(id, &ours, &ours),
            _ => tally.compare(id, &format!("one of {readers:?}"), &ours),
        }
    }
    tally.finish();
}

#[test]
fn what_else_the_sdks_read_is_read_alike() {
    for (file, case) in cases() {
        let Ok(token) = CachedToken::from_slice(&file) else { continue };
        let id = text(&case, "id");
        let refresh_token = token.refresh_token.as_ref().map(|secret| secret.expose().as_str());
        for (reader, member, ours) in [
            ("go", "clientId", token.client_id.as_deref()),
            ("go", "refreshToken", refresh_token),
            ("rust", "region", token.region.as_deref()),
            ("rust", "startUrl", token.start_url.as_deref()),
        ] {
            if case["accepted"][reader].as_bool().unwrap() {
                assert_eq!(
                    ours.unwrap_or_default(),
                    case[reader][member].as_str().unwrap_or_default(),
                    "{id} {member}"
                );
            }
        }
    }
}

#[test]
fn what_was_read_is_written_so_that_every_sdk_reads_it() {
    for (file, case) in cases() {
        let Ok(token) = CachedToken::from_slice(&file) else { continue };
        let written = token.to_vec();
        let id = text(&case, "id");
        let again = CachedToken::from_slice(written.expose());
        assert_eq!(described(&again), described(&Ok(token)), "{id}");
        let text = std::str::from_utf8(written.expose()).unwrap();
        assert!(!text.contains('\n') && !text.starts_with('\u{feff}'), "{id}");
        for known in ["startUrl", "region", "clientId", "registrationExpiresAt", "refreshToken"] {
            assert!(!text.contains(&format!("\"{known}\":null")), "{id}");
        }
    }
}

/// Row `trailing-garbage`.
#[test]
fn only_a_token_in_front_of_trailing_garbage_is_salvaged() {
    for (file, case) in cases() {
        if CachedToken::from_slice(&file).is_err() {
            let first = serde_json::Deserializer::from_slice(&file).into_iter::<Value>().next();
            let expected = match first {
                Some(Ok(first)) => {
                    described(&CachedToken::from_slice(first.to_string().as_bytes()))
                }
                _ => REFUSED.to_owned(),
            };
            assert_eq!(described(&CachedToken::salvage(&file)), expected, "{}", case["id"]);
            assert!(case["id"] != "two-objects" || expected == UNTIL_2030);
        }
    }
}

/// Row `registration-expiry-absent`.
#[test]
fn a_token_without_the_end_of_its_registration_is_refreshable() {
    let now = Timestamp::parse("2025-01-01T00:00:00Z").unwrap();
    for (file, case) in cases() {
        let Ok(token) = CachedToken::from_slice(&file) else { continue };
        let expected = match (text(&case, "id"), case["rust"]["refreshable"].as_bool()) {
            ("exp-past-reg-past", _) => false, // Rust looks at the time later
            ("reg-bad" | "reg-missing" | "reg-null", _) => true,
            (_, Some(refreshable)) => refreshable,
            (_, None) => continue,
        };
        assert_eq!(token.is_refreshable(now), expected, "{}", case["id"]);
    }
}
