//! How a person signs in, whichever command asks for it.

use login::{Choice, Login, SignedIn, Ui};
use providers::Context;
use token_cache::Flow;
use wire::SystemTimes;

use crate::exit::Failure;
use crate::sessions::Configured;
use crate::ui::{talk, until};

/// Signs in as chosen, and says what was chosen and why.
pub(crate) async fn sign_in(login: &Login<'_>, choice: Choice) -> Result<SignedIn, Failure> {
    let session = login.session;
    let way = match choice.flow {
        Flow::AuthorizationCode => "an authorization code (PKCE)",
        Flow::DeviceCode => "a device code",
    };
    talk(&format!("Signing in to `{session}` with {way}: {}.", choice.reason));
    let signed_in = login.run(choice.flow).await?;
    let end = until(SystemTimes.now(), signed_in.expires_at);
    let more = if signed_in.refreshable {
        "refreshed without asking while the session lasts"
    } else {
        "which cannot be refreshed"
    };
    talk(&format!("Signed in to `{session}`; access token until {end}, {more}."));
    Ok(signed_in)
}

/// Prepares a sign-in to a session.
pub(crate) fn login<'a>(
    configured: &'a Configured<'_>,
    context: &'a Context,
    ui: &'a dyn Ui,
) -> Login<'a> {
    Login::new(context, &configured.session, ui).with_known_roles(&configured.roles)
}
