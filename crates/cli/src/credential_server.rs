//! The credentials of a role on loopback, as containers get them: what `exec --server` gives to its
//! command.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http::{Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use providers::{Cached, Credentials, ProvideCredentials};
use serde_json::{Value, json};
use subtle::ConstantTimeEq;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;
use wire::Secret;

use crate::exit::{Exit, Failure};

/// The one path that is answered.
const PATH: &str = "/credentials";

/// How many connections are served at a time, where the system gives more than twice as many
/// descriptors: the work needs some, too.
const CONNECTIONS: u64 = 128;

/// How long a connection may take to send its request.
const HEADER: Duration = Duration::from_secs(5);

/// How long is waited where no connection can be taken.
const PAUSE: Duration = Duration::from_millis(10);

/// A server that has its port, and answers once it is told to.
pub(crate) struct CredentialServer<P> {
    listener: TcpListener,
    shared: Arc<Shared<P>>,
}

struct Shared<P> {
    provider: Cached<P>,
    address: SocketAddr,
    token: Secret<String>,
}

impl<P: ProvideCredentials + 'static> CredentialServer<P> {
    /// Listens on a free port of loopback, with a token of 256 random bits.
    pub(crate) fn start(provider: Cached<P>) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| {
            Failure::new(Exit::Other, format!("cannot listen on loopback: {error}"))
        };
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let listener = TcpListener::from_std(listener).map_err(failed)?;
        let mut random = [0; 32];
        getrandom::fill(&mut random)
            .map_err(|error| Failure::new(Exit::Other, format!("no randomness: {error}")))?;
        let token = Secret::new(hex::encode(random));
        Ok(Self { listener, shared: Arc::new(Shared { provider, address, token }) })
    }

    /// The variables by which SDKs find the server.
    pub(crate) fn variables(&self) -> [(&'static str, String); 2] {
        let uri = format!("http://{}{PATH}", self.shared.address);
        [
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN", self.shared.token.expose().clone()),
        ]
    }

    /// Answers until it is dropped, and renews the credentials before they are asked for.
    pub(crate) async fn serve(self) {
        tokio::join!(self.shared.provider.keep_fresh(), self.answer_all());
    }

    async fn answer_all(&self) {
        let mut places = Places { connections: VecDeque::new(), limit: places() };
        loop {
            let accepted = self.listener.accept().await;
            places.make_room(accepted.is_err()).await;
            let Ok((stream, _)) = accepted else { continue };
            let (shared, answering) = (Arc::clone(&self.shared), Answering::default());
            let place = answering.clone();
            let service = service_fn(move |request| {
                let shared = Arc::clone(&shared);
                let place = shared.refusal(&request).is_none().then(|| place.clone());
                async move {
                    let _place = place; // held as long as somebody waits for the answer
                    Ok::<_, Infallible>(shared.answer(&request).await)
                }
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADER)
                .max_buf_size(16 * 1024)
                .serve_connection(TokioIo::new(stream), service);
            // A client that breaks off has broken its own request only.
            let connection = tokio::spawn(async move { drop(connection.await) });
            places.connections.push_back((connection.abort_handle(), answering));
            // In a flood each gets its turn before it makes room for the next.
            tokio::task::yield_now().await;
        }
    }
}

/// SDKs ask again after a 5xx, and show what a 4xx says.
fn refused(error: &providers::Error) -> (StatusCode, &'static str) {
    use providers::Error::{Forbidden, InvalidToken, Lost, MfaRequired};
    match error {
        InvalidToken { .. } | Lost { .. } => (StatusCode::UNAUTHORIZED, "NotSignedIn"),
        MfaRequired { .. } => (StatusCode::UNAUTHORIZED, "MfaRequired"),
        Forbidden { .. } => (StatusCode::FORBIDDEN, "AccessDenied"),
        error if error.is_final() => (StatusCode::BAD_REQUEST, "CredentialsNotAvailable"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "CredentialsNotAvailable"),
    }
}

/// The connections, the oldest first. All clients of loopback look the same, so none of them has
/// places of its own; whoever has shown the token keeps the place until the answer.
struct Places {
    connections: VecDeque<(AbortHandle, Answering)>,
    limit: u64,
}

/// Is held twice where nobody with the token waits for an answer.
type Answering = Arc<()>;

impl Places {
    /// Waits until there is room for another connection, and makes it: strangers may hold all
    /// places, and a client says at once what it wants. `is_refused` is for a system that has none.
    async fn make_room(&mut self, mut is_refused: bool) {
        loop {
            let connections = &mut self.connections;
            connections.retain(|(connection, _)| !connection.is_finished());
            if !is_refused && (connections.len() as u64) < self.limit {
                return;
            }
            let is_idle = |(_, answering): &(_, Answering)| Arc::strong_count(answering) <= 2;
            let idle = connections.iter().position(is_idle);
            let idle = idle.and_then(|index| connections.remove(index));
            if let Some((connection, _)) = &idle {
                connection.abort();
            }
            if is_refused || idle.is_none() {
                tokio::time::sleep(PAUSE).await;
            }
            is_refused = false;
        }
    }
}

#[cfg(unix)]
fn places() -> u64 {
    use rustix::process::{Resource, getrlimit};
    getrlimit(Resource::Nofile).current.map_or(CONNECTIONS, |limit| CONNECTIONS.min(limit / 2))
}

#[cfg(not(unix))]
fn places() -> u64 {
    CONNECTIONS
}

impl<P: ProvideCredentials + 'static> Shared<P> {
    async fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let (status, body) = match self.refusal(request) {
            Some((status, code)) => (status, error(code, "this is not for you")),
            None => match self.provider.provide().await {
                Ok(credentials) => (StatusCode::OK, document(&credentials)),
                Err(failure) => {
                    let (status, code) = refused(&failure);
                    (status, error(code, Failure::from(failure).line().trim_end()))
                }
            },
        };
        let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
        *response.status_mut() = status;
        let json = header::HeaderValue::from_static("application/json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        response
    }

    /// Refuses whoever does not know the token, and pages of a browser whose name was made to point
    /// here: those send another host.
    fn refusal(&self, request: &Request<Incoming>) -> Option<(StatusCode, &'static str)> {
        let sent = |name| request.headers().get(name).map_or(&[][..], |value| value.as_bytes());
        if sent(header::HOST) != self.address.to_string().as_bytes() {
            return Some((StatusCode::FORBIDDEN, "WrongHost"));
        }
        let token = self.token.expose().as_bytes();
        if !bool::from(sent(header::AUTHORIZATION).ct_eq(token)) {
            return Some((StatusCode::UNAUTHORIZED, "WrongToken"));
        }
        if request.uri().path() != PATH {
            return Some((StatusCode::NOT_FOUND, "NotFound"));
        }
        (request.method() != Method::GET).then_some((StatusCode::METHOD_NOT_ALLOWED, "GetOnly"))
    }
}

fn document(credentials: &Credentials) -> Value {
    // SDKs want a token; long-term keys have none.
    let token = credentials.session_token.as_ref().map_or("", |token| token.expose());
    let members = [
        ("AccessKeyId", Some(credentials.access_key_id.clone())),
        ("SecretAccessKey", Some(credentials.secret_access_key.expose().clone())),
        ("Token", Some(token.to_owned())),
        ("Expiration", credentials.expiration.map(|expiration| expiration.to_string())),
        ("AccountId", credentials.account_id.clone()),
    ];
    members.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

fn error(code: &str, message: &str) -> Value {
    json!({ "code": code, "message": message })
}
