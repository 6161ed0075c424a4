use http::header::RETRY_AFTER;
use http::{Response, StatusCode};

use crate::error::{Service, ServiceError};
use crate::fault::FaultKind;
use crate::reply;

/// Returns what a fault answers in place of the service, `None` where the service goes ahead.
pub(crate) fn answer(
    kind: FaultKind,
    service: Service,
    request_id: &str,
) -> Option<Response<Vec<u8>>> {
    let status = |code| StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let error = match kind {
        FaultKind::Drop { processed: true } | FaultKind::Latency(_) | FaultKind::Truncated => {
            return None;
        }
        FaultKind::Drop { processed: false } => return Some(reply::empty(StatusCode::OK)),
        FaultKind::Empty { status: code } => return Some(reply::empty(status(code))),
        FaultKind::NotJson { status: code } => return Some(captive_portal(status(code))),
        FaultKind::Throttle { retry_after } => {
            let mut response = ServiceError::throttled(service).into_response(service, request_id);
            if let Some(seconds) = retry_after {
                reply::set(&mut response, RETRY_AFTER, &seconds.to_string());
            }
            return Some(response);
        }
        FaultKind::ExpiredRegistration => ServiceError::invalid_client("Client has expired"),
        FaultKind::Forbidden => ServiceError::forbidden(service),
        FaultKind::IdpCommunicationError => {
            let message = "Error communicating with the identity provider";
            ServiceError::bad_request("IDPCommunicationError", message)
        }
        FaultKind::SlowDown => ServiceError::bad_request("SlowDownException", "Slow down"),
        FaultKind::Status(code) => ServiceError::failure(service, status(code)),
        FaultKind::Unauthorized if service == Service::Sts => {
            ServiceError::invalid_client_token_id()
        }
        FaultKind::Unauthorized => ServiceError::unauthorized(),
    };
    Some(error.into_response(service, request_id))
}

/// The page of some other network that answers in the place of AWS.
fn captive_portal(status: StatusCode) -> Response<Vec<u8>> {
    reply::html(status, include_str!("../templates/captive_portal.html").to_owned())
}
