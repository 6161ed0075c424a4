//! The OIDC service: registration, device authorization, tokens.

mod create_token;
mod members;
mod register_client;
mod start_device_authorization;

use http::{Request, Response, StatusCode};
use serde_json::Value;
use wire::Timestamp;

pub(crate) use self::create_token::AuthorizationCode;
pub(crate) use self::members::Members;
pub(crate) use self::register_client::Client;
pub(crate) use self::start_device_authorization::{Decision, Device, same_code};
use crate::error::ServiceError;
use crate::idp::Idp;
use crate::reply;
use crate::route::Oidc;

/// A way to a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grant {
    AuthorizationCode,
    DeviceCode,
    RefreshToken,
}

impl Grant {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "authorization_code" => Some(Self::AuthorizationCode),
            "refresh_token" => Some(Self::RefreshToken),
            "urn:ietf:params:oauth:grant-type:device_code" => Some(Self::DeviceCode),
            _ => None,
        }
    }
}

type Answer = Result<Value, ServiceError>;

impl Idp {
    pub(crate) fn oidc(
        &mut self,
        now: Timestamp,
        operation: Oidc,
        request: &Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, ServiceError> {
        let members = Members::parse(request.body())?;
        let answer = match operation {
            Oidc::CreateToken(grant) => self.create_token(now, grant, &members),
            Oidc::RegisterClient => self.register_client(now, &members),
            Oidc::StartDeviceAuthorization => {
                self.start_device_authorization(now, &members, &origin(request))
            }
        };
        answer.map(|body| reply::json(StatusCode::OK, &body))
    }

    /// Finds the client that the request names, and proves by its secret.
    fn authenticate(
        &self,
        now: Timestamp,
        members: &Members,
    ) -> Result<(&str, &Client), ServiceError> {
        let id = members.text("clientId")?;
        let secret = members.text("clientSecret")?;
        match self.clients.get_key_value(id) {
            Some((id, client)) if client.secret == secret && now < client.expires_at => {
                Ok((id, client))
            }
            Some((_, client)) if client.secret == secret => {
                Err(ServiceError::invalid_client("Client has expired"))
            }
            _ => Err(ServiceError::invalid_client("Unknown client or wrong secret")),
        }
    }
}

/// The scheme and host under which the caller reaches the emulator.
fn origin(request: &Request<Vec<u8>>) -> String {
    let uri = request.uri();
    let host = request.headers().get(http::header::HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| uri.authority().map(http::uri::Authority::as_str));
    format!("{}://{}", uri.scheme_str().unwrap_or("http"), host.unwrap_or("localhost"))
}
