//! The emulator on a socket.

mod body;
mod certificates;
mod clock;
mod connection;

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::sync::oneshot;
use wire::Timestamp;

use self::certificates::Certificates;
use self::clock::Clock;
use self::connection::Gate;
use crate::idp::Idp;
use crate::in_process::lock;
use crate::{Call, Fault, Scenario, SignIn, home};

/// An [`Idp`] on a port of this machine, in a thread of its own.
///
/// Its time is that of the machine, until a test moves it on. Dropping it closes the port and every
/// connection. Any number of them serve side by side.
#[derive(Debug)]
pub struct Server {
    base_url: String,
    ca_certificate_pem: Option<String>,
    clock: Clock,
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
    /// Serves a scenario on any free port, without TLS.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub fn of(scenario: Scenario) -> io::Result<Self> {
        Self::start(Idp::new(scenario), ServerOptions::default())
    }

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
        let clock = Clock::default();
        let gate = Gate::new(Arc::clone(&idp), clock.clone(), certificates);
        let gate = gate.map_err(io::Error::other)?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::Builder::new().name("emulator".to_owned()).spawn(move || {
            runtime.spawn(async move { gate.accept(listener).await });
            // Ends with the sender; the runtime then drops every task and its connection.
            let _ = runtime.block_on(stopped);
        })?;
        let (stop, thread) = (Some(stop), Some(thread));
        Ok(Self { base_url, ca_certificate_pem, clock, idp, stop, thread })
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

    /// Returns the time of the server.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Moves the time of the server on, by whole seconds.
    pub fn advance(&self, span: Duration) {
        self.clock.advance(span);
    }

    /// Signs somebody in, as [`Idp::sign_in`] does.
    pub fn sign_in(&self) -> SignIn {
        lock(&self.idp).sign_in(self.now())
    }

    /// Makes `home` the home directory of somebody who is signed in: `.aws/config` has a profile for
    /// each role of each account, such as `111122223333-ReadOnly`, which names this server as its
    /// `endpoint_url`, and `.aws/sso/cache` has the token of their session `emulator`.
    ///
    /// # Errors
    /// Fails where a file cannot be written.
    pub fn sign_in_at(&self, home: impl AsRef<Path>) -> io::Result<SignIn> {
        let token = self.sign_in();
        home::write(home.as_ref(), lock(&self.idp).scenario(), &self.base_url, &token)?;
        Ok(token)
    }

    /// Replaces the faults of the scenario, from the next request on.
    pub fn set_faults(&self, faults: &[Fault]) {
        lock(&self.idp).set_faults(faults);
    }

    /// Returns the requests that were answered, oldest first.
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.idp).calls().to_vec()
    }

    /// Returns how often an operation was called; see [`Idp::count`].
    pub fn count(&self, operation: &str) -> usize {
        lock(&self.idp).count(operation)
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
