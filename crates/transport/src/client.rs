use std::error::Error;
use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, Uri, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use wire::{MAX_BODY, ResponseFuture, Transport, TransportError};

use crate::ahead::Ahead;
use crate::config::Config;
use crate::connect::{Bounded, Router};
use crate::error::{BoxError, Failure};
use crate::retry::TokenBucket;
use crate::tls::Tls;

/// How long a connection may take, with all that belongs to it: name, TCP, proxy and TLS. It is more
/// than a proxy gets, so that a silent proxy is told by its name.
const CONNECTION: Duration = Duration::from_secs(12);

/// How long an attempt may take, from the connection to the last byte.
const ATTEMPT: Duration = Duration::from_secs(15);

/// [`wire::Transport`] over hyper and rustls. It costs nothing before its first request.
pub struct Hyper {
    config: Config,
    client: OnceLock<(Ahead, HttpClient)>,
    bucket: TokenBucket,
}

type HttpClient = Client<Ahead, Full<Bytes>>;

/// One attempt that brought no answer.
struct Lost {
    unsent: bool,
    timed_out: bool,
    source: BoxError,
}

impl Hyper {
    /// Makes a transport.
    pub fn new(config: Config) -> Self {
        Self { config, client: OnceLock::new(), bucket: TokenBucket::full() }
    }

    fn client(&self) -> &(Ahead, HttpClient) {
        self.client.get_or_init(|| {
            let router = Router::new(self.config.proxies.clone());
            let tls = Tls::new(router, self.config.roots.clone());
            let connector = Ahead::new(Bounded { inner: tls, limit: CONNECTION });
            let client = Client::builder(TokioExecutor::new())
                .pool_timer(TokioTimer::new())
                .pool_idle_timeout(Duration::from_secs(60))
                .build(connector.clone());
            (connector, client)
        })
    }

    async fn send_with_retries(
        &self,
        mut request: Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        let mut attempts = self.config.retry.attempts(&request);
        let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        if let Ok(agent) = HeaderValue::from_str(&self.config.user_agent) {
            request.headers_mut().entry(header::USER_AGENT).or_insert(agent);
        }
        let request = request.map(|body| Full::new(Bytes::from(body)));
        let (_, client) = self.client();
        let begin = tokio::time::Instant::now();
        loop {
            let result = exchange(client, request.clone()).await;
            let (delay, timed_out) = match &result {
                Ok(response) => (attempts.after_response(response), false),
                Err(lost) => (attempts.after_loss(lost.unsent), lost.timed_out),
            };
            if result.as_ref().is_ok_and(|response| response.status().is_success()) {
                self.bucket.give_back();
            }
            let delay = delay.map(|delay| delay.jittered(random()));
            match delay.filter(|delay| self.config.retry.allows_at(begin.elapsed() + *delay)) {
                Some(delay) if self.bucket.take(timed_out) => tokio::time::sleep(delay).await,
                _ => {
                    let error = |lost: Lost| TransportError::new(host, lost.unsent, lost.source);
                    return result.map_err(error);
                }
            }
        }
    }
}

/// Makes one attempt.
async fn exchange(
    client: &HttpClient,
    request: Request<Full<Bytes>>,
) -> Result<Response<Vec<u8>>, Lost> {
    let exchange = async {
        let response = client.request(request).await.map_err(|error| Lost {
            unsent: error.is_connect(),
            timed_out: false,
            source: error.into(),
        })?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, MAX_BODY).collect().await.map_err(|error| Lost {
            unsent: false,
            timed_out: false,
            source: body_error(error),
        })?;
        Ok(Response::from_parts(parts, body.to_bytes().to_vec()))
    };
    tokio::time::timeout(ATTEMPT, exchange).await.unwrap_or_else(|_| {
        let source = Failure::Timeout { what: "answer", limit: ATTEMPT }.into();
        Err(Lost { unsent: false, timed_out: true, source })
    })
}

impl fmt::Debug for Hyper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hyper").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Transport for Hyper {
    fn send<'a>(&'a self, request: Request<Vec<u8>>) -> ResponseFuture<'a> {
        Box::pin(self.send_with_retries(request))
    }

    fn connect_ahead(&self, endpoint: &Uri) {
        if tokio::runtime::Handle::try_current().is_ok() {
            self.client().0.begin(endpoint);
        }
    }
}

fn body_error(error: Box<dyn Error + Send + Sync>) -> BoxError {
    if error.is::<LengthLimitError>() { Failure::BodyTooLarge.into() } else { error }
}

/// A number between 0 and 1 that differs between processes that fail together.
fn random() -> f64 {
    f64::from(getrandom::u32().unwrap_or(u32::MAX / 2)) / f64::from(u32::MAX)
}
