use serde_json::Value;
use wire::Secret;

use crate::Credentials;

/// Writes the answer of a `credential_process`: one line of JSON, `Version` first, names in the
/// order of the contract, no `null`, the time with `Z`, a line feed at the end.
///
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>
pub fn process_output(credentials: &Credentials) -> Secret<Vec<u8>> {
    let expiration = credentials.expiration.map(|time| time.to_string());
    let members = [
        ("AccessKeyId", Some(credentials.access_key_id.as_str())),
        ("SecretAccessKey", Some(credentials.secret_access_key.expose().as_str())),
        ("SessionToken", credentials.session_token.as_ref().map(|token| token.expose().as_str())),
        ("Expiration", expiration.as_deref()),
        ("AccountId", credentials.account_id.as_deref()),
    ];
    // Reserved ahead, so that no copy of a secret stays behind in a buffer that grew.
    let size: usize =
        members.iter().map(|(name, value)| name.len() + value.map_or(0, str::len)).sum();
    let mut json = String::with_capacity(2 * size + 64);
    json.push_str(r#"{"Version":1"#);
    for (name, value) in members {
        if let Some(value) = value {
            json.push_str(&format!(r#","{name}":"#));
            json.push_str(Secret::new(Value::from(value).to_string()).expose());
        }
    }
    json.push_str("}\n");
    Secret::new(json.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::Timestamp;

    #[test]
    fn the_line_is_the_one_of_the_contract() {
        let mut credentials = Credentials::new(
            "ASIA1".into(),
            Secret::from("s/ec+"),
            Some(Secret::from("t==")),
            Some(Timestamp::from_unix(1_767_323_045)),
            Some("012345678901".into()),
        );
        let line = |credentials: &Credentials| {
            String::from_utf8(process_output(credentials).expose().clone()).unwrap()
        };
        assert_eq!(
            line(&credentials),
            concat!(
                r#"{"Version":1,"AccessKeyId":"ASIA1","SecretAccessKey":"s/ec+","SessionToken":"t==","#,
                r#""Expiration":"2026-01-02T03:04:05Z","AccountId":"012345678901"}"#,
                "\n"
            )
        );
        credentials.session_token = None;
        credentials.expiration = None;
        credentials.account_id = None;
        assert_eq!(
            line(&credentials),
            "{\"Version\":1,\"AccessKeyId\":\"ASIA1\",\"SecretAccessKey\":\"s/ec+\"}\n"
        );
    }
}
