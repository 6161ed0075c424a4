//! The OIDC service: registration, device authorization, tokens.

mod authorization_codes;
mod authorization_server;
mod clients;
mod create_token;
mod devices;
mod register_client;
mod sign_in;
mod start_device_authorization;

use http::{Request, Response, StatusCode};
use wire::Timestamp;

pub(crate) use self::authorization_codes::AuthorizationCode;
pub(crate) use self::authorization_server::AuthorizationServer;
pub(crate) use self::clients::{Client, Clients};
use self::create_token::create_token;
use self::register_client::register_client;
pub(crate) use self::sign_in::sign_in;
use self::start_device_authorization::start_device_authorization;
use crate::error::ServiceError;
use crate::instance::Instance;
use crate::members::Members;
use crate::reply;
use crate::route::Oidc;

/// Answers a request.
pub(crate) fn answer(
    now: Timestamp,
    instance: &mut Instance,
    server: &mut AuthorizationServer,
    operation: Oidc,
    request: &Request<Vec<u8>>,
) -> Result<Response<Vec<u8>>, ServiceError> {
    let members = Members::parse(request.body())?;
    let answer = match operation {
        Oidc::CreateToken(grant) => create_token(now, instance, server, grant, &members),
        Oidc::RegisterClient => register_client(now, instance, &mut server.clients, &members),
        Oidc::StartDeviceAuthorization => {
            let AuthorizationServer { clients, devices, .. } = server;
            let origin = origin(request);
            start_device_authorization(now, instance, clients, devices, &members, &origin)
        }
    };
    answer.map(|body| reply::json(StatusCode::OK, &body))
}

/// The scheme and host under which the caller reaches the emulator.
fn origin(request: &Request<Vec<u8>>) -> String {
    let uri = request.uri();
    let host = request.headers().get(http::header::HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| uri.authority().map(http::uri::Authority::as_str));
    format!("{}://{}", uri.scheme_str().unwrap_or("http"), host.unwrap_or("localhost"))
}
