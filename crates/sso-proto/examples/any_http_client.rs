//! Fetches role credentials with whatever sends an HTTP request: here the transport is three lines
//! that answer like the portal.

use sso_proto::GetRoleCredentials;
use wire::{ResponseFuture, Secret, Transport};

struct Canned;

impl Transport for Canned {
    fn send<'a>(&'a self, request: http::Request<Vec<u8>>) -> ResponseFuture<'a> {
        assert_eq!(request.uri().host(), Some("portal.sso.eu-west-1.amazonaws.com"));
        let body = br#"{"roleCredentials":{"accessKeyId":"ASIAEXAMPLE","secretAccessKey":"s",
            "sessionToken":"t","expiration":1767326400000}}"#;
        Box::pin(async { Ok(http::Response::new(body.to_vec())) })
    }
}

fn main() {
    let endpoint = sso_proto::endpoint("eu-west-1", wire::EndpointVariant::default());
    let endpoint = endpoint.expect("eu-west-1 is a region");
    let request = GetRoleCredentials {
        access_token: &Secret::from("the token of ~/.aws/sso/cache"),
        account_id: "123456789012",
        role_name: "ReadOnly",
    };
    let credentials = block_on(wire::call(&request, &endpoint, &Canned)).expect("a whole answer");
    // Secrets do not show: `Secret(..)`.
    #[expect(clippy::print_stdout, reason = "the point of the example")]
    {
        println!("{credentials:?}");
    }
}

/// Nothing here waits, so one poll is enough; a real client brings its own runtime.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => unreachable!("the canned transport answers at once"),
    }
}

#[test]
fn it_runs() {
    main();
}
