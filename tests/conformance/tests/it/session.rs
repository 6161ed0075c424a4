//! A session with its token file in a folder of its own, a clock that stands and a service that
//! gives one answer.

use std::sync::Arc;
use test_support::{Notes, Recorder, TestClock, block_on};

use http::{Request, Response};
use providers::{
    AccessToken, Caches, Context, Error, InvalidTokenCause, Program, Session, SsoToken,
};
use serde_json::Value;
use tempfile::TempDir;
use token_cache::{CacheFile, Directory};
use wire::Timestamp;

pub(crate) struct World {
    folder: TempDir,
    pub(crate) context: Context,
    transport: Arc<Recorder>,
    pub(crate) notes: Arc<Notes>,
}

impl World {
    pub(crate) fn new(now: &str, answer: Response<Vec<u8>>) -> Self {
        let transport = Recorder::answering(answer);
        let notes = Arc::new(Notes::default());
        let clock = TestClock::at(Timestamp::parse(now).unwrap());
        let folder = tempfile::tempdir().unwrap();
        let mut caches = Caches::below(folder.path());
        caches.sso = Directory::new(folder.path());
        let program = Program::named("conformance");
        let context =
            Context::new(program, clock, transport.clone(), caches).with_log(notes.clone());
        Self { folder, context, transport, notes }
    }

    pub(crate) fn cache(&self) -> Directory {
        Directory::new(self.folder.path())
    }

    pub(crate) fn file(&self, session: &Session) -> CacheFile {
        self.cache().file(&session.cache_key())
    }

    pub(crate) fn provider(&self, session: &Session) -> SsoToken {
        SsoToken::new(self.context.clone(), session.clone())
    }

    /// Asks for the token of a session whose file holds `stored`.
    pub(crate) fn token(&self, session: &Session, stored: &[u8]) -> Result<AccessToken, Error> {
        self.file(session).replace(stored).unwrap();
        block_on(self.provider(session).token())
    }

    /// Returns what the file of a session holds now.
    pub(crate) fn stored(&self, session: &Session) -> Value {
        serde_json::from_slice(&self.file(session).load().unwrap().unwrap()).unwrap()
    }

    pub(crate) fn requests(&self) -> Vec<Request<Vec<u8>>> {
        self.transport.requests()
    }
}

/// Describes what came of asking for a token.
pub(crate) fn described(outcome: &Result<AccessToken, Error>) -> String {
    match outcome {
        Ok(token) => format!("{} until {}", token.token.expose(), token.expires_at),
        Err(Error::InvalidToken { cause, .. }) => match cause {
            InvalidTokenCause::Absent { .. } => "no file".to_owned(),
            InvalidTokenCause::Expired { .. } => "expired".to_owned(),
            InvalidTokenCause::Malformed { .. } => "no token".to_owned(),
            other => format!("{other:?}"),
        },
        Err(other) => chain(other),
    }
}

/// Describes an error with its causes.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
