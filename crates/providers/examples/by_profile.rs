//! Credentials of an SSO profile: `by_profile NAME`.
//!
//! The counterpart of the first program in the package documentation of Go's `ssocreds`: it loads
//! the configuration, finds the profile and retrieves its credentials.

use providers::{Base, Context, Credentials, ProvideCredentials, SsoRole, SsoToken, plan};
use shared_config::{Files, Locations, Sections};
use token_cache::Directory;

mod support;

fn main() -> support::Result<()> {
    let name = std::env::args().nth(1).unwrap_or_else(|| "default".to_owned());
    let (locations, context) = support::from_environment()?;
    let credentials = support::block_on(retrieve(&locations, context, &name))?;
    support::show(&credentials);
    Ok(())
}

async fn retrieve(
    locations: &Locations,
    context: Context,
    name: &str,
) -> support::Result<Credentials> {
    let files = Files::load(locations)?;
    let sections = Sections::for_profile(&files, name);
    let Base::Sso(sso) = plan(&sections, name)?.base else {
        return Err(format!("profile {name} is no SSO profile").into());
    };

    let sso_cache = Directory::new(&locations.sso_cache);
    let token = SsoToken::new(context, sso.session.clone(), &sso_cache);
    Ok(SsoRole::new(token, sso.role()?).provide().await?)
}

#[test]
fn it_retrieves_credentials() {
    let signed_in = support::SignedIn::new();
    let work = retrieve(&signed_in.locations, signed_in.context.clone(), "dev");
    let credentials = support::block_on(work).unwrap();
    assert_eq!(credentials.account_id.as_deref(), Some("111122223333"));
    assert_eq!(signed_in.calls("GetRoleCredentials"), 1);
}
