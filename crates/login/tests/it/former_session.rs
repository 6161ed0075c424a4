//! What a sign-in leaves of the session before it.

use std::time::Duration;

use login::LoginError;
use providers::{ProvideCredentials, SsoRole, SsoToken};
use token_cache::Flow;

use crate::support::{ROLE, Will, World};

/// Fetches the credentials of a role, and makes a listing.
async fn use_session(world: &World) {
    let token = SsoToken::new(world.context.clone(), world.session.clone());
    SsoRole::new(token, ROLE).with_cache().provide().await.unwrap();
    let listing = world.caches.listings.file(&world.session.cache_key());
    listing.replace(b"names").unwrap();
}

fn has_role(world: &World) -> bool {
    world.caches.cli.files().unwrap().iter().any(|file| file.load().unwrap().is_some())
}

fn has_listing(world: &World) -> bool {
    world.caches.listings.file(&world.session.cache_key()).load().unwrap().is_some()
}

#[tokio::test]
async fn a_new_sign_in_forgets_the_credentials_of_the_former_one_and_keeps_the_names() {
    let world = World::new(Will::Approve);
    world.sign_in(Flow::DeviceCode).await.unwrap();
    use_session(&world).await;
    assert!(has_role(&world));
    world.sign_in(Flow::DeviceCode).await.unwrap();
    assert!(!has_role(&world) && has_listing(&world));
}

#[tokio::test]
async fn the_names_of_a_session_that_was_signed_out_of_are_forgotten() {
    let world = World::new(Will::Approve);
    world.sign_in(Flow::DeviceCode).await.unwrap();
    use_session(&world).await;
    world.token_file().remove().unwrap();
    world.sign_in(Flow::DeviceCode).await.unwrap();
    assert!(!has_role(&world) && !has_listing(&world));
}

#[tokio::test]
async fn a_sign_in_that_fails_forgets_nothing() {
    let mut world = World::new(Will::Approve);
    world.sign_in(Flow::DeviceCode).await.unwrap();
    use_session(&world).await;
    let token = world.token_file().load().unwrap();
    world.person.will = Will::Deny;
    world.sign_in(Flow::DeviceCode).await.unwrap_err();
    assert!(has_role(&world) && has_listing(&world));
    assert_eq!(world.token_file().load().unwrap(), token);
}

#[tokio::test]
async fn a_token_that_nobody_can_read_is_kept_beside_the_new_one() {
    let world = World::new(Will::Approve);
    world.token_file().replace(b"{\"accessToken\":").unwrap();
    world.sign_in(Flow::DeviceCode).await.unwrap();
    let kept = world.token_file().path().with_extension("json.corrupt");
    assert_eq!(std::fs::read(&kept).unwrap(), b"{\"accessToken\":");
    std::fs::remove_file(&kept).unwrap();
    world.sign_in(Flow::DeviceCode).await.unwrap();
    assert!(!kept.exists());
}

#[tokio::test]
async fn nobody_is_asked_where_the_token_cannot_be_stored() {
    let world = World::new(Will::Approve);
    std::fs::File::create(world.home.path().join("sso")).unwrap(); // no directory
    let error = world.sign_in(Flow::DeviceCode).await.unwrap_err();
    assert!(matches!(error, LoginError::Store { .. }), "{error:?}");
    assert_eq!(world.calls("RegisterClient"), 0);
}

#[tokio::test]
async fn a_session_that_has_ended_by_itself_keeps_its_names() {
    let world = World::new(Will::Approve);
    world.sign_in(Flow::DeviceCode).await.unwrap();
    use_session(&world).await;
    world.emulator.advance(Duration::from_secs(91 * 24 * 3600)); // the registration, too
    world.sign_in(Flow::DeviceCode).await.unwrap();
    assert!(!has_role(&world) && has_listing(&world));
}
