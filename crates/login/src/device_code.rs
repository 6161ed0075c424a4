use oidc_proto::{
    CreateToken, DeviceAuthorization, DevicePoll, ErrorKind, Grant, StartDeviceAuthorization, Step,
    Token,
};
use token_cache::{CachedRegistration, Flow};
use wire::{CallError, Timestamp};

use crate::LoginError;
use crate::registration::Registrations;
use crate::sign_in::{Login, Page, Portal, call};

/// Signs in with a device code.
pub(crate) async fn run(
    login: &Login<'_>,
    portal: &Portal,
) -> Result<(CachedRegistration, Token), LoginError> {
    let flow = Flow::DeviceCode;
    let registrations = Registrations::new(login.context, login.session, portal, flow);
    let mut registration = registrations.get().await?;
    let mut started = start(login, portal, &registration).await;
    if error_kind(&started) == Some(ErrorKind::InvalidClient) {
        registration = registrations.renew().await?;
        started = start(login, portal, &registration).await;
    }
    let device = started.map_err(|error| explain(error, portal))?;
    let token = poll(login, portal, &registration, &device).await?;
    Ok((registration, token))
}

async fn start(
    login: &Login<'_>,
    portal: &Portal,
    registration: &CachedRegistration,
) -> Result<DeviceAuthorization, LoginError> {
    let operation = StartDeviceAuthorization {
        client_id: &registration.client_id,
        client_secret: &registration.client_secret,
        start_url: &portal.start_url,
    };
    call("StartDeviceAuthorization", &operation, portal, login.context).await
}

/// Runs the loop of [`DevicePoll`]; the person is asked only where the first attempt fails.
async fn poll(
    login: &Login<'_>,
    portal: &Portal,
    registration: &CachedRegistration,
    device: &DeviceAuthorization,
) -> Result<Token, LoginError> {
    let context = login.context;
    let operation = CreateToken {
        client_id: &registration.client_id,
        client_secret: &registration.client_secret,
        grant: Grant::device_code(&device.device_code),
        scope: None,
    };
    // Not the time of day: that may be set while a person is waited for.
    let now = || Timestamp::from_unix(0) + context.clock().elapsed();
    let mut poll = DevicePoll::new(now(), device.expires_in, device.interval);
    let mut shown = false;
    loop {
        match poll.step(now()) {
            Step::Wait(until) => context.clock().sleep(now().until(until)).await,
            Step::Send => {
                let result = context.call(&operation, &portal.endpoint).await;
                if let Some(end) = poll.on_result(now(), result) {
                    return end.map_err(|source| end_error(source, portal));
                }
                if !shown {
                    shown = true;
                    login.ui.show(&Page::DeviceCode {
                        url: &device.verification_uri,
                        url_complete: device.verification_uri_complete.as_deref(),
                        code: &device.user_code,
                        expires_in: device.expires_in,
                    });
                }
            }
            _ => return Err(LoginError::Expired),
        }
    }
}

fn end_error(source: CallError, portal: &Portal) -> LoginError {
    match ErrorKind::of_call(&source) {
        Some(ErrorKind::AccessDenied) => LoginError::Refused("access_denied".to_owned()),
        Some(ErrorKind::ExpiredToken) => LoginError::Expired,
        _ => LoginError::Call {
            operation: "CreateToken",
            host: portal.endpoint.authority().map(ToString::to_string).unwrap_or_default(),
            source: Box::new(source),
        },
    }
}

/// The service says `invalid_request`, often without a word more, where the region is wrong.
fn explain(error: LoginError, portal: &Portal) -> LoginError {
    match error {
        LoginError::Call { source, .. }
            if ErrorKind::of_call(&source) == Some(ErrorKind::InvalidRequest) =>
        {
            LoginError::Rejected {
                start_url: portal.start_url.clone(),
                region: portal.region.clone(),
                source,
            }
        }
        other => other,
    }
}

fn error_kind<T>(result: &Result<T, LoginError>) -> Option<ErrorKind> {
    match result {
        Err(LoginError::Call { source, .. }) => ErrorKind::of_call(source),
        _ => None,
    }
}
