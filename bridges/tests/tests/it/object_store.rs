use std::sync::Arc;

use bridge_tests::{REGION, World};
use futures_util::TryStreamExt as _;
use keyfob_object_store::S3Credentials;
use object_store::aws::{AmazonS3, AmazonS3Builder, AwsCredential};
use object_store::{ObjectStore as _, StaticCredentialProvider};

use crate::{assert_shows_no_secret, assert_tells_to_sign_in};

fn store(world: &World) -> AmazonS3 {
    let credentials = S3Credentials::new(world.provider(), Arc::clone(world.context.clock()));
    AmazonS3Builder::new()
        .with_bucket_name("bucket")
        .with_region(REGION)
        .with_endpoint(&world.s3_url)
        .with_allow_http(true)
        .with_credentials(Arc::new(credentials))
        .build()
        .unwrap()
}

#[tokio::test]
async fn object_store_lists_a_bucket() {
    let world = World::start().await;
    let store = store(&world);
    for _ in 0..2 {
        let objects: Vec<_> = store.list(None).try_collect().await.unwrap();
        assert_eq!(objects[0].location.as_ref(), "hello.txt");
    }
    assert_eq!(world.server.count("GetRoleCredentials"), 1, "they are kept");
}

#[tokio::test]
async fn the_server_refuses_a_key_that_was_not_issued() {
    let world = World::start().await;
    let bridge = S3Credentials::new(world.provider(), Arc::clone(world.context.clock()));
    let issued = object_store::CredentialProvider::get_credential(&bridge).await.unwrap();
    let list = async |credential: AwsCredential| {
        let store = AmazonS3Builder::new()
            .with_bucket_name("bucket")
            .with_region(REGION)
            .with_endpoint(&world.s3_url)
            .with_allow_http(true)
            .with_credentials(Arc::new(StaticCredentialProvider::new(credential)))
            .build()
            .unwrap();
        store.list(None).try_collect::<Vec<_>>().await
    };
    let copy = || AwsCredential {
        key_id: issued.key_id.clone(),
        secret_key: issued.secret_key.clone(),
        token: issued.token.clone(),
    };
    list(copy()).await.unwrap();
    list(AwsCredential { secret_key: "another".to_owned(), ..copy() }).await.unwrap_err();
    list(AwsCredential { token: None, ..copy() }).await.unwrap_err();
}

#[tokio::test]
async fn object_store_is_told_what_is_wrong() {
    let world = World::start().await;
    let bridge = S3Credentials::new(world.provider(), Arc::clone(world.context.clock()));
    object_store::CredentialProvider::get_credential(&bridge).await.unwrap();
    assert_shows_no_secret(&world, &format!("{bridge:?}")).await;

    let world = World::start().await;
    world.sign_out();
    let error = store(&world).list(None).try_collect::<Vec<_>>().await.unwrap_err();
    assert_tells_to_sign_in(&error);
}
