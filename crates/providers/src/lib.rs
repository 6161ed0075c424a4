#![doc = include_str!("../README.md")]

mod cached;
mod context;
mod credentials;
mod endpoints;
mod error;
mod lint;
mod locking;
mod plan;
mod planning;
mod process_output;
mod role_cache;
mod session;
mod sso_role;
mod sso_token;

use std::pin::Pin;

pub use cached::Cached;
pub use context::{Clock, Context, Log, NoLog, Sleep};
pub use credentials::Credentials;
pub use endpoints::{Endpoints, Service};
pub use error::{Error, InvalidTokenCause};
pub use lint::{Lint, SdkChoice, lint, sdk_choices};
pub use locking::lock;
pub use plan::{Base, Hop, Plan, PlanError, SsoPlan};
pub use planning::plan;
pub use process_output::process_output;
pub use role_cache::{CachedRoleEntry, cached_roles};
pub use session::Session;
pub use sso_role::{Role, SsoRole, probe};
pub use sso_token::{AccessToken, SsoToken};

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
