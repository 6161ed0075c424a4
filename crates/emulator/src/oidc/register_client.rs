use serde_json::{Value, json};
use wire::Timestamp;

use super::clients::{Client, Clients, loopback};
use crate::error::ServiceError;
use crate::instance::Instance;
use crate::members::Members;
use crate::route::Grant;

/// Registers a client.
pub(super) fn register_client(
    now: Timestamp,
    instance: &mut Instance,
    clients: &mut Clients,
    members: &Members,
) -> Result<Value, ServiceError> {
    let Instance { random, scenario, .. } = instance;
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
    if issuer.is_some_and(|url| !scenario.knows_start_url(url)) {
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
        expires_at: now + scenario.lifetimes.registration,
        grants,
        name: name.to_owned(),
        redirect_uris: owned(redirect_uris),
        scopes: owned(scopes),
        secret: random.token(""),
    };
    let id = random.token("");
    let body = json!({
        "clientId": id,
        "clientIdIssuedAt": now.unix(),
        "clientSecret": client.secret,
        "clientSecretExpiresAt": client.expires_at.unix(),
    });
    clients.add(id, client);
    Ok(body)
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

    fn register(body: &Value) -> Result<(), &'static str> {
        let members = Members::parse(body.to_string().as_bytes()).unwrap();
        let (mut instance, mut clients) = (Instance::new(Scenario::default()), Clients::default());
        let now = Timestamp::from_unix(0);
        let answer = register_client(now, &mut instance, &mut clients, &members);
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
        let check = |member: &str, value: Value, code| {
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
}
