use std::time::Duration;

use http::{Request, Response, Uri};
use wire::{DecodeError, EncodeError, Members, Operation, Retry, Secret, Timestamp};

use crate::json_request::json_request;
use crate::{DevicePoll, Grant};

/// Asks for a code that the person confirms on any device.
///
/// Errors: `InvalidRequestException` (400; typically a wrong region or start URL),
/// `InvalidClientException` (401), `UnauthorizedClientException`, `SlowDownException` (400),
/// `InternalServerException` (500).
///
/// <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_StartDeviceAuthorization.html>
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the members of a 2019 API, built by literal")]
pub struct StartDeviceAuthorization<'a> {
    /// The id of the registration.
    pub client_id: &'a str,
    /// The secret of the registration.
    pub client_secret: &'a Secret<String>,
    /// The start URL of the portal, a vanity one resolved.
    pub start_url: &'a str,
}

/// A sign-in that waits for its person.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DeviceAuthorization {
    /// `deviceCode`, to be traded for a token.
    pub device_code: Secret<String>,
    /// `userCode`, for the person to compare or type.
    pub user_code: String,
    /// `verificationUri`, where the code is typed.
    pub verification_uri: String,
    /// `verificationUriComplete`, with the code filled in.
    pub verification_uri_complete: Option<String>,
    /// `expiresIn`: how long the person has; ten minutes where the service does not say.
    pub expires_in: Duration,
    /// `interval`: the least time between two attempts.
    pub interval: Option<Duration>,
}

impl DeviceAuthorization {
    /// Starts the polling of the code, which was issued at `now`.
    pub fn poll(&self, now: Timestamp) -> DevicePoll {
        DevicePoll::new(now, self.expires_in, self.interval)
    }

    /// Returns what CreateToken trades.
    pub fn grant(&self) -> Grant<'_> {
        Grant::device_code(&self.device_code)
    }
}

impl Operation for StartDeviceAuthorization<'_> {
    type Output = DeviceAuthorization;

    fn retry(&self) -> Retry {
        Retry::Transient
    }

    fn secrets(&self) -> Vec<&Secret<String>> {
        vec![self.client_secret]
    }

    fn encode(&self, endpoint: &Uri) -> Result<Request<Vec<u8>>, EncodeError> {
        json_request(
            endpoint,
            "/device_authorization",
            [
                ("clientId", Some(self.client_id.into())),
                ("clientSecret", Some(self.client_secret.expose().as_str().into())),
                ("startUrl", Some(self.start_url.into())),
            ],
        )
    }

    fn decode_success(response: &Response<Vec<u8>>) -> Result<DeviceAuthorization, DecodeError> {
        let mut members = Members::of(response)?;
        Ok(DeviceAuthorization {
            device_code: members.required("deviceCode", Members::take_secret)?,
            user_code: members.required("userCode", Members::take_text)?,
            verification_uri: members.required("verificationUri", Members::take_text)?,
            verification_uri_complete: members.take_text("verificationUriComplete"),
            expires_in: crate::take_seconds(&mut members, "expiresIn")
                .unwrap_or(Duration::from_secs(600)),
            interval: crate::take_seconds(&mut members, "interval"),
        })
    }
}
