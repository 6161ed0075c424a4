use std::error::Error;
use std::io::{self, Read};
use std::time::Duration;

use http::{Request, Response, Uri, header};

use crate::{
    Attempts, CallError, MAX_BODY, Operation, RetryRule, Secret, Transport, TransportError,
    mask::Mask,
};

/// Performs `operation` at `endpoint` through `transport`, which repeats it as its [`RetryRule`]
/// allows.
///
/// # Errors
/// Fails where the request cannot be written, no response is received, or the response is no
/// success. No error shows a secret of the request, although the server or a proxy may repeat it.
///
/// # Cancel safety
/// The future may be dropped at any moment. The server may have carried out the request then: what
/// it answers to an action that counts once, such as CreateToken with a refresh token, is lost.
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
/// `send` makes one attempt. It bounds the time of the exchange, follows no redirect, and returns a
/// response whatever its status, with a body that is read here, up to [`MAX_BODY`]; one that is in
/// memory is read by `std::io::Cursor`. Any error says that no response came and that the server may
/// have seen the request; a [`TransportError`] can say that it has not. `wait` is called between two
/// attempts, as [`Attempts`] has them: pass `std::thread::sleep`. With the three attempts of the
/// default, it waits twice, each time 2 seconds at most, or up to 20 where the server asks for it.
///
/// ```
/// use wire::EndpointVariant;
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
/// # struct Body;
/// # impl Body { fn into_reader(self) -> std::io::Empty { std::io::empty() } }
/// # impl Agent {
/// #     fn run(&self, _: Request<Vec<u8>>) -> Result<Response<Body>, std::io::Error> {
/// #         Ok(Response::new(Body))
/// #     }
/// # }
/// # let agent = Agent;
/// let endpoint = wire::regional_endpoint("portal.sso", "eu-west-1", EndpointVariant::default())?;
/// let send = |request| agent.run(request).map(|response| response.map(Body::into_reader));
/// wire::call_blocking(&Ping, &endpoint, send, std::thread::sleep)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Fails as [`call`] does.
pub fn call_blocking<O, B, E>(
    operation: &O,
    endpoint: &Uri,
    mut send: impl FnMut(Request<Vec<u8>>) -> Result<Response<B>, E>,
    mut wait: impl FnMut(Duration),
) -> Result<O::Output, CallError>
where
    O: Operation,
    B: Read,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    let request = operation.encode(endpoint)?;
    let mut attempts = Attempts::new(RetryRule::of(operation));
    loop {
        let result = match send(request.clone()) {
            Ok(response) => whole(response).map_err(|error| lost(&request, error.into())),
            Err(error) => Err(lost(&request, error.into())),
        };
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

/// Reads the body, which may end too early or never.
fn whole(response: Response<impl Read>) -> io::Result<Response<Vec<u8>>> {
    let (parts, body) = response.into_parts();
    let mut bytes = Vec::new();
    body.take(MAX_BODY as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > MAX_BODY {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the answer is over 1 MiB"));
    }
    Ok(Response::from_parts(parts, bytes))
}

/// Says which host gave no answer, unless the client has said so.
fn lost(request: &Request<Vec<u8>>, error: Box<dyn Error + Send + Sync>) -> TransportError {
    let host = || request.uri().authority().map(ToString::to_string).unwrap_or_default();
    match error.downcast::<TransportError>() {
        Ok(error) => *error,
        Err(error) => TransportError::new(host(), false, error),
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
