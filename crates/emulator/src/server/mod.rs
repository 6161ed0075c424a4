//! The emulator on a socket.

mod body;
mod certificates;
mod connection;

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use tokio::runtime::Builder;
use tokio::sync::oneshot;

use self::certificates::Certificates;
use self::connection::Gate;
use crate::idp::Idp;

/// An [`Idp`] on a port of this machine, in a thread of its own.
///
/// It reads the wall clock. Dropping it closes the port and every connection.
pub struct Server {
    base_url: String,
    ca_certificate_pem: Option<String>,
    idp: Arc<Mutex<Idp>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// How a [`Server`] listens.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "both options are named where a server is started")]
pub struct ServerOptions {
    /// The port on 127.0.0.1, 0 for any that is free.
    pub port: u16,
    /// Whether the port speaks TLS too, and is a proxy that answers `CONNECT` for every host
    /// itself, with a certificate for that host.
    pub tls: bool,
}

impl Server {
    /// Starts to listen.
    ///
    /// # Errors
    /// Fails where the port is taken, or no thread or certificate can be made.
    pub fn start(idp: Idp, options: ServerOptions) -> io::Result<Self> {
        let certificates =
            options.tls.then(Certificates::generate).transpose().map_err(io::Error::other)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let base_url = match options.tls {
            true => format!("https://localhost:{port}"),
            false => format!("http://127.0.0.1:{port}"),
        };
        let ca_certificate_pem = certificates.as_ref().map(|known| known.ca_pem().to_owned());
        let idp = Arc::new(Mutex::new(idp));
        let gate = Gate::new(Arc::clone(&idp), certificates).map_err(io::Error::other)?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::Builder::new().name("emulator".to_owned()).spawn(move || {
            runtime.spawn(async move { gate.accept(listener).await });
            // Ends with the sender; the runtime then drops every task and its connection.
            let _ = runtime.block_on(stopped);
        })?;
        Ok(Self { base_url, ca_certificate_pem, idp, stop: Some(stop), thread: Some(thread) })
    }

    /// Returns the URL of the emulator, without a final slash.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns the certificate that signs those of the server, where it speaks TLS.
    pub fn ca_certificate_pem(&self) -> Option<&str> {
        self.ca_certificate_pem.as_deref()
    }

    /// Returns the emulator, to approve a sign-in or to look at its calls.
    pub fn idp(&self) -> Arc<Mutex<Idp>> {
        Arc::clone(&self.idp)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been reported where it happened.
            let _ = thread.join();
        }
    }
}
