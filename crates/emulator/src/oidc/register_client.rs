use serde_json::json;
use wire::Timestamp;

use super::{Answer, Grant, Members};
use crate::error::ServiceError;
use crate::idp::Idp;

/// A registered client.
pub(crate) struct Client {
    pub(crate) expires_at: Timestamp,
    grants: Vec<Grant>,
    pub(crate) name: String,
    redirect_uris: Vec<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) secret: String,
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

/// Takes a redirect URI of this machine apart into host and path, leaving out the port, which is a
/// new one at every sign-in.
fn loopback(uri: &str) -> Option<(String, String)> {
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

impl Idp {
    pub(super) fn register_client(&mut self, now: Timestamp, members: &Members) -> Answer {
        let name = members.text("clientName")?;
        if members.text("clientType")? != "public" {
            let message = "clientType must be public";
            return Err(ServiceError::bad_request("InvalidClientMetadataException", message));
        }
        let scopes = members.texts("scopes")?.unwrap_or_default();
        if scopes.iter().any(|scope| scope.is_empty() || scope.contains(char::is_whitespace)) {
            return Err(ServiceError::bad_request("InvalidScopeException", "Malformed scope"));
        }
        let grants = match members.texts("grantTypes")? {
            None => vec![Grant::DeviceCode, Grant::RefreshToken],
            Some(names) => names
                .into_iter()
                .map(|name| Grant::parse(name).ok_or_else(|| unsupported_grant(name)))
                .collect::<Result<_, _>>()?,
        };
        let redirect_uris = members.texts("redirectUris")?.unwrap_or_default();
        if redirect_uris.iter().any(|uri| loopback(uri).is_none()) {
            return Err(invalid_redirect("A public client redirects to this machine over http"));
        }
        let issuer = members.optional_text("issuerUrl")?;
        if issuer.is_some_and(|url| !self.scenario.knows_start_url(url)) {
            return Err(ServiceError::invalid_request("Unknown issuerUrl"));
        }
        if grants.contains(&Grant::AuthorizationCode) {
            if grants.contains(&Grant::DeviceCode) {
                let message = "authorization_code and device_code exclude each other";
                return Err(ServiceError::bad_request("InvalidScopeException", message));
            }
            if redirect_uris.is_empty() {
                return Err(invalid_redirect("authorization_code needs redirectUris"));
            }
            if issuer.is_none() {
                return Err(ServiceError::invalid_request("issuerUrl is missing"));
            }
        }
        let owned = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect();
        let client = Client {
            expires_at: now + self.scenario.lifetimes.registration,
            grants,
            name: name.to_owned(),
            redirect_uris: owned(redirect_uris),
            scopes: owned(scopes),
            secret: self.random.token(""),
        };
        let id = self.random.token("");
        let body = json!({
            "clientId": id,
            "clientIdIssuedAt": now.unix(),
            "clientSecret": client.secret,
            "clientSecretExpiresAt": client.expires_at.unix(),
        });
        self.clients.insert(id, client);
        Ok(body)
    }
}

fn unsupported_grant(name: &str) -> ServiceError {
    let message = format!("Unsupported grant type {name}");
    ServiceError::bad_request("UnsupportedGrantTypeException", message)
}

fn invalid_redirect(message: &'static str) -> ServiceError {
    ServiceError::bad_request("InvalidRedirectUriException", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    fn register(body: &serde_json::Value) -> Result<(), &'static str> {
        let members = Members::parse(body.to_string().as_bytes()).unwrap();
        let answer =
            Idp::new(Scenario::default()).register_client(Timestamp::from_unix(0), &members);
        answer.map(|_| ()).map_err(|error| error.code)
    }

    #[test]
    fn registrations_of_real_clients_are_accepted() {
        let issuer = "https://keyfob.awsapps.com/start";
        assert_eq!(register(&json!({ "clientName": "x", "clientType": "public" })), Ok(()));
        let body = json!({
            "clientName": "x", "clientType": "public", "issuerUrl": issuer,
            "grantTypes": ["authorization_code", "refresh_token"],
            "redirectUris": ["http://127.0.0.1/oauth/callback"], "scopes": ["sso:account:access"],
        });
        assert_eq!(register(&body), Ok(()));
    }

    #[test]
    fn each_mistake_has_its_exception() {
        let check = |member: &str, value: serde_json::Value, code| {
            let mut body = json!({
                "clientName": "x", "clientType": "public",
                "issuerUrl": "https://keyfob.awsapps.com/start",
                "grantTypes": ["authorization_code"], "redirectUris": ["http://127.0.0.1/cb"],
            });
            body[member] = value;
            assert_eq!(register(&body), Err(code), "{member}");
        };
        let device = "urn:ietf:params:oauth:grant-type:device_code";
        check("clientName", json!(""), "InvalidRequestException");
        check("clientType", json!("confidential"), "InvalidClientMetadataException");
        check("grantTypes", json!(["authorization_code", device]), "InvalidScopeException");
        check("grantTypes", json!(["password"]), "UnsupportedGrantTypeException");
        check("issuerUrl", json!("https://other.awsapps.com/start"), "InvalidRequestException");
        check("redirectUris", json!([]), "InvalidRedirectUriException");
        check("redirectUris", json!(["https://example.com/cb"]), "InvalidRedirectUriException");
        check("scopes", json!(["a b"]), "InvalidScopeException");
    }

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
