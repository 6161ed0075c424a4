use std::fmt;

use sha1::{Digest, Sha1};

/// The name of a cache file without `.json`: 40 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CacheKey([u8; 20]);

/// Whose token it is: an sso-session by its name, or a legacy start URL.
///
/// The text counts as it is configured, byte for byte: case, a trailing slash and `#/` make another
/// file, for every SDK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the two kinds of SSO configuration there are")]
pub enum SessionKey<'a> {
    /// The name of an `[sso-session NAME]`.
    Session(&'a str),
    /// The `sso_start_url` of a legacy profile.
    StartUrl(&'a str),
}

/// What identifies the credentials of an SSO role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the key of the AWS CLI, built by literal")]
pub struct RoleKey<'a> {
    /// The account, twelve digits.
    pub account_id: &'a str,
    /// The name of the permission set.
    pub role_name: &'a str,
    /// Where the token comes from.
    pub session: SessionKey<'a>,
}

/// What identifies a client registration of the AWS CLI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the key of the AWS CLI, built by literal")]
pub struct RegistrationKey<'a> {
    /// `sso_region`
    pub region: &'a str,
    /// The scopes as configured and in their order, `None` where none are.
    pub scopes: Option<&'a [String]>,
    /// The name of the sso-session, `None` for a legacy start URL.
    pub session_name: Option<&'a str>,
    /// The start URL as configured.
    pub start_url: &'a str,
}

impl CacheKey {
    /// The token file of an sso-session, from its name.
    pub fn for_session(name: &str) -> Self {
        Self::of(name)
    }

    /// The token file of a legacy start URL, as configured.
    pub fn for_start_url(url: &str) -> Self {
        Self::of(url)
    }

    /// The token file of a session or a start URL.
    pub fn for_token(session: SessionKey<'_>) -> Self {
        match session {
            SessionKey::Session(name) => Self::for_session(name),
            SessionKey::StartUrl(url) => Self::for_start_url(url),
        }
    }

    /// The AWS CLI's file of the credentials of an SSO role: the hash of a sorted, minified JSON
    /// object.
    pub fn for_role(key: &RoleKey<'_>) -> Self {
        let (member, value) = match key.session {
            SessionKey::Session(name) => ("sessionName", name),
            SessionKey::StartUrl(url) => ("startUrl", url),
        };
        Self::of(&format!(
            r#"{{"accountId":{},"roleName":{},"{member}":{}}}"#,
            python_json(key.account_id),
            python_json(key.role_name),
            python_json(value),
        ))
    }

    /// The AWS CLI's file of a client registration: the hash of a sorted JSON object with a space
    /// behind each comma and colon.
    pub fn for_registration(key: &RegistrationKey<'_>) -> Self {
        let null = || "null".to_owned();
        let scopes = key.scopes.map(|scopes| {
            let scopes: Vec<_> = scopes.iter().map(|scope| python_json(scope)).collect();
            format!("[{}]", scopes.join(", "))
        });
        Self::of(&format!(
            r#"{{"region": {}, "scopes": {}, "session_name": {}, "startUrl": {}, "tool": "botocore"}}"#,
            python_json(key.region),
            scopes.unwrap_or_else(null),
            key.session_name.map_or_else(null, python_json),
            python_json(key.start_url),
        ))
    }

    pub(crate) fn of(text: &str) -> Self {
        Self(Sha1::digest(text).into())
    }
}

impl fmt::Display for SessionKey<'_> {
    /// Writes the name or the start URL.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session(text) | Self::StartUrl(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CacheKey({self})")
    }
}

/// Writes a JSON string as Python's `json.dumps` does: like everybody, but everything outside ASCII
/// and U+007F as `\u` and four hex digits for each of its UTF-16 units.
fn python_json(text: &str) -> String {
    let json = crate::quoted(text);
    let mut ascii = String::with_capacity(json.len());
    for c in json.chars() {
        if matches!(c, ' '..='~') {
            ascii.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                ascii.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    ascii
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_files_are_named_like_those_of_every_sdk() {
        for (key, stem) in [
            ("my-sso", "0ad374308c5a4e22f723adf10145eafad7c4031c"),
            ("My-SSO", "db114456a227d5005d8650098b148a2d5bc1b44e"),
            ("d\u{e9}v", "5e8b63eeb2045e416ee729a90c81b9615854b244"),
            ("https://my-sso-portal.awsapps.com/start", "c7aaaf71fcc8777ae2475525ed049d39fe16c484"),
            (
                "https://my-sso-portal.awsapps.com/start/",
                "281a1863574b3787533891e49521f808d4fc0d51",
            ),
            (
                "https://my-sso-portal.awsapps.com/start#/",
                "dbb58223772e9bae116ca5a3d089fdc0858ca302",
            ),
        ] {
            assert_eq!(CacheKey::for_session(key).to_string(), stem, "{key}");
        }
    }

    #[test]
    fn a_key_is_shown_as_the_name_of_its_file() {
        let key = CacheKey::for_session("my-sso");
        assert_eq!(format!("{key:?}"), "CacheKey(0ad374308c5a4e22f723adf10145eafad7c4031c)");
    }

    #[test]
    fn registrations_are_shared_with_the_aws_cli() {
        let scopes = |scopes: &[&str]| scopes.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let portal = "https://my-sso-portal.awsapps.com/start";
        let stem = |region, scopes: Option<Vec<String>>, session_name, start_url| {
            let scopes = scopes.as_deref();
            let key = RegistrationKey { region, scopes, session_name, start_url };
            CacheKey::for_registration(&key).to_string()
        };
        let us = "us-east-1";
        assert_eq!(
            stem(us, Some(scopes(&["sso:account:access"])), Some("my-sso"), portal),
            "c5cfae6e3e4f067423a532368c8b514b6a4b0ace"
        );
        assert_eq!(
            stem(us, None, Some("my-sso"), portal),
            "5d2ad48f7ce068c072924f44a42fb81ca0fd6b99"
        );
        assert_eq!(
            stem(us, Some(vec![]), Some("my-sso"), portal),
            "0f66d04d10bc193b79c36d784f62dff0f8700212"
        );
        assert_eq!(stem(us, None, None, portal), "0e093f10f65cee6c5c1898a8e240f5726875bf08");
        assert_eq!(
            stem(
                "eu-west-1",
                Some(scopes(&["sso:account:access", "codewhisperer:completions"])),
                Some("d\u{e9}v"),
                "https://d-1234567890.awsapps.com/start"
            ),
            "88dbb833873b5bb1c4f285387cb86a2bfa53f20e"
        );
        assert_eq!(
            stem(us, Some(scopes(&["a"])), Some("x/\u{1f600}\"\\"), portal),
            "78ed94b1019c85a97cc40427a9e1ec3369dfafef"
        );
        assert_eq!(
            stem(us, None, Some("a\u{7f}\u{1}b"), portal),
            "86bd42b22410dc632d8a5331da17d818b62d912e"
        );
    }

    #[test]
    fn role_files_are_shared_with_the_aws_cli() {
        let role_key = |role_name, session| {
            let key = RoleKey { account_id: "123456789012", role_name, session };
            CacheKey::for_role(&key).to_string()
        };
        assert_eq!(
            role_key("ReadOnlyAccess", SessionKey::Session("my-sso")),
            "8a3489bcff6677dec354a92a167a198830072cad"
        );
        assert_eq!(
            role_key("AdministratorAccess", SessionKey::Session("my-sso")),
            "c61222fe4c86bb5d3638873744d4cab00a0bf176"
        );
        assert_eq!(
            role_key(
                "ReadOnlyAccess",
                SessionKey::StartUrl("https://my-sso-portal.awsapps.com/start")
            ),
            "0e2ed6ba9180a6a9a6bb6f890a6f106bdee3d3d4"
        );
    }
}
