//! The names under which the AWS CLI keeps tokens and registrations.

use conformance::{Tally, corpus, text};
use token_cache::{CacheKey, RegistrationKey, SessionKey};

#[test]
fn cache_files_are_named_as_the_aws_cli_names_them() {
    let Some(corpus) = corpus("awscli-v2") else { return };
    let mut tally = Tally::new("awscli-v2 sso-cache-keys", &[]);
    let keys = corpus.json("data/sso-cache-keys.json");
    for case in keys["vectors"].as_array().unwrap() {
        let start_url = text(case, "startUrl");
        let session_name = case["sessionName"].as_str();
        let session = session_name.map_or(SessionKey::StartUrl(start_url), SessionKey::Session);
        let scopes: Option<Vec<String>> = serde_json::from_value(case["scopes"].clone()).unwrap();
        let registration = RegistrationKey {
            region: text(case, "region"),
            scopes: scopes.as_deref(),
            session_name,
            start_url,
        };
        let token = format!("{}.json", CacheKey::for_token(session));
        let registration = format!("{}.json", CacheKey::for_registration(&registration));
        tally.compare(&format!("token of {case}"), text(case, "tokenFile"), &token);
        let id = format!("registration of {case}");
        tally.compare(&id, text(case, "registrationFile"), &registration);
    }
    for case in keys["publicTokenKeys"].as_array().unwrap() {
        let key = text(case, "key");
        tally.compare(key, text(case, "sha1"), &CacheKey::for_session(key).to_string());
        assert_eq!(CacheKey::for_start_url(key), CacheKey::for_session(key));
    }
    tally.finish();
}
