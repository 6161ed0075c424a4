use emulator::{Idp, Scenario};
use http::Request;
use proptest::collection::vec;
use proptest::prelude::*;
use wire::Timestamp;

use crate::signature::{Keys, unsigned};

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

/// Something that is nearly a form of an action that assumes a role, with known and any values.
fn nearly_a_role() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        prop::sample::select(vec![
            "DurationSeconds",
            "ExternalId",
            "Policy",
            "PolicyArns.member.1.arn",
            "ProviderId",
            "ProvidedContexts.member.1.ProviderArn",
            "SerialNumber",
            "SourceIdentity",
            "Tags.member.1.Key",
            "Tags.member.1.Value",
            "Tags.member.18446744073709551616.Key",
            "TokenCode",
            "TransitiveTagKeys.member.1",
            "WebIdentityToken",
        ])
        .prop_map(str::to_owned),
        "(Tags|PolicyArns|TransitiveTagKeys)[.member0-9KeyValue]{0,20}",
    ];
    let value = prop_oneof![
        any::<String>(),
        prop::sample::select(vec!["900", "43200", "{}", "a+b", "%C3%A9", "123456", "token", "%00"])
            .prop_map(str::to_owned),
    ];
    let action = prop::sample::select(vec!["AssumeRole", "AssumeRoleWithWebIdentity"]);
    let arn = prop_oneof![
        Just("arn:aws:iam::111122223333:role/Admin".to_owned()),
        any::<String>().prop_map(|text| format!("arn:aws:iam::111122223333:role/{text}")),
    ];
    (action, arn, vec((name, value), 0..6)).prop_map(|(action, arn, more)| {
        let more: String = more.iter().map(|(name, value)| format!("&{name}={value}")).collect();
        format!("Action={action}&Version=2011-06-15&RoleArn={arn}&RoleSessionName=me{more}")
    })
}

proptest! {
    #[test]
    fn no_role_is_too_strange(body in nearly_a_role(), now in any::<i64>()) {
        let now = Timestamp::from_unix(now);
        let mut idp = Idp::new(Scenario::default());
        for request in [Keys::of_iam_user().sign(now, &body), unsigned(&body)] {
            let response = idp.handle(now, &request).response;
            prop_assert!([200, 400, 403].contains(&response.status().as_u16()));
            prop_assert!(response.body().ends_with(b"Response>\n"));
        }
    }

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
