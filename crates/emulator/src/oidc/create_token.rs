use serde_json::{Value, json};
use wire::Timestamp;

use super::authorization_server::AuthorizationServer;
use crate::error::ServiceError;
use crate::instance::Instance;
use crate::members::Members;
use crate::random::Random;
use crate::route::Grant;
use crate::session::{SessionId, Sessions};

/// Issues tokens for a grant.
pub(super) fn create_token(
    now: Timestamp,
    instance: &mut Instance,
    server: &mut AuthorizationServer,
    grant: Option<Grant>,
    members: &Members,
) -> Result<Value, ServiceError> {
    let AuthorizationServer { clients, codes, devices, sessions } = server;
    let (client_id, client) = clients.authenticate(now, members)?;
    let name = members.text("grantType")?;
    let Some(grant) = grant else {
        let message = format!("Unsupported grant type {name}");
        return Err(ServiceError::bad_request("UnsupportedGrantTypeException", message));
    };
    let permitted = match grant {
        Grant::RefreshToken => client.may_refresh(),
        grant => client.may_use(grant),
    };
    if !permitted {
        let message = "The client is not registered for this grant";
        return Err(ServiceError::bad_request("UnauthorizedClientException", message));
    }
    let user = match grant {
        Grant::AuthorizationCode => codes.redeem(now, client_id, members)?,
        Grant::DeviceCode => devices.poll(now, instance, client_id, members)?,
        Grant::RefreshToken => return refresh(now, instance, sessions, client_id, members),
    };
    let session = sessions.open(user, now + instance.scenario.lifetimes.session);
    let refresh_token = client
        .may_refresh()
        .then(|| new_refresh_token(&mut instance.random, sessions, session, client_id));
    Ok(token(now, instance, sessions, session, refresh_token))
}

fn refresh(
    now: Timestamp,
    instance: &mut Instance,
    sessions: &mut Sessions,
    client_id: &str,
    members: &Members,
) -> Result<Value, ServiceError> {
    let sent = members.text("refreshToken")?;
    let Some(session) = sessions.refreshable(now, sent, client_id) else {
        return Err(ServiceError::invalid_grant("Unknown, used or expired refresh token"));
    };
    let refresh_token = if instance.scenario.omit_refresh_token_on_refresh {
        None
    } else if instance.scenario.rotate_refresh_tokens {
        sessions.spend_refresh_token(sent);
        Some(new_refresh_token(&mut instance.random, sessions, session, client_id))
    } else {
        Some(sent.to_owned())
    };
    Ok(token(now, instance, sessions, session, refresh_token))
}

pub(super) fn new_refresh_token(
    random: &mut Random,
    sessions: &mut Sessions,
    session: SessionId,
    client_id: &str,
) -> String {
    let token = random.token("aor");
    sessions.add_refresh_token(session, token.clone(), client_id);
    token
}

/// Issues an access token, and writes the answer.
fn token(
    now: Timestamp,
    instance: &mut Instance,
    sessions: &mut Sessions,
    session: SessionId,
    refresh_token: Option<String>,
) -> Value {
    let token = instance.random.token("aoa");
    let lifetime = instance.scenario.lifetimes.access_token;
    let expires_in = sessions.add_access_token(now, session, token.clone(), lifetime);
    let mut body = json!({
        "accessToken": token,
        "expiresIn": expires_in.as_secs(),
        "tokenType": "Bearer",
    });
    if let (Some(token), Some(body)) = (refresh_token, body.as_object_mut()) {
        body.insert("refreshToken".to_owned(), token.into());
    }
    body
}
