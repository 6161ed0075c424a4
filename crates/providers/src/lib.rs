#![doc = include_str!("../README.md")]

mod assume_role;
mod assumed_role_file;
mod authorize;
mod cached;
mod chain;
mod container;
mod context;
mod credentials;
mod endpoints;
mod error;
mod flight;
mod lint;
mod locking;
mod mfa;
mod nesting;
mod pipe;
mod plan;
mod planning;
mod process;
mod process_output;
mod profile_settings;
mod refresh;
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
mod thread;
mod unbroken;
mod web_identity;

use std::pin::Pin;

pub use assume_role::{AssumeRole, AssumeRoleOptions};
pub use cached::Cached;
pub use chain::{Caches, Chain, ChainOptions};
pub use container::Container;
pub use context::{Clock, Context, Log, NoLog, Sleep, Work, spawn_thread};
pub use credentials::{Credentials, Source};
pub use endpoints::{Endpoints, Service};
pub use error::{Error, InvalidTokenCause};
pub use lint::{Lint, SdkChoice, is_account_id, lint, sdk_choices};
pub use locking::lock;
pub use mfa::{
    ProcessTokenProvider, TerminalTokenProvider, TokenCodeError, TokenCodeFuture, TokenProvider,
};
pub use nesting::time_left;
pub use plan::{Base, Hop, Plan, PlanError, SsoPlan};
pub use planning::{default_plan, plan};
pub use process::Process;
pub use process_output::{process_output, read_process_output};
pub use role_cache::{CachedRoleEntry, cached_files, cached_roles};
pub use session::{Session, quote};
pub use session_state::SessionState;
pub use sso_role::{Role, SsoRole, probe};
pub use sso_token::{AccessToken, SsoToken};
pub use static_keys::{Environment, Static};
pub use sts::call_signed;
pub use unbroken::{Unbroken, Unfinished};
pub use web_identity::{WebIdentity, WebIdentityOptions};

/// The future that [`ProvideCredentials::provide`] returns.
pub type CredentialsFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Credentials, Error>> + Send + 'a>>;

/// Anything that yields credentials.
pub trait ProvideCredentials: Send + Sync {
    /// Yields credentials that live at the time of the call.
    fn provide(&self) -> CredentialsFuture<'_>;

    /// Returns the name of the kind of provider, for people.
    fn name(&self) -> &'static str;
}

impl<P: ProvideCredentials + ?Sized> ProvideCredentials for std::sync::Arc<P> {
    fn provide(&self) -> CredentialsFuture<'_> {
        (**self).provide()
    }

    fn name(&self) -> &'static str {
        (**self).name()
    }
}
