use oidc_proto::{
    CreateToken, DeviceAuthorization, DevicePoll, ErrorKind, Grant, StartDeviceAuthorization, Step,
    Token,
};
use token_cache::CachedRegistration;
use wire::{CallError, Timestamp};

use crate::error::LoginError;
use crate::portal::Portal;
use crate::registration::Registrations;
use crate::ui::{Page, Ui};

/// Signs in with a device code.
pub(crate) async fn run(
    portal: &Portal<'_>,
    registrations: &Registrations<'_>,
    ui: &dyn Ui,
) -> Result<(CachedRegistration, Token), LoginError> {
    let mut registration = registrations.get().await?;
    let mut started = start(portal, &registration).await;
    if started.as_ref().is_err_and(|error| error.kind() == Some(ErrorKind::InvalidClient)) {
        registration = registrations.renew().await?;
        started = start(portal, &registration).await;
    }
    let device = started.map_err(|error| explain(error, portal))?;
    let token = poll(portal, &registration, &device, ui).await?;
    Ok((registration, token))
}

async fn start(
    portal: &Portal<'_>,
    registration: &CachedRegistration,
) -> Result<DeviceAuthorization, LoginError> {
    let operation = StartDeviceAuthorization {
        client_id: &registration.client_id,
        client_secret: &registration.client_secret,
        start_url: &portal.start_url,
    };
    portal.call("StartDeviceAuthorization", &operation).await
}

/// Runs the loop of [`DevicePoll`]; the person is asked only where the first attempt fails.
async fn poll(
    portal: &Portal<'_>,
    registration: &CachedRegistration,
    device: &DeviceAuthorization,
    ui: &dyn Ui,
) -> Result<Token, LoginError> {
    let context = portal.context;
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
                    ui.show(&Page::DeviceCode {
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

fn end_error(source: CallError, portal: &Portal<'_>) -> LoginError {
    match ErrorKind::of_call(&source) {
        Some(ErrorKind::AccessDenied) => LoginError::Refused("access_denied".to_owned()),
        Some(ErrorKind::ExpiredToken) => LoginError::Expired,
        _ => portal.failed("CreateToken", source),
    }
}

/// The service says `invalid_request`, often without a word more, where the region is wrong.
fn explain(error: LoginError, portal: &Portal<'_>) -> LoginError {
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
