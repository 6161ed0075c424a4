//! Responses, and what botocore reads from them.

use conformance::{Difference, Tally, committed_and_corpora, text};
use http::Response;
use oidc_proto::{CreateToken, RegisterClient, StartDeviceAuthorization};
use serde_json::{Value, json};
use sso_proto::{GetRoleCredentials, ListAccountRoles, ListAccounts, Logout};
use sts_proto::GetCallerIdentity;
use wire::{DecodeError, Operation};

pub(crate) const DIFFERENCES: &[Difference] = &[
    Difference {
        id: "oidc-pending-type-body",
        row: "error-message",
        keyfob: "AuthorizationPendingException 400 \"authorization_pending\" req-1",
    },
    Difference {
        id: "oidc-slow-header-uri",
        row: "error-message",
        keyfob: "SlowDownException 400 \"slow_down\" req-1",
    },
    Difference {
        id: "oidc-token-snake",
        row: "incomplete-answer",
        keyfob: "fails: the answer lacks the member accessToken",
    },
    Difference { id: "sso-302", row: "error-message", keyfob: "302 302 \"Found\" none" },
    Difference {
        id: "sso-401-no-body",
        row: "error-message",
        keyfob: "UnauthorizedException 401 \"Unauthorized\" none",
    },
    Difference {
        id: "sso-grc-empty-object",
        row: "incomplete-answer",
        keyfob: "fails: the answer lacks the member roleCredentials",
    },
    Difference {
        id: "sso-grc-null-creds",
        row: "incomplete-answer",
        keyfob: "fails: the answer lacks the member roleCredentials",
    },
    Difference {
        id: "sso-grc-nulls",
        row: "incomplete-answer",
        keyfob: "fails: the answer lacks the member secretAccessKey",
    },
    Difference {
        id: "sso-grc-string-exp",
        row: "number-as-text",
        keyfob: "fails: the member expiration of the answer cannot be used",
    },
    Difference {
        id: "sts-err-no-rid",
        row: "request-id",
        keyfob: "AccessDenied 403 \"m\" hdr-req",
    },
];

pub(crate) fn response(case: &Value) -> Response<Vec<u8>> {
    let mut response =
        Response::builder().status(u16::try_from(case["status"].as_u64().unwrap()).unwrap());
    for (name, value) in case["headers"].as_object().unwrap() {
        response = response.header(name, value.as_str().unwrap());
    }
    response.body(text(case, "body").as_bytes().to_vec()).unwrap()
}

/// Reads the response of a case into the members that botocore would show; `None` where keyfob
/// does not have the operation.
pub(crate) fn decoded(case: &Value) -> Option<Result<Value, DecodeError>> {
    let response = &response(case);
    Some(match text(case, "operation") {
        "CreateToken" => CreateToken::decode(response).map(|token| {
            json!({
                "accessToken": token.access_token.expose(),
                "expiresIn": token.expires_in.as_secs(),
                "idToken": token.id_token.as_ref().map(wire::Secret::expose),
                "refreshToken": token.refresh_token.as_ref().map(wire::Secret::expose),
                "tokenType": token.token_type,
            })
        }),
        "GetRoleCredentials" => GetRoleCredentials::decode(response).map(|credentials| {
            json!({"roleCredentials": {
                "accessKeyId": credentials.access_key_id,
                "expiration": credentials.expiration.unix() * 1000,
                "secretAccessKey": credentials.secret_access_key.expose(),
                "sessionToken": credentials.session_token.expose(),
            }})
        }),
        "ListAccountRoles" => ListAccountRoles::decode(response).map(|page| {
            let role = |role: &sso_proto::Role| {
                json!({"accountId": role.account_id, "roleName": role.role_name})
            };
            let roles: Vec<_> = page.role_list.iter().map(role).collect();
            json!({"nextToken": page.next_token, "roleList": roles})
        }),
        "ListAccounts" => ListAccounts::decode(response).map(|page| {
            let account = |account: &sso_proto::Account| {
                json!({
                    "accountId": account.account_id,
                    "accountName": account.account_name,
                    "emailAddress": account.email_address,
                })
            };
            let accounts: Vec<_> = page.account_list.iter().map(account).collect();
            json!({"accountList": accounts, "nextToken": page.next_token})
        }),
        "Logout" => Logout::decode(response).map(|()| json!({})),
        "RegisterClient" => RegisterClient::decode(response).map(|registration| {
            json!({
                "authorizationEndpoint": registration.authorization_endpoint,
                "clientId": registration.client_id,
                "clientIdIssuedAt": registration.client_id_issued_at.map(wire::Timestamp::unix),
                "clientSecret": registration.client_secret.expose(),
                "clientSecretExpiresAt": registration.client_secret_expires_at.unix(),
                "tokenEndpoint": registration.token_endpoint,
            })
        }),
        "StartDeviceAuthorization" => StartDeviceAuthorization::decode(response).map(|device| {
            json!({
                "deviceCode": device.device_code.expose(),
                "expiresIn": device.expires_in.as_secs(),
                "interval": device.interval.map(|interval| interval.as_secs()),
                "userCode": device.user_code,
                "verificationUri": device.verification_uri,
                "verificationUriComplete": device.verification_uri_complete,
            })
        }),
        // All operations of STS have their errors in common.
        operation if operation == "GetCallerIdentity" || case["expect"]["result"].is_null() => {
            GetCallerIdentity::decode(response).map(|identity| {
                json!({
                    "Account": identity.account,
                    "Arn": identity.arn,
                    "UserId": identity.user_id,
                })
            })
        }
        _ => return None,
    })
}

/// Leaves out what says nothing: botocore keeps empty lists and texts, keyfob does not.
fn telling(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| (name.clone(), telling(value)));
            let empty = [json!(null), json!(""), json!([])];
            Value::Object(members.filter(|(_, value)| !empty.contains(value)).collect())
        }
        Value::Array(elements) => elements.iter().map(telling).collect(),
        other => other.clone(),
    }
}

fn error(code: &str, status: u64, message: Option<&str>, request_id: Option<&str>) -> String {
    let message = message.unwrap_or_default();
    format!("{code} {status} {message:?} {}", request_id.unwrap_or("none"))
}

fn expected(expect: &Value) -> String {
    if expect["result"].is_object() {
        return telling(&expect["result"]).to_string();
    }
    if expect["clientError"].is_object() {
        return "fails".to_owned();
    }
    let expect = &expect["error"];
    let status = expect["status"].as_u64().unwrap();
    error(text(expect, "code"), status, expect["message"].as_str(), expect["requestId"].as_str())
}

fn seen(expect: &Value, decoded: &Result<Value, DecodeError>) -> String {
    match decoded {
        Ok(members) => telling(members).to_string(),
        Err(_) if expect["clientError"].is_object() => "fails".to_owned(),
        Err(DecodeError::Service(refusal)) => error(
            &refusal.code,
            refusal.status.into(),
            refusal.message.as_deref(),
            refusal.request_id.as_deref(),
        ),
        Err(other) => format!("fails: {other}"),
    }
}

#[test]
fn responses_are_read_as_botocore_reads_them() {
    let mut tally = Tally::new("botocore-oracle responses", DIFFERENCES);
    for (_, case) in committed_and_corpora("botocore-oracle", "data/responses.json") {
        let expect = &case["expect"];
        match decoded(&case) {
            Some(decoded) => {
                tally.compare(text(&case, "id"), &expected(expect), &seen(expect, &decoded));
            }
            None => tally.skip("the STS operation is not implemented"),
        }
    }
    tally.finish();
}

#[test]
fn the_oauth_error_of_an_oidc_error_is_kept() {
    for (_, case) in committed_and_corpora("botocore-oracle", "data/responses.json") {
        let Some(error) = case["expect"]["error"]["members"]["error"].as_str() else { continue };
        let Some(Err(DecodeError::Service(refusal))) = decoded(&case) else { panic!("{case}") };
        assert_eq!(refusal.error.as_deref(), Some(error), "{}", case["id"]);
    }
}
