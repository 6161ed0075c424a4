use token_cache::{CacheKey, SessionKey};

/// A session of Identity Center: an `[sso-session NAME]`, or the start URL of a legacy profile.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Session {
    /// The name of the sso-session, absent for a legacy start URL.
    pub name: Option<String>,
    /// The start URL as configured.
    pub start_url: String,
    /// The region of Identity Center.
    pub region: String,
    /// The scopes as configured.
    pub registration_scopes: Option<Vec<String>>,
}

impl Session {
    /// Names a session of the config file.
    pub fn named(name: &str, start_url: &str, region: &str) -> Self {
        Self { name: Some(name.to_owned()), ..Self::legacy(start_url, region) }
    }

    /// Names a legacy start URL.
    pub fn legacy(start_url: &str, region: &str) -> Self {
        Self {
            name: None,
            start_url: start_url.to_owned(),
            region: region.to_owned(),
            registration_scopes: None,
        }
    }

    /// Returns what the token file is named after.
    pub fn key(&self) -> SessionKey<'_> {
        self.name.as_deref().map_or(SessionKey::StartUrl(&self.start_url), SessionKey::Session)
    }

    /// Returns the name of the token file.
    pub fn cache_key(&self) -> CacheKey {
        CacheKey::for_token(self.key())
    }
}

impl std::fmt::Display for Session {
    /// Writes the name or the start URL, as an error message needs it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name.as_deref().unwrap_or(&self.start_url))
    }
}

impl From<&shared_config::SsoSettings<'_>> for Session {
    fn from(settings: &shared_config::SsoSettings<'_>) -> Self {
        Self {
            name: settings.session_name.map(str::to_owned),
            start_url: settings.start_url.to_owned(),
            region: settings.region.to_owned(),
            registration_scopes: settings.registration_scopes.clone(),
        }
    }
}

impl From<&shared_config::SsoSession<'_>> for Session {
    fn from(session: &shared_config::SsoSession<'_>) -> Self {
        Self {
            registration_scopes: session.registration_scopes.clone(),
            ..Self::named(session.name, session.start_url, session.region)
        }
    }
}
