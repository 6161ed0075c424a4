//! Credentials of a role without a profile: `by_hand START_URL REGION ACCOUNT ROLE`.
//!
//! The counterpart of the second program in the package documentation of Go's `ssocreds`, with the
//! credentials kept in memory until five minutes before they expire.

use std::sync::Arc;
use std::time::Duration;

use providers::{
    Cached, Context, Credentials, ProvideCredentials, Role, Session, SsoRole, SsoToken,
};
use shared_config::Locations;
use token_cache::Directory;

mod support;

fn main() -> support::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [start_url, region, account_id, role_name] = arguments.as_slice() else {
        return Err("usage: by_hand START_URL REGION ACCOUNT ROLE".into());
    };
    let (locations, context) = support::from_environment()?;
    let session = Session::legacy(start_url, region);
    let role = Role { account_id, role_name };
    let credentials = support::block_on(retrieve(&locations, context, session, role))?;
    support::show(&credentials);
    Ok(())
}

async fn retrieve(
    locations: &Locations,
    context: Context,
    session: Session,
    role: Role<'_>,
) -> support::Result<Credentials> {
    let clock = Arc::clone(&context.clock);
    let token = SsoToken::new(context, session, &Directory::new(&locations.sso_cache));
    let provider = Cached::new(SsoRole::new(token, role), clock)
        .with_expiry_window(Duration::from_secs(5 * 60));
    provider.provide().await?;
    Ok(provider.provide().await?) // of the first call
}

#[test]
fn it_retrieves_credentials_once() {
    let signed_in = support::SignedIn::new();
    let session = Session::legacy(&signed_in.session.start_url, &signed_in.session.region);
    let role = Role { account_id: "111122223333", role_name: "ReadOnly" };
    let work = retrieve(&signed_in.locations, signed_in.context.clone(), session.clone(), role);
    let error = support::block_on(work).unwrap_err();
    assert!(error.to_string().contains("not signed in"), "{error}");
    signed_in.sign_in(&session);
    let work = retrieve(&signed_in.locations, signed_in.context.clone(), session, role);
    support::block_on(work).unwrap();
    assert_eq!(signed_in.calls("GetRoleCredentials"), 1);
}
