use aws_credential_types::provider::ProvideCredentials as _;
use aws_sdk_s3::config::{BehaviorVersion, Region};
use aws_sdk_s3::{Client, Config};
use bridge_tests::{REGION, World};
use keyfob_aws_credential_types::SdkCredentials;

use crate::{assert_shows_no_secret, assert_tells_to_sign_in};

fn client(world: &World) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .endpoint_url(&world.s3_url)
        .force_path_style(true)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .credentials_provider(SdkCredentials::new(world.provider()));
    Client::from_conf(config.build())
}

#[tokio::test]
async fn the_sdk_lists_a_bucket() {
    let world = World::start().await;
    let client = client(&world);
    for _ in 0..2 {
        let page = client.list_objects_v2().bucket("bucket").send().await.unwrap();
        let keys: Vec<_> = page.contents().iter().filter_map(|object| object.key()).collect();
        assert_eq!(keys, ["hello.txt"]);
    }
    assert_eq!(world.server.count("GetRoleCredentials"), 1);
}

#[tokio::test]
async fn the_sdk_is_told_expiry_account_and_what_is_wrong() {
    let world = World::start().await;
    let bridge = SdkCredentials::new(world.provider());
    let credentials = bridge.provide_credentials().await.unwrap();
    let expiration = world.provider().provide().await.unwrap().expiration.unwrap();
    assert_eq!(credentials.expiry(), Some(expiration.try_into().unwrap()));
    assert_eq!(credentials.account_id().unwrap().as_str(), "111122223333");
    assert_shows_no_secret(&world, &format!("{bridge:?}")).await;

    let world = World::start().await;
    world.sign_out();
    let bridge = SdkCredentials::new(world.provider());
    assert_tells_to_sign_in(&bridge.provide_credentials().await.unwrap_err());
    let error = client(&world).list_objects_v2().bucket("bucket").send().await.unwrap_err();
    assert_tells_to_sign_in(&error);
}
