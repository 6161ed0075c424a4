use wire::Timestamp;

use super::authorization_server::AuthorizationServer;
use super::clients::Client;
use super::create_token::new_refresh_token;
use crate::instance::Instance;
use crate::route::Grant;
use crate::sign_in::SignIn;

/// Registers a client and opens a session for it, as a device code that was approved at once does.
pub(crate) fn sign_in(
    now: Timestamp,
    instance: &mut Instance,
    server: &mut AuthorizationServer,
) -> SignIn {
    let AuthorizationServer { clients, sessions, .. } = server;
    let Instance { random, scenario, user } = instance;
    let lifetimes = &scenario.lifetimes;
    let (client_id, client_secret) = (random.token(""), random.token(""));
    let registration_expires_at = now + lifetimes.registration;
    let client = Client {
        expires_at: registration_expires_at,
        grants: vec![Grant::DeviceCode, Grant::RefreshToken],
        name: "emulator".to_owned(),
        redirect_uris: Vec::new(),
        scopes: vec!["sso:account:access".to_owned()],
        secret: client_secret.clone(),
    };
    clients.add(client_id.clone(), client);
    let session = sessions.open(user.clone(), now + lifetimes.session);
    let access_token = random.token("aoa");
    let life =
        sessions.add_access_token(now, session, access_token.clone(), lifetimes.access_token);
    SignIn {
        access_token: access_token.into(),
        expires_at: now + life,
        refresh_token: new_refresh_token(random, sessions, session, &client_id).into(),
        client_id,
        client_secret: client_secret.into(),
        registration_expires_at,
        start_url: scenario.start_urls.first().cloned().unwrap_or_default(),
        region: scenario.region.clone(),
    }
}
