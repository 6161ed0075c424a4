use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Uri;
use sha2::{Digest, Sha256};
use wire::{Secret, percent_encode};

/// A proof key for code exchange, RFC 7636, with method S256.
#[derive(Clone, Debug)]
pub struct Pkce {
    verifier: Secret<String>,
}

impl Pkce {
    /// Makes a verifier of 64 characters from 48 random bytes.
    pub fn from_entropy(bytes: [u8; 48]) -> Self {
        Self { verifier: Secret::new(URL_SAFE_NO_PAD.encode(bytes)) }
    }

    /// Returns the verifier, which goes into CreateToken.
    pub fn verifier(&self) -> &Secret<String> {
        &self.verifier
    }

    /// Returns the challenge, which goes into the authorize URL.
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.expose()))
    }

    /// Returns the URL to open, on the OIDC endpoint without its base path.
    ///
    /// Parameters, their order and the name `scopes`, which the RFC calls `scope`, are those of the
    /// AWS CLI.
    pub fn authorize_url(
        &self,
        endpoint: &Uri,
        client_id: &str,
        redirect_uri: &str,
        state: &Secret<String>,
        scopes: &[String],
    ) -> String {
        let query = [
            ("response_type", "code"),
            ("client_id", client_id),
            ("redirect_uri", redirect_uri),
            ("state", state.expose()),
            ("code_challenge_method", "S256"),
            ("scopes", &scopes.join(" ")),
            ("code_challenge", &self.challenge()),
        ]
        .map(|(name, value)| format!("{name}={}", percent_encode(value)))
        .join("&");
        let scheme = endpoint.scheme_str().unwrap_or("https");
        let authority = endpoint.authority().map_or("", http::uri::Authority::as_str);
        format!("{scheme}://{authority}/authorize?{query}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The verifier of RFC 7636, appendix B.
    fn of_the_rfc() -> Pkce {
        Pkce { verifier: Secret::from("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") }
    }

    #[test]
    fn the_challenge_is_the_one_of_the_rfc() {
        assert_eq!(of_the_rfc().challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn a_verifier_has_64_allowed_characters() {
        let pkce = Pkce::from_entropy([0xff; 48]);
        assert_eq!(pkce.verifier().expose(), &"_".repeat(64));
    }

    #[test]
    fn the_authorize_url_is_the_one_of_the_aws_cli() {
        let url = of_the_rfc().authorize_url(
            &Uri::from_static("https://oidc.us-east-1.amazonaws.com/base"),
            "cid-123",
            "http://127.0.0.1:40404/oauth/callback",
            &Secret::from("00000000-0000-4000-8000-000000000000"),
            &["sso:account:access".to_owned(), "codewhisperer:completions".to_owned()],
        );
        assert_eq!(
            url,
            "https://oidc.us-east-1.amazonaws.com/authorize?response_type=code&client_id=cid-123\
             &redirect_uri=http%3A%2F%2F127.0.0.1%3A40404%2Foauth%2Fcallback\
             &state=00000000-0000-4000-8000-000000000000&code_challenge_method=S256\
             &scopes=sso%3Aaccount%3Aaccess%20codewhisperer%3Acompletions\
             &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }
}
