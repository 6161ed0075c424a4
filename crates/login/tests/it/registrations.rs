use std::time::Duration;

use emulator::{Fault, FaultKind};
use token_cache::{CachedRegistration, Flow};

use crate::support::{Will, World};

const FLOWS: [Flow; 2] = [Flow::AuthorizationCode, Flow::DeviceCode];

#[tokio::test]
async fn a_registration_serves_the_sign_ins_of_its_flow() {
    for flow in FLOWS {
        let world = World::new(Will::Approve);
        world.sign_in(flow).await.unwrap();
        world.sign_in(flow).await.unwrap();
        assert_eq!(world.calls("RegisterClient"), 1, "{flow:?}");
        world.sign_in(FLOWS[usize::from(flow == FLOWS[0])]).await.unwrap();
        assert_eq!(world.calls("RegisterClient"), 2, "{flow:?}");
    }
}

#[tokio::test]
async fn a_registration_near_its_end_is_renewed() {
    let world = World::new(Will::Approve);
    world.sign_in(Flow::DeviceCode).await.unwrap();
    world.emulator.advance(Duration::from_secs(90 * 24 * 3600 - 60));
    world.sign_in(Flow::DeviceCode).await.unwrap();
    assert_eq!(world.calls("RegisterClient"), 2);
}

#[tokio::test]
async fn a_registration_that_the_service_has_forgotten_is_renewed_once() {
    for (flow, operation) in [
        (Flow::AuthorizationCode, "CreateToken:authorization_code"),
        (Flow::DeviceCode, "StartDeviceAuthorization"),
    ] {
        let world = World::new(Will::Approve);
        let forgotten = || Fault::new(operation, FaultKind::ExpiredRegistration);
        world.emulator.idp().lock().unwrap().set_faults(&[forgotten().times(1)]);
        world.sign_in(flow).await.unwrap();
        assert_eq!(world.calls("RegisterClient"), 2, "{operation}");
        world.emulator.idp().lock().unwrap().set_faults(&[forgotten()]);
        world.sign_in(flow).await.unwrap_err();
        assert_eq!(world.calls("RegisterClient"), 3, "{operation}");
    }
}

#[tokio::test]
async fn a_registration_without_scopes_brings_no_refresh_and_is_not_used() {
    let world = World::new(Will::Approve);
    world.sign_in(Flow::DeviceCode).await.unwrap();
    let ours = world.registration();
    assert_eq!(ours.scopes.as_deref(), Some(&["sso:account:access".to_owned()][..]));
    let of_the_aws_cli =
        CachedRegistration::new(ours.client_id, ours.client_secret, ours.expires_at);
    world.registration_file().replace(of_the_aws_cli.to_vec().expose()).unwrap();
    assert!(world.sign_in(Flow::DeviceCode).await.unwrap().refreshable);
    assert_eq!(world.calls("RegisterClient"), 2);
}

#[tokio::test]
async fn the_scopes_are_those_of_the_session() {
    let mut world = World::new(Will::Approve);
    world.session.registration_scopes = Some(vec!["sso:account:access".into(), "x:y".into()]);
    world.sign_in(Flow::AuthorizationCode).await.unwrap();
    let registration = world.registration();
    assert_eq!(registration.scopes, world.session.registration_scopes);
    let grants = registration.grant_types.unwrap();
    assert_eq!(grants, ["authorization_code", "refresh_token"]);
}

#[tokio::test]
async fn a_damaged_registration_is_replaced() {
    let world = World::new(Will::Approve);
    world.registration_file().replace(b"{\"clientId\":").unwrap();
    world.sign_in(Flow::DeviceCode).await.unwrap();
    world.sign_in(Flow::DeviceCode).await.unwrap();
    assert_eq!(world.calls("RegisterClient"), 1);
}
