//! `keyfob logout`

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use assignments::Index;
use oidc_proto::{CreateToken, ErrorKind, Grant};
use providers::{Context, Error, Role, Service, Session, cached_files};
use shared_config::Sections;
use sso_proto::Logout;
use token_cache::{CacheFile, CachedRole, CachedToken};
use wire::{CallError, Operation, Secret, TransportError};

use crate::args::{self, SessionArgs};
use crate::env::World;
use crate::exit::{Exit, Failure};
use crate::log::StderrLog;
use crate::net;
use crate::sessions;
use crate::ui::{say, talk};

/// How long the server may take for a call; here everything is gone already.
const SERVER: Duration = Duration::from_secs(5);

/// How long a refresh that is under way is waited for. One that takes longer writes nothing over a
/// file that it has not read.
const LOCK: Duration = Duration::from_secs(15);

pub(crate) fn run(arguments: &args::Logout) -> Result<(), Failure> {
    let world = World::capture()?;
    let files = world.files()?;
    let sections = Sections::parse(&files);
    let which = &match arguments.all {
        true => SessionArgs::default(),
        false => arguments.named.completed(&sections, &world)?,
    };
    let configured: Vec<_> = if arguments.all {
        let (configured, problems) = sessions::all(&sections);
        for problem in problems {
            say(&format!("warning: {problem}"));
        }
        let others = sessions::not_configured(&world, &configured);
        configured.into_iter().chain(others).collect()
    } else {
        vec![sessions::chosen(&sections, &world.environment, which)?]
    };
    if configured.is_empty() {
        talk("There is no session to sign out of.");
    }
    let indexes: Vec<_> = configured.iter().map(|known| known.index(&world.caches())).collect();
    let sessions = configured.iter().zip(&indexes).map(|(known, index)| OfSession {
        session: &known.session,
        roles: known.roles.iter().copied().chain(roles_of(index)).collect(),
    });
    let sessions: Vec<_> = sessions.collect();
    let network = which.network(&sections, &world)?;
    let log = Arc::new(StderrLog::default());
    let context = net::context(&world, &network, log);
    // Files can be removed although no server can be asked.
    let (context, offline) = match context {
        Ok(context) => (context, None),
        Err(failure) => {
            let context = net::offline(&world, Arc::new(StderrLog::default()), "it cannot be used");
            (context, Some(failure))
        }
    };
    let context = context.with_patience(LOCK);
    let is_offline = offline.is_some();
    let mut sign_out =
        SignOut { world: &world, context: &context, failure: offline, left: BTreeSet::new() };
    let can_look = sign_out.can_look();
    net::run(None, async {
        // Local files first: a server that does not answer must not keep a token on the disk.
        let mut tokens = Vec::new();
        for of_session in &sessions {
            let (token, are_gone) = sign_out.forget(of_session).await;
            let is_clean = can_look && are_gone;
            match token {
                Some(token) => tokens.push((of_session, token, is_clean)),
                None => talk(&format!("Not signed in to `{}`.", of_session.session)),
            }
        }
        if arguments.all {
            sign_out.forget_all_roles();
        }
        for (of_session, token, is_clean) in tokens {
            if is_offline {
                let session = of_session.session;
                match is_clean {
                    true => talk(&format!("Signed out of `{session}` here alone.")),
                    false => talk(&format!("Not signed out of `{session}`.")),
                }
                continue;
            }
            sign_out.end_session(of_session.session, &token, is_clean).await;
            // What was fetched while the token was still there.
            sign_out.forget_roles(of_session);
        }
        sign_out.failure.take().map_or(Ok(()), Err)
    })
}

/// A session, and the roles of which other tools may keep credentials.
struct OfSession<'s> {
    session: &'s Session,
    roles: Vec<Role<'s>>,
}

fn roles_of(index: &Index) -> impl Iterator<Item = Role<'_>> {
    index.assigned().iter().flat_map(|assigned| {
        let account_id = assigned.account.account_id.as_str();
        assigned.role_names().iter().map(move |role_name| Role { account_id, role_name })
    })
}

/// Signs out of everything that can be signed out of, and remembers what could not.
struct SignOut<'w> {
    world: &'w World,
    context: &'w Context,
    failure: Option<Failure>,
    /// The files that stay, each of which is told once.
    left: BTreeSet<PathBuf>,
}

/// A file stays.
#[derive(Debug, thiserror::Error)]
#[error("cannot remove {}", path.display())]
struct NotRemoved {
    path: PathBuf,
    source: io::Error,
}

impl SignOut<'_> {
    /// Whether all files can be found.
    fn can_look(&mut self) -> bool {
        let caches = self.world.caches();
        let mut can_look = true;
        for directory in [&caches.cli, &caches.assumed_roles] {
            if let Err(error) = directory.files() {
                let path = directory.path().display();
                self.note(Failure::new(Exit::Other, format!("cannot look into {path}: {error}")));
                can_look = false;
            }
        }
        can_look
    }

    /// Removes the files of a session; returns its token where there was one, and whether all of
    /// them are gone.
    async fn forget(&mut self, of_session: &OfSession<'_>) -> (Option<CachedToken>, bool) {
        let session = of_session.session;
        let file = self.context.caches().sso.file(&session.cache_key());
        // A refresh that is under way stores its token first, so that it can be ended, too.
        let lock = self.context.lock(&file).await;
        let bytes = file.load().ok().flatten().map(Secret::new);
        let token = bytes.and_then(|bytes| CachedToken::read(bytes.expose()).ok());
        let is_of_another =
            token.as_ref().is_some_and(|token| !token.belongs_to(&session.start_url));
        if is_of_another {
            // The session of another config file, under the same name.
            return (None, self.forget_roles(of_session));
        }
        let is_gone = self.remove(&file);
        drop(lock);
        let are_gone = self.forget_roles(of_session);
        (token, is_gone && are_gone)
    }

    /// Removes what was got with the token of a session.
    fn forget_roles(&mut self, of_session: &OfSession<'_>) -> bool {
        let OfSession { session, roles } = of_session;
        let files = cached_files(session, roles, &self.world.caches());
        let left = files.iter().filter(|file| !self.remove(file)).count();
        left == 0
    }

    /// Removes the credentials and listings of every session, also of those that the configuration
    /// no longer has, and of every role that was assumed.
    fn forget_all_roles(&mut self) {
        let caches = self.world.caches();
        for directory in [caches.assumed_roles, caches.listings] {
            for file in directory.files().unwrap_or_default() {
                self.remove(&file);
            }
        }
        for file in self.context.caches().cli.files().unwrap_or_default() {
            let bytes = file.load().ok().flatten().map(Secret::new);
            if bytes.is_some_and(|bytes| CachedRole::from_slice(bytes.expose()).is_ok()) {
                self.remove(&file);
            }
        }
    }

    fn remove(&mut self, file: &CacheFile) -> bool {
        match file.remove() {
            Ok(_) => true,
            Err(source) => {
                let path = file.path().to_owned();
                if self.left.insert(path.clone()) {
                    let failure = Failure::new(Exit::Other, NotRemoved { path, source });
                    let hint = "make the directory writable and run the same command again";
                    self.note(failure.with_hint(hint));
                }
                false
            }
        }
    }

    /// Tells the server, and the person how it ended.
    async fn end_session(&mut self, session: &Session, token: &CachedToken, is_clean: bool) {
        let ended = end_session(self.context, session, token).await;
        match (&ended, is_clean) {
            (Ok(()), true) => talk(&format!("Signed out of `{session}`.")),
            (Ok(()), false) => talk(&format!("Signed out of `{session}` at the server alone.")),
            (Err(_), true) => talk(&format!("Signed out of `{session}` here alone.")),
            (Err(_), false) => talk(&format!("Not signed out of `{session}`.")),
        }
        if let Err(failure) = ended {
            self.note(failure.with_hint("the session may go on at the server until its own end"));
        }
    }

    /// The first failure is that of the command, the others are told at once.
    fn note(&mut self, failure: Failure) {
        if self.failure.is_none() {
            self.failure = Some(failure);
        } else {
            say(&format!("warning: {}", failure.sentence()));
        }
    }
}

/// Ends the session at the server. An access token that is no longer accepted is refreshed for that:
/// the refresh token may live for months.
async fn end_session(
    context: &Context,
    session: &Session,
    token: &CachedToken,
) -> Result<(), Failure> {
    let region = token.region.as_deref().unwrap_or(&session.region);
    let now = context.clock().now();
    let refused = if token.is_expired(now) {
        None
    } else {
        match log_out(context, region, &token.access_token).await {
            Err(failure) if failure.exit == Exit::LoginNeeded => Some(failure),
            result => return result,
        }
    };
    let (true, Some(refresh_token), Some(client_id), Some(client_secret)) =
        (token.is_refreshable(now), &token.refresh_token, &token.client_id, &token.client_secret)
    else {
        // Where the token has expired, nothing is left by which the session could go on.
        return refused.map_or(Ok(()), Err);
    };
    let grant = Grant::refresh_token(refresh_token);
    let operation = CreateToken { client_id, client_secret, grant, scope: None };
    let endpoint = context.endpoints().of(Service::Oidc, region).map_err(Failure::usage)?;
    match call(context, "CreateToken", &operation, &endpoint).await {
        Ok(renewed) => log_out(context, region, &renewed.access_token).await,
        Err(Error::Call { source, .. }) if has_ended(&source) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn has_ended(error: &CallError) -> bool {
    let kind = ErrorKind::of_call(error);
    matches!(kind, Some(ErrorKind::InvalidGrant | ErrorKind::ExpiredToken))
}

/// Ends the session of an access token; exit code 1 says that the token is not accepted.
async fn log_out(
    context: &Context,
    region: &str,
    access_token: &Secret<String>,
) -> Result<(), Failure> {
    let endpoint = context.endpoints().of(Service::Sso, region).map_err(Failure::usage)?;
    match call(context, "Logout", &Logout { access_token }, &endpoint).await {
        Ok(_) => Ok(()),
        Err(error) => {
            let is_refusal = matches!(&error, Error::Call { source, .. }
                if source.service().is_some_and(|error| error.status == 401));
            let failure = Failure::from(error);
            Err(if is_refusal { Failure { exit: Exit::LoginNeeded, ..failure } } else { failure })
        }
    }
}

/// Calls the server, for a bounded time.
async fn call<O: Operation>(
    context: &Context,
    name: &'static str,
    operation: &O,
    endpoint: &http::Uri,
) -> Result<O::Output, Error> {
    let called = net::within(SERVER, context.call(operation, endpoint)).await;
    let result = called.unwrap_or_else(|| {
        let host = endpoint.authority().map_or("", |authority| authority.as_str());
        let cause = format!("not done within {} s", SERVER.as_secs());
        Err(TransportError::new(host, false, cause).into())
    });
    result.map_err(|source| Error::call(name, endpoint, source))
}
