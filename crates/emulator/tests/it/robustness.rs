use emulator::{Idp, Scenario};
use http::Request;
use proptest::collection::vec;
use proptest::prelude::*;
use wire::Timestamp;

/// Something that is nearly a request: known parts in any order, and any bytes.
fn nearly() -> impl Strategy<Value = Request<Vec<u8>>> {
    let paths = [
        "/",
        "/authorize",
        "/client/register",
        "/device",
        "/device_authorization",
        "/federation/credentials",
        "/assignment/accounts",
        "/assignment/roles",
        "/logout",
        "/token",
    ];
    let parts = prop_oneof![
        any::<String>(),
        "[-a-zA-Z0-9_%+&=/.:;, {}\"\\[\\]]{0,40}",
        prop::sample::select(vec![
            "Action=GetCallerIdentity&Version=2011-06-15", "client_id=", "user_code=", "&", "%",
            "{\"clientName\":\"x\",\"clientType\":\"public\"", "\"grantType\":\"refresh_token\"", "}",
            "AWS4-HMAC-SHA256 Credential=a/20260102/r/sts/aws4_request,SignedHeaders=host,Signature=0",
            "redirect_uri=http%3A%2F%2F127.0.0.1", "next_token=", "max_result=", "\u{1F511}", "éa",
        ]).prop_map(str::to_owned),
    ];
    let text = vec(parts, 0..6).prop_map(|parts| parts.concat());
    let method = prop::sample::select(vec!["GET", "POST", "HEAD"]);
    (method, prop::sample::select(paths.to_vec()), vec(text, 4)).prop_map(
        |(method, path, texts)| {
            let uri =
                format!("{path}?{}", texts[0]).parse().unwrap_or_else(|_| path.parse().unwrap());
            let mut request = Request::new(texts[1].clone().into_bytes());
            *request.method_mut() = method.parse().unwrap();
            *request.uri_mut() = uri;
            for (name, text) in [("authorization", &texts[2]), ("x-amz-date", &texts[3])] {
                if let Ok(value) = text.parse() {
                    request.headers_mut().insert(name, value);
                }
            }
            request
        },
    )
}

proptest! {
    #[test]
    fn no_request_is_too_strange(requests in vec(nearly(), 1..8), now in any::<i64>()) {
        let mut scenario = Scenario::default();
        scenario.clock_offset = now.rotate_left(7);
        let mut idp = Idp::new(scenario);
        for request in &requests {
            let reply = idp.handle(Timestamp::from_unix(now), request);
            prop_assert!(reply.response.headers().contains_key("date"));
            let url = request.uri().to_string();
            let _ = idp.approve_authorization(Timestamp::from_unix(now), &url);
            let _ = idp.approve_device(Timestamp::from_unix(now), &url);
        }
    }

    #[test]
    fn no_scenario_is_too_strange(text in any::<String>()) {
        let _ = Scenario::from_toml(&text);
    }
}
