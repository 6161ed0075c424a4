use std::time::Duration;

use http::{Request, Response, Uri, header};

use crate::{
    Attempts, CallError, Operation, RetryRule, Secret, Transport, TransportError, mask::Mask,
};

/// Performs `operation` at `endpoint` through `transport`, which repeats it as its [`RetryRule`]
/// allows.
///
/// # Errors
/// Fails where the request cannot be written, no response is received, or the response is no
/// success. No error shows a secret of the request, although the server or a proxy may repeat it.
pub async fn call<O: Operation>(
    operation: &O,
    endpoint: &Uri,
    transport: &dyn Transport,
) -> Result<O::Output, CallError> {
    let mut request = operation.encode(endpoint)?;
    request.extensions_mut().insert(RetryRule::of(operation));
    let signature = signature(&request);
    decode(operation, signature.as_ref(), transport.send(request).await)
}

/// Performs `operation` at `endpoint` with an HTTP client that blocks.
///
/// `send` makes one attempt. It bounds the time and the size of the exchange, follows no redirect,
/// and returns a response whatever its status. `wait` is called between two attempts, as [`Attempts`]
/// has them: pass `std::thread::sleep`. With the three attempts of the default, it waits twice, each
/// time 2 seconds at most, or up to 20 where the server asks for it.
///
/// ```
/// use wire::{EndpointVariant, TransportError};
/// # use wire::{DecodeError, EncodeError, Operation, Retry, Secret, http};
/// # use http::{Request, Response, Uri};
/// # struct Ping;
/// # impl Operation for Ping {
/// #     type Output = ();
/// #     fn retry(&self) -> Retry { Retry::Transient }
/// #     fn secrets(&self) -> Vec<&Secret<String>> { Vec::new() }
/// #     fn encode(&self, endpoint: &Uri) -> Result<Request<Vec<u8>>, EncodeError> {
/// #         let mut request = Request::new(Vec::new());
/// #         *request.uri_mut() = wire::uri(endpoint, "/ping", &[])?;
/// #         Ok(request)
/// #     }
/// #     fn decode_success(_: &Response<Vec<u8>>) -> Result<(), DecodeError> { Ok(()) }
/// # }
/// # struct Agent;
/// # impl Agent {
/// #     fn run(&self, _: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, std::io::Error> {
/// #         Ok(Response::default())
/// #     }
/// # }
/// # let agent = Agent;
/// let endpoint = wire::regional_endpoint("portal.sso", "eu-west-1", EndpointVariant::default())?;
/// let send = |request: http::Request<Vec<u8>>| {
///     let host = request.uri().host().unwrap_or_default().to_owned();
///     // Of an error, `false` says that the server may have seen the request.
///     agent.run(request).map_err(|error| TransportError::new(host, false, error))
/// };
/// wire::call_blocking(&Ping, &endpoint, send, std::thread::sleep)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Fails as [`call`] does.
pub fn call_blocking<O: Operation>(
    operation: &O,
    endpoint: &Uri,
    mut send: impl FnMut(Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError>,
    mut wait: impl FnMut(Duration),
) -> Result<O::Output, CallError> {
    let request = operation.encode(endpoint)?;
    let mut attempts = Attempts::new(RetryRule::of(operation));
    loop {
        let result = send(request.clone());
        let delay = match &result {
            Ok(response) => attempts.after_response(response),
            Err(error) => attempts.after_loss(error.unsent),
        };
        match delay {
            Some(delay) => wait(delay.at_most()),
            None => return decode(operation, signature(&request).as_ref(), result),
        }
    }
}

/// Reads what a transport brought, and hides what the request carried in what it shows.
fn decode<O: Operation>(
    operation: &O,
    signature: Option<&Secret<String>>,
    result: Result<Response<Vec<u8>>, TransportError>,
) -> Result<O::Output, CallError> {
    let mask = || Mask::new(operation.secrets().into_iter().chain(signature));
    let response = result.map_err(|error| mask().transport(error))?;
    Ok(O::decode(&response).map_err(|error| mask().decode(error))?)
}

/// The signature of a signed request, with which anybody could send it again.
fn signature(request: &Request<Vec<u8>>) -> Option<Secret<String>> {
    let authorization = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    authorization.rsplit_once("Signature=").map(|(_, signature)| signature.into())
}
