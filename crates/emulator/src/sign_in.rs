use serde_json::json;
use wire::{Secret, Timestamp};

/// What somebody has who signed in: an access token, and what it takes to renew it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SignIn {
    /// The access token.
    pub access_token: Secret<String>,
    /// Until when it is valid.
    pub expires_at: Timestamp,
    /// The refresh token.
    pub refresh_token: Secret<String>,
    /// The client that both were issued to.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret<String>,
    /// Until when the client is registered.
    pub registration_expires_at: Timestamp,
    /// The start URL of the portal.
    pub start_url: String,
    /// The region of the portal.
    pub region: String,
}

impl SignIn {
    /// Writes what AWS tools keep in `~/.aws/sso/cache`.
    pub fn to_cache_file(&self) -> Secret<String> {
        let file = json!({
            "startUrl": self.start_url,
            "region": self.region,
            "accessToken": self.access_token.expose(),
            "expiresAt": self.expires_at.to_string(),
            "clientId": self.client_id,
            "clientSecret": self.client_secret.expose(),
            "registrationExpiresAt": self.registration_expires_at.to_string(),
            "refreshToken": self.refresh_token.expose(),
        });
        Secret::new(file.to_string())
    }
}
