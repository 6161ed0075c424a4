use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll};

use http::Uri;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tower_service::Service;
use wire::SystemTimes;

use crate::connect::Router;
use crate::error::{BoxError, Failure};
use crate::roots::Roots;

/// A connection, with TLS where the URL says so.
pub(crate) type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

/// Speaks TLS over what the [`Router`] connects. The roots are loaded by the first connection that
/// needs them, while it is being made.
#[derive(Clone)]
pub(crate) struct Tls {
    router: Router,
    roots: Arc<Roots>,
    config: Arc<OnceCell<Arc<ClientConfig>>>,
}

impl Tls {
    pub(crate) fn new(router: Router, roots: Roots) -> Self {
        Self { router, roots: Arc::new(roots), config: Arc::default() }
    }

    async fn config(self) -> Result<Arc<ClientConfig>, BoxError> {
        let Self { roots, config, .. } = self;
        let load = || async {
            let mut config = tokio::task::spawn_blocking(move || roots.client_config()).await??;
            config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
            Ok::<_, BoxError>(Arc::new(config))
        };
        config.get_or_try_init(load).await.cloned()
    }
}

impl Service<Uri> for Tls {
    type Response = Stream;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), BoxError>> {
        self.router.poll_ready(cx)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.router.call(uri.clone());
        // Plain http is for loopback: `wire::custom_endpoint` sees to that.
        if uri.scheme_str() != Some("https") {
            return Box::pin(async { Ok(MaybeHttpsStream::Http(connecting.await?)) });
        }
        let config = self.clone().config();
        Box::pin(async move {
            // Certificates that cannot be read are told whatever becomes of the connection.
            let connecting = async { Ok(connecting.await) };
            let (config, connected) = tokio::try_join!(config, connecting)?;
            let connected = HttpsConnector::from((Connected::from(connected?), config)).call(uri);
            connected.await.map_err(about_clock)
        })
    }
}

/// Says it where a certificate is refused for nothing but its time: it is the clock of this machine
/// that is wrong, most of the time.
fn about_clock(error: BoxError) -> BoxError {
    use rustls::CertificateError::{Expired, ExpiredContext, NotValidYet, NotValidYetContext};
    let mut cause: &(dyn std::error::Error + 'static) = &*error;
    while let Some(wrapped) = cause.downcast_ref().and_then(io::Error::get_ref) {
        cause = wrapped;
    }
    match cause.downcast_ref() {
        Some(rustls::Error::InvalidCertificate(
            Expired | ExpiredContext { .. } | NotValidYet | NotValidYetContext { .. },
        )) => Failure::CertificateTime(SystemTimes.now()).into(),
        _ => error,
    }
}

/// Gives a connection away that is there already.
pub(crate) struct Connected(Option<TokioIo<TcpStream>>);

impl From<TokioIo<TcpStream>> for Connected {
    fn from(connection: TokioIo<TcpStream>) -> Self {
        Self(Some(connection))
    }
}

impl Service<Uri> for Connected {
    type Response = TokioIo<TcpStream>;
    type Error = BoxError;
    type Future = std::future::Ready<Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, _: &mut task::Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        std::future::ready(self.0.take().ok_or_else(|| "a connection is used once".into()))
    }
}

#[cfg(test)]
mod tests {
    use rustls::CertificateError;

    use super::*;

    #[test]
    fn a_certificate_that_is_refused_for_its_time_is_told_with_the_time_of_this_machine() {
        let told = |reason| {
            let error = io::Error::other(rustls::Error::InvalidCertificate(reason));
            about_clock(io::Error::other(error).into()).to_string()
        };
        for reason in [CertificateError::Expired, CertificateError::NotValidYet] {
            assert!(told(reason).contains("Z, by the clock of this machine"));
        }
        assert!(told(CertificateError::UnknownIssuer).contains("UnknownIssuer"));
    }
}
