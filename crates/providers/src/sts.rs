//! What the providers that ask STS have in common.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use sts_proto::{AssumedRoleUser, Endpoint, SigningKeys};
use wire::{CallError, Operation, ServiceError, SessionCredentials, Timestamp};

use crate::{Context, Credentials, Error};

/// The name of a session: the configured one, or one that is made up once.
#[derive(Clone, Debug)]
pub(crate) struct SessionName {
    configured: Option<String>,
    made_up: Arc<OnceLock<String>>,
}

impl SessionName {
    pub(crate) fn new(configured: Option<String>) -> Self {
        Self { configured, made_up: Arc::default() }
    }

    pub(crate) fn get(&self, context: &Context) -> String {
        let name = || format!("{}-{}", context.program.name(), context.clock.now().unix());
        let made_up = || self.made_up.get_or_init(name);
        self.configured.as_ref().unwrap_or_else(made_up).clone()
    }
}

/// Signs with these credentials.
pub(crate) fn keys(credentials: &Credentials) -> SigningKeys<'_> {
    SigningKeys {
        access_key_id: &credentials.access_key_id,
        secret_access_key: &credentials.secret_access_key,
        session_token: credentials.session_token.as_ref(),
    }
}

pub(crate) fn credentials(role: SessionCredentials, user: Option<&AssumedRoleUser>) -> Credentials {
    let account_id = user.and_then(AssumedRoleUser::account_id).map(str::to_owned);
    Credentials { account_id, ..role.into() }
}

/// The codes by which AWS tells that it does not accept a signature; each may mean the clock.
const CLOCK_CODES: [&str; 5] = [
    "AccessDeniedException",
    "AuthFailure",
    "InvalidSignatureException",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
];

/// Performs a signed action. Where the signature is not accepted and the answer shows that our clock
/// is wrong, it is signed once more by the server's clock, unless it carries something that counts
/// once.
///
/// # Errors
/// Fails as the action does.
///
/// # Cancel safety
/// As [`Context::call`].
pub async fn call_signed<O: Operation>(
    sign: impl Fn(Timestamp) -> O + Sync,
    endpoint: &Endpoint,
    context: &Context,
) -> Result<O::Output, CallError> {
    let now = context.clock.now();
    let operation = sign(now);
    let error = match context.call(&operation, &endpoint.uri).await {
        Err(error) => error,
        success => return success,
    };
    let is_refused = error.service().is_some_and(is_about_signature);
    let corrected = context.clock.now();
    let jump = now.until(corrected).max(corrected.until(now));
    if is_refused && jump > JUMP && operation.retry() == wire::Retry::Transient {
        return context.call(&sign(corrected), &endpoint.uri).await;
    }
    Err(error)
}

/// No call takes so long: the clock was corrected meanwhile.
const JUMP: Duration = Duration::from_secs(2 * 60);

fn is_about_signature(error: &ServiceError) -> bool {
    CLOCK_CODES.iter().any(|code| error.is(code))
}

/// Says which role could not be assumed, and where.
pub(crate) fn error(role_arn: &str, endpoint: &Endpoint, source: CallError) -> Error {
    Error::AssumeRole {
        role_arn: role_arn.to_owned(),
        host: endpoint.uri.authority().map(ToString::to_string).unwrap_or_default(),
        source: Arc::new(source),
    }
}
