use bridge_tests::{REGION, World};
use keyfob_reqsign::ReqsignCredentials;
use opendal_core::Operator;
use opendal_service_s3::S3;
use reqsign_core::{Context, ErrorKind, ProvideCredential as _, ProvideCredentialChain};

use crate::{assert_shows_no_secret, assert_tells_to_sign_in};

fn operator(world: &World) -> Operator {
    let chain = ProvideCredentialChain::new().push(ReqsignCredentials::new(world.provider()));
    let service = S3::default()
        .bucket("bucket")
        .region(REGION)
        .endpoint(&world.s3_url)
        .credential_provider_chain(chain);
    Operator::new(service).unwrap().finish()
}

#[tokio::test]
async fn opendal_lists_a_bucket() {
    let world = World::start().await;
    let operator = operator(&world);
    for _ in 0..2 {
        let entries = operator.list("").await.unwrap();
        assert!(entries.iter().any(|entry| entry.name() == "hello.txt"), "{entries:?}");
    }
    assert_eq!(world.server.count("GetRoleCredentials"), 1);
}

#[tokio::test]
async fn reqsign_is_told_expiry_and_what_is_wrong() {
    let world = World::start().await;
    let bridge = ReqsignCredentials::new(world.provider());
    let credential = bridge.provide_credential(&Context::new()).await.unwrap().unwrap();
    let expiration = world.provider().provide().await.unwrap().expiration.unwrap();
    assert_eq!(credential.expires_in.unwrap().as_second(), expiration.unix());
    assert_shows_no_secret(&world, &format!("{bridge:?}")).await;

    let world = World::start().await;
    world.sign_out();
    let bridge = ReqsignCredentials::new(world.provider());
    let error = bridge.provide_credential(&Context::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CredentialInvalid);
    assert_tells_to_sign_in(&error);
    assert!(operator(&world).list("").await.is_err());
}
