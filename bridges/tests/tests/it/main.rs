//! A bucket is listed through each bridge.

mod aws_sdk;
mod object_store;
mod opendal;

use std::error::Error;

use bridge_tests::World;

/// The texts of an error and its sources, and whether a program finds out that somebody must sign in.
fn read(error: &(dyn Error + 'static)) -> (String, bool) {
    let chain = std::iter::successors(Some(error), |error| (*error).source());
    let (mut text, mut must_sign_in) = (String::new(), false);
    for error in chain {
        text.push_str(&format!("{error}: "));
        let error = error.downcast_ref::<providers::Error>();
        must_sign_in |= matches!(error, Some(providers::Error::InvalidToken { .. }));
    }
    (text, must_sign_in)
}

/// Nobody is signed in: the error says so in its text, and by its type.
fn assert_tells_to_sign_in(error: &(dyn Error + 'static)) {
    let (text, must_sign_in) = read(error);
    assert!(text.contains("not signed in to `emulator`"), "{text}");
    assert!(must_sign_in, "{text}");
}

/// What is shown of a provider after it has provided, with nothing of what it provided.
async fn assert_shows_no_secret(world: &World, shown: &str) {
    let credentials = world.provider().provide().await.unwrap();
    assert!(shown.contains("SSO role"), "{shown}");
    assert!(!shown.contains(credentials.secret_access_key.expose()), "{shown}");
    assert!(!shown.contains(credentials.session_token.unwrap().expose()), "{shown}");
}
