//! An Identity Center, a home directory that is signed in there, and an S3 server that accepts what
//! the Identity Center has issued.

use std::path::Path;
use std::sync::Arc;

use emulator::{Idp, Scenario, Server};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use providers::shared_config::{Environment, Locations};
use providers::{Context, Program, ProvideCredentials, Target, resolve};
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::service::S3ServiceBuilder;
use s3s::{S3Result, s3_error};
use tokio::net::TcpListener;
use transport::{Config, Hyper, TokioClock};

/// The region of everything.
pub const REGION: &str = "eu-central-1";

/// Somebody who is signed in, and a bucket `bucket` with the object `hello.txt`.
#[derive(Debug)]
pub struct World {
    /// Where the S3 server listens.
    pub s3_url: String,
    /// The emulated Identity Center.
    pub server: Server,
    /// Of the person who is signed in.
    pub home: tempfile::TempDir,
    /// What the context is made of.
    pub context: Context,
    environment: Environment,
    _buckets: tempfile::TempDir,
}

impl World {
    /// Starts both servers, the one for S3 as a task.
    pub async fn start() -> Self {
        // The clients of object_store and OpenDAL want one although nothing is encrypted here.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let server = Server::of(Scenario::default()).expect("a port is free");
        let home = tempfile::tempdir().expect("a directory");
        server.sign_in_at(&home).expect("a home directory");
        let buckets = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(buckets.path().join("bucket")).expect("a bucket");
        std::fs::File::create(buckets.path().join("bucket/hello.txt")).expect("an object");
        let s3_url = serve(buckets.path(), Issuer(server.idp())).await;
        let environment = Environment::from_pairs([("HOME", home.path().to_str().expect("UTF-8"))]);
        let transport = Arc::new(Hyper::new(Config::default()));
        let program = Program::named("bridge-tests");
        let context = Context::from_env(program, &environment, Arc::new(TokioClock), transport)
            .expect("a home");
        Self { s3_url, server, home, context, environment, _buckets: buckets }
    }

    /// Returns the provider of a profile.
    pub fn provider(&self) -> Arc<dyn ProvideCredentials> {
        let locations = Locations::from_env(&self.environment).expect("a home");
        let target = Target::profile("111122223333-ReadOnly");
        let identity = resolve(&locations, &self.environment, &target).expect("the profile");
        identity.provider(&self.context).expect("a provider")
    }

    /// Signs out behind the back of the program.
    pub fn sign_out(&self) {
        std::fs::remove_dir_all(self.home.path().join(".aws/sso")).expect("it was signed in");
    }
}

/// Verifies signatures and session tokens by what the Identity Center has issued.
#[derive(Clone)]
struct Issuer(Arc<std::sync::Mutex<Idp>>);

#[async_trait::async_trait]
impl S3Auth for Issuer {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        let issued = self.0.lock().expect("no panic").issued_credentials(access_key);
        let issued = issued.ok_or_else(|| s3_error!(InvalidAccessKeyId))?;
        Ok(SecretKey::from(issued.secret_access_key.expose().as_str()))
    }
}

#[async_trait::async_trait]
impl S3Access for Issuer {
    async fn check(&self, request: &mut S3AccessContext<'_>) -> S3Result<()> {
        let sent =
            request.headers().get("x-amz-security-token").and_then(|token| token.to_str().ok());
        let key = request.credentials().map(|credentials| credentials.access_key.clone());
        let issued = key.and_then(|key| self.0.lock().expect("no panic").issued_credentials(&key));
        match issued {
            Some(issued) if sent == Some(issued.session_token.expose()) => Ok(()),
            _ => Err(s3_error!(AccessDenied)),
        }
    }
}

async fn serve(buckets: &Path, issuer: Issuer) -> String {
    let mut service = S3ServiceBuilder::new(s3s_fs::FileSystem::new(buckets).expect("a directory"));
    service.set_auth(issuer.clone());
    service.set_access(issuer);
    let service = service.build();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = service.clone();
            tokio::spawn(async move {
                let server = auto::Builder::new(TokioExecutor::new());
                let _ = server.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    url
}
