#![doc = include_str!("../README.md")]

mod assume_role;
mod assumed_role_file;
mod authorize;
mod cached;
mod caches;
mod composition;
mod container;
mod context;
mod credentials;
mod endpoints;
mod error;
mod exchange;
mod flight;
mod from_profile;
mod identity;
mod lint;
mod locking;
mod mfa;
mod nesting;
mod network;
mod pipe;
mod process;
mod process_output;
mod profile_settings;
mod program;
mod refresh;
mod resolve;
mod resolve_error;
mod role_cache;
mod server_clock;
mod session;
mod session_state;
mod single_flight;
mod sso_role;
mod sso_token;
mod static_keys;
mod sts;
mod subprocess;
mod target;
mod thread;
mod thread_clock;
mod unbroken;
mod web_identity;

use std::fmt;
use std::pin::Pin;

pub use assume_role::{AssumeRole, AssumeRoleOptions};
pub use cached::Cached;
pub use caches::Caches;
pub use composition::ProviderOptions;
pub use container::Container;
pub use context::Context;
pub use credentials::{Credentials, Source};
pub use endpoints::{Endpoints, Service};
pub use error::{Error, InvalidTokenCause};
pub use identity::{Base, Hop, Identity, ProcessBase, SsoBase, StaticBase, WebIdentityBase};
pub use lint::{Lint, SdkChoice, is_account_id};
pub use mfa::{
    ProcessTokenProvider, TerminalTokenProvider, TokenCodeError, TokenCodeFuture, TokenProvider,
};
pub use nesting::time_left;
pub use network::{CaBundle, Network};
pub use process::Process;
pub use process_output::{process_output, read_process_output};
pub use program::Program;
pub use resolve::{
    resolve, resolve_default, resolve_default_in, resolve_in, resolve_provided_in, resolve_session,
};
pub use resolve_error::ResolveError;
pub use role_cache::{CachedRoleEntry, cached_files, cached_roles};
pub use session::Session;
pub use session_state::SessionState;
pub use shared_config;
pub use sso_role::{Role, SsoRole};
pub use sso_token::{AccessToken, SsoToken};
pub use static_keys::{EnvironmentKeys, Static};
pub use sts::call_signed;
pub use target::Target;
pub use thread_clock::ThreadClock;
pub use token_cache::{self, Policy};
pub use unbroken::{Unbroken, Unfinished};
pub use web_identity::{WebIdentity, WebIdentityOptions};
pub use wire::{self, Clock, Log, NoLog, Sleep, Work};

/// The future that [`ProvideCredentials::provide`] returns.
pub type CredentialsFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Credentials, Error>> + Send + 'a>>;

/// Anything that yields credentials.
pub trait ProvideCredentials: Send + Sync {
    /// Yields credentials that live at the time of the call.
    ///
    /// # Cancel safety
    /// The future may be dropped at any moment. Those of this crate see to it that nothing which
    /// counts once is lost then: a refresh that has begun goes on, by [`Clock::spawn`], and is stored.
    /// So do the fetches of [`Cached`] and of caches on disk.
    fn provide(&self) -> CredentialsFuture<'_>;

    /// Returns the name of the kind of provider, for people.
    fn name(&self) -> &'static str;
}

impl fmt::Debug for dyn ProvideCredentials + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl<P: ProvideCredentials + ?Sized> ProvideCredentials for std::sync::Arc<P> {
    fn provide(&self) -> CredentialsFuture<'_> {
        (**self).provide()
    }

    fn name(&self) -> &'static str {
        (**self).name()
    }
}
