//! How fast a request is signed; `cargo bench -p keyfob-sts-proto`.

#[path = "../../../benches/fastest.rs"]
mod fastest;

use std::hint::black_box;

use fastest::fastest;
use sts_proto::{Signer, SigningKeys};
use wire::{Secret, Timestamp};

fn main() {
    let (secret_access_key, session_token) =
        (Secret::from("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), "t".repeat(600).into());
    let keys = SigningKeys {
        access_key_id: "ASIAIOSFODNN7EXAMPLE",
        secret_access_key: &secret_access_key,
        session_token: Some(&session_token),
    };
    let signer = Signer::new(keys, "sts", "eu-west-1", Timestamp::from_unix(1_767_323_045));
    let body = b"Action=GetCallerIdentity&Version=2011-06-15".to_vec();
    let time = fastest(|| {
        let mut request = http::Request::post("https://sts.eu-west-1.amazonaws.com/")
            .body(body.clone())
            .expect("a request");
        signer.sign(&mut request).expect("it can be signed");
        black_box(request);
    });
    #[expect(clippy::print_stdout, reason = "the figures are the point")]
    {
        println!("a request of {} bytes is signed in {time:.1?}", body.len());
    }
}
