use serde_json::Value;
use wire::{Members, Secret, Timestamp};

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

/// Reads the answer of a `credential_process`: a JSON object whose `Version` is the number 1.
///
/// Any form of a time that an AWS tool writes is read; credentials without `Expiration` do not
/// expire.
///
/// # Errors
/// Fails with what is missing or wrong, and nothing of what was read.
pub fn read_process_output(output: &[u8]) -> Result<Credentials, &'static str> {
    let mut members = Members::from_slice(output).map_err(|_| "no JSON object")?;
    if members.take_i64("Version") != Some(1) {
        return Err("`Version` is not the number 1");
    }
    credentials_of(&mut members, "SessionToken").map_err(|name| match name {
        "AccessKeyId" => "`AccessKeyId` is missing",
        "SecretAccessKey" => "`SecretAccessKey` is missing",
        _ => "`Expiration` is not a time",
    })
}

/// Takes credentials out of an object; `token` is what it calls the session token. The error is the
/// name of the member that is missing, or `Expiration` where it is no time.
pub(crate) fn credentials_of(
    members: &mut Members,
    token: &str,
) -> Result<Credentials, &'static str> {
    let id = members.take_text("AccessKeyId").ok_or("AccessKeyId")?;
    let secret = members.take_secret("SecretAccessKey").ok_or("SecretAccessKey")?;
    let expiration = match members.take_text("Expiration") {
        Some(text) => Some(Timestamp::parse(&text).map_err(|_| "Expiration")?),
        None => None,
    };
    let account_id = members.take_text("AccountId");
    Ok(Credentials::new(id, secret, members.take_secret(token), expiration, account_id))
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

    #[test]
    fn what_other_tools_print_is_read() {
        let read = |text: &str| read_process_output(text.as_bytes());
        let credentials = read(
            r#"{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "S", "SessionToken": null,
            "Expiration": "2026-01-02T05:04:05+02:00", "Other": {}}"#,
        );
        let credentials = credentials.unwrap();
        assert_eq!(credentials.expiration.unwrap().to_string(), "2026-01-02T03:04:05Z");
        assert_eq!(credentials.session_token, None);
        let keys = r#""AccessKeyId":"A","SecretAccessKey":"S""#;
        assert_eq!(read(&format!(r#"{{"Version":1,{keys}}}"#)).unwrap().expiration, None);
        for (text, error) in [
            ("no json".to_owned(), "no JSON object"),
            (format!("{{{keys}}}"), "`Version` is not the number 1"),
            (format!(r#"{{"Version":"1",{keys}}}"#), "`Version` is not the number 1"),
            (format!(r#"{{"Version":2,{keys}}}"#), "`Version` is not the number 1"),
            (r#"{"Version":1,"SecretAccessKey":"S"}"#.to_owned(), "`AccessKeyId` is missing"),
            (r#"{"Version":1,"AccessKeyId":"A"}"#.to_owned(), "`SecretAccessKey` is missing"),
            (format!(r#"{{"Version":1,{keys},"Expiration":"x"}}"#), "`Expiration` is not a time"),
        ] {
            assert_eq!(read(&text).unwrap_err(), error, "{text}");
        }
    }
}
