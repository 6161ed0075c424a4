use super::authorization_codes::AuthorizationCodes;
use super::clients::Clients;
use super::devices::Devices;
use crate::session::Sessions;

/// What the OIDC service remembers.
#[derive(Default)]
pub(crate) struct AuthorizationServer {
    pub(crate) clients: Clients,
    pub(crate) codes: AuthorizationCodes,
    pub(crate) devices: Devices,
    pub(crate) sessions: Sessions,
}
