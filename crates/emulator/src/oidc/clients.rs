use std::collections::HashMap;

use wire::Timestamp;

use crate::error::ServiceError;
use crate::members::Members;
use crate::route::Grant;

/// The registered clients, by their ids.
#[derive(Default)]
pub(crate) struct Clients(HashMap<String, Client>);

/// A registered client.
pub(crate) struct Client {
    pub(super) expires_at: Timestamp,
    pub(super) grants: Vec<Grant>,
    pub(crate) name: String,
    pub(super) redirect_uris: Vec<String>,
    pub(crate) scopes: Vec<String>,
    pub(super) secret: String,
}

impl Client {
    pub(crate) fn may_use(&self, grant: Grant) -> bool {
        self.grants.contains(&grant)
    }

    /// Whether refresh tokens are issued: only to clients that registered a scope.
    pub(crate) fn may_refresh(&self) -> bool {
        self.may_use(Grant::RefreshToken) && !self.scopes.is_empty()
    }

    /// Whether the URI is a registered one, on any port.
    pub(crate) fn redirects_to(&self, uri: &str) -> bool {
        let Some(wanted) = loopback(uri) else { return false };
        self.redirect_uris.iter().any(|known| loopback(known).is_some_and(|known| known == wanted))
    }
}

impl Clients {
    pub(super) fn add(&mut self, id: String, client: Client) {
        self.0.insert(id, client);
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Client> {
        self.0.get(id)
    }

    /// Returns the client, unless its registration has expired.
    pub(crate) fn live(&self, now: Timestamp, id: &str) -> Option<&Client> {
        self.get(id).filter(|client| now < client.expires_at)
    }

    /// Finds the client that the request names, and proves by its secret.
    pub(super) fn authenticate(
        &self,
        now: Timestamp,
        members: &Members,
    ) -> Result<(&str, &Client), ServiceError> {
        let id = members.text("clientId")?;
        let secret = members.text("clientSecret")?;
        match self.0.get_key_value(id).filter(|(_, client)| client.secret == secret) {
            Some((id, client)) if now < client.expires_at => Ok((id, client)),
            Some(_) => Err(ServiceError::invalid_client("Client has expired")),
            None => Err(ServiceError::invalid_client("Unknown client or wrong secret")),
        }
    }
}

/// Takes a redirect URI of this machine apart into host and path, leaving out the port, which is a
/// new one at every sign-in.
pub(super) fn loopback(uri: &str) -> Option<(String, String)> {
    if uri.contains('#') || !uri.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let uri: http::Uri = uri.parse().ok()?;
    let authority = uri.authority()?;
    let local = matches!(authority.host(), "127.0.0.1" | "[::1]" | "localhost");
    let user = authority.as_str().contains('@');
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    (uri.scheme_str() == Some("http") && local && !user)
        .then(|| (authority.host().to_owned(), path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_http_to_this_machine_is_loopback() {
        for uri in ["http://127.0.0.1/cb", "http://[::1]:1/cb", "http://localhost:65535"] {
            assert!(loopback(uri).is_some(), "{uri}");
        }
        assert_eq!(loopback("http://127.0.0.1:5/cb"), loopback("http://127.0.0.1/cb"));
        for uri in [
            "https://127.0.0.1/",
            "http://127.0.0.1.example.com/",
            "http://a@127.0.0.1/",
            "/cb",
            "",
        ] {
            assert_eq!(loopback(uri), None, "{uri}");
        }
    }
}
