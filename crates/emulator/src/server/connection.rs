//! One port for plain HTTP, TLS, and `CONNECT`.

use std::io;
use std::net::TcpListener as StdListener;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::header::HOST;
use http::uri::{Authority, Scheme};
use http::{Method, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use rustls::crypto::ring;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::body::Body;
use super::certificates::Certificates;
use super::clock::Clock;
use crate::idp::Idp;
use crate::in_process::lock;
use crate::reply::{self, WireFault};

/// No request of AWS comes near.
const LARGEST_BODY: usize = 1 << 20;
/// How long a client may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(30);
/// The first byte of every TLS connection, and of no HTTP request.
const TLS_HANDSHAKE: u8 = 0x16;

/// What every connection needs.
#[derive(Clone)]
pub(super) struct Gate {
    clock: Clock,
    idp: Arc<Mutex<Idp>>,
    tls: Option<TlsAcceptor>,
}

impl Gate {
    pub(super) fn new(
        idp: Arc<Mutex<Idp>>,
        clock: Clock,
        certificates: Option<Certificates>,
    ) -> Result<Self, rustls::Error> {
        let tls = certificates.map(acceptor).transpose()?;
        Ok(Self { clock, idp, tls })
    }

    pub(super) async fn accept(self, listener: StdListener) {
        let Ok(listener) = TcpListener::from_std(listener) else { return };
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    tokio::spawn(self.clone().serve(stream));
                }
                // Out of file descriptors, most likely: others are closing theirs.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    }

    async fn serve(self, stream: TcpStream) {
        // Without it every answer over HTTP/2 waits 40 ms for an acknowledgement.
        let _ = stream.set_nodelay(true);
        let mut first = [0];
        let peeked = tokio::time::timeout(PATIENCE, stream.peek(&mut first)).await;
        match self.tls.clone() {
            _ if !matches!(peeked, Ok(Ok(1))) => {} // gone, or never said anything
            Some(tls) if first == [TLS_HANDSHAKE] => self.encrypted(tls, stream).await,
            _ => self.http(stream, Scheme::HTTP).await,
        }
    }

    async fn encrypted(
        self,
        tls: TlsAcceptor,
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    ) {
        if let Ok(Ok(stream)) = tokio::time::timeout(PATIENCE, tls.accept(stream)).await {
            self.http(stream, Scheme::HTTPS).await;
        }
    }

    async fn http(
        self,
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        scheme: Scheme,
    ) {
        let mut server = auto::Builder::new(TokioExecutor::new());
        server.http1().timer(TokioTimer::new()).header_read_timeout(PATIENCE);
        server.http2().timer(TokioTimer::new());
        let service = service_fn(|request| self.clone().answer(request, scheme.clone()));
        // A connection that fails is the client's business.
        let _ = server.serve_connection_with_upgrades(TokioIo::new(stream), service).await;
    }

    async fn answer(
        self,
        request: Request<Incoming>,
        scheme: Scheme,
    ) -> io::Result<Response<Body>> {
        if let (&Method::CONNECT, Some(tls)) = (request.method(), self.tls.clone()) {
            tokio::spawn(self.tunnel(tls, request));
            return Ok(Body::whole(reply::empty(StatusCode::OK)));
        }
        let (mut parts, body) = request.into_parts();
        let Ok(body) = Limited::new(body, LARGEST_BODY).collect().await else {
            return Ok(Body::whole(reply::empty(StatusCode::PAYLOAD_TOO_LARGE)));
        };
        parts.uri = absolute(&parts, scheme).unwrap_or(parts.uri);
        let request = Request::from_parts(parts, body.to_bytes().to_vec());
        let reply = lock(&self.idp).handle(self.clock.now(), &request);
        if !reply.delay.is_zero() {
            tokio::time::sleep(reply.delay).await;
        }
        match reply.wire_fault {
            None => Ok(Body::whole(reply.response)),
            Some(WireFault::Drop) => Err(io::Error::from(io::ErrorKind::ConnectionReset)),
            Some(WireFault::Truncate) => Ok(Body::truncated(reply.response)),
        }
    }

    /// Plays the host that the client wants to reach through this proxy. Boxed, because the
    /// connection inside may hold a tunnel again.
    fn tunnel(
        self,
        tls: TlsAcceptor,
        request: Request<Incoming>,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move {
            if let Ok(stream) = hyper::upgrade::on(request).await {
                self.encrypted(tls, TokioIo::new(stream)).await;
            }
        })
    }
}

fn acceptor(certificates: Certificates) -> Result<TlsAcceptor, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(certificates));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// The URI with the scheme and the host under which the client asked.
fn absolute(request: &http::request::Parts, scheme: Scheme) -> Option<Uri> {
    let mut uri = request.uri.clone().into_parts();
    if uri.authority.is_none() {
        let host = request.headers.get(HOST)?;
        uri.authority = Some(Authority::try_from(host.as_bytes()).ok()?);
    }
    uri.scheme = Some(scheme);
    Uri::from_parts(uri).ok()
}
