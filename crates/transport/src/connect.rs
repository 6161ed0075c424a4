use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll};
use std::time::Duration;

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use crate::error::{BoxError, Failure};
use crate::proxies::Proxies;

/// How long a TCP connection may take.
const CONNECT: Duration = Duration::from_secs(5);

/// How long the connection through a proxy may take, its answer included.
const TUNNEL: Duration = Duration::from_secs(10);

/// Connects directly or through the proxy that the URL calls for.
#[derive(Clone)]
pub(crate) struct Router {
    direct: HttpConnector,
    proxies: Arc<Proxies>,
}

impl Router {
    pub(crate) fn new(proxies: Proxies) -> Self {
        let mut direct = HttpConnector::new();
        direct.enforce_http(false); // https URLs come here as well, TLS is spoken above
        direct.set_connect_timeout(Some(CONNECT));
        direct.set_nodelay(true);
        Self { direct, proxies: Arc::new(proxies) }
    }
}

impl Service<Uri> for Router {
    type Response = TokioIo<TcpStream>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), BoxError>> {
        self.direct.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let Some(proxy) = self.proxies.of(&uri) else {
            let connecting = self.direct.call(uri);
            return Box::pin(async { Ok(connecting.await?) });
        };
        let (host, place) = (proxy.host().to_owned(), proxy.place().to_owned());
        let proxy = proxy.intercept();
        let mut tunnel = Tunnel::new(proxy.uri().clone(), self.direct.clone());
        if let Some(authorization) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(authorization.clone());
        }
        let connecting = tunnel.call(uri);
        Box::pin(async move {
            let connected = match tokio::time::timeout(TUNNEL, connecting).await {
                Ok(connected) => connected.map_err(Into::into),
                Err(_) => {
                    Err(Failure::Timeout { what: "answer of the proxy", limit: TUNNEL }.into())
                }
            };
            connected.map_err(|source| Failure::Proxy { host, place, source }.into())
        })
    }
}

/// Bounds the time of another connector, TLS included.
#[derive(Clone)]
pub(crate) struct Bounded<C> {
    pub(crate) inner: C,
    pub(crate) limit: Duration,
}

impl<C> Service<Uri> for Bounded<C>
where
    C: Service<Uri, Error = BoxError>,
    C::Future: Send + 'static,
    C::Response: Send,
{
    type Response = C::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<C::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.inner.call(uri);
        let limit = self.limit;
        Box::pin(async move {
            tokio::time::timeout(limit, connecting)
                .await
                .unwrap_or_else(|_| Err(Failure::Timeout { what: "connection", limit }.into()))
        })
    }
}
