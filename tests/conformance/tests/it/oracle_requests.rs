//! Requests as botocore writes them.

use conformance::{Difference, Tally, committed_and_corpora, text};
use http::{Request, Uri};
use oidc_proto::{CreateToken, Grant, RegisterClient, StartDeviceAuthorization};
use providers::{Endpoints, Service};
use serde_json::Value;
use shared_config::Environment;
use sso_proto::{GetRoleCredentials, ListAccountRoles, ListAccounts, Logout};
use sts_proto::{GetCallerIdentity, SigningKeys};
use wire::{Operation, Secret, Timestamp};

pub(crate) const DIFFERENCES: &[Difference] = &[Difference {
    id: "sts-gci-endpoint",
    row: "endpoint-url",
    keyfob: "fails: AWS_ENDPOINT_URL: the endpoint `http://127.0.0.1:8080/sts?x=1` cannot be used: it has a query",
}];

/// The members of a case's request.
struct Params<'a>(&'a Value);

impl<'a> Params<'a> {
    fn optional(&self, name: &str) -> Option<&'a str> {
        self.0[name].as_str()
    }

    /// keyfob's fields are not optional where a member is required.
    fn required(&self, name: &str) -> Result<&'a str, String> {
        self.optional(name).ok_or_else(|| format!("{name} is missing"))
    }

    fn secret(&self, name: &str) -> Result<Secret<String>, String> {
        self.required(name).map(Secret::from)
    }

    fn list(&self, name: &str) -> Option<Vec<&'a str>> {
        let texts = self.0[name].as_array()?;
        Some(texts.iter().map(|text| text.as_str().unwrap()).collect())
    }

    fn scopes(&self, name: &str) -> Option<Vec<String>> {
        Some(self.list(name)?.into_iter().map(str::to_owned).collect())
    }

    fn number(&self, name: &str) -> Option<u32> {
        self.0[name].as_u64().map(|number| u32::try_from(number).unwrap())
    }
}

/// Finds the endpoint from the settings of the case, as the program does from the environment.
pub(crate) fn endpoint(case: &Value, service: Service) -> Result<Uri, String> {
    let flag = |name: &str| if case["config"][name] == true { "true" } else { "" };
    let environment = Environment::from_pairs([
        ("AWS_ENDPOINT_URL", case["config"]["endpoint_url"].as_str().unwrap_or_default()),
        ("AWS_USE_DUALSTACK_ENDPOINT", flag("use_dualstack_endpoint")),
        ("AWS_USE_FIPS_ENDPOINT", flag("use_fips_endpoint")),
    ]);
    let endpoints = Endpoints::resolve(&environment, None);
    endpoints.of(service, text(case, "region")).map_err(|error| error.to_string())
}

fn encode(operation: &impl Operation, endpoint: &Uri) -> Result<Request<Vec<u8>>, String> {
    operation.encode(endpoint).map_err(|error| error.to_string())
}

/// Writes the request of a case; `None` where keyfob does not have the operation.
pub(crate) fn request(case: &Value) -> Option<Result<Request<Vec<u8>>, String>> {
    let params = Params(&case["params"]);
    Some(match text(case, "operation") {
        "GetRoleCredentials" | "ListAccountRoles" | "ListAccounts" | "Logout" => {
            portal_request(case, &params)
        }
        "CreateToken" | "StartDeviceAuthorization" => oidc_request(case, &params),
        "RegisterClient" => register_client(case, &params),
        "GetCallerIdentity" if case["credentials"].is_object() => identity_request(case),
        _ => return None,
    })
}

fn portal_request(case: &Value, params: &Params<'_>) -> Result<Request<Vec<u8>>, String> {
    let endpoint = endpoint(case, Service::Sso)?;
    let access_token = &params.secret("accessToken")?;
    let next_token = params.optional("nextToken").map(str::to_owned);
    let max_results = params.number("maxResults");
    match text(case, "operation") {
        "GetRoleCredentials" => {
            let account_id = params.required("accountId")?;
            let role_name = params.required("roleName")?;
            encode(&GetRoleCredentials { access_token, account_id, role_name }, &endpoint)
        }
        "ListAccountRoles" => {
            let account_id = params.required("accountId")?;
            let operation = ListAccountRoles { access_token, account_id, next_token, max_results };
            encode(&operation, &endpoint)
        }
        "ListAccounts" => {
            encode(&ListAccounts { access_token, next_token, max_results }, &endpoint)
        }
        _ => encode(&Logout { access_token }, &endpoint),
    }
}

fn register_client(case: &Value, params: &Params<'_>) -> Result<Request<Vec<u8>>, String> {
    let (scopes, redirect_uris) = (params.scopes("scopes"), params.list("redirectUris"));
    let grant_types = params.list("grantTypes");
    let operation = RegisterClient {
        client_name: params.required("clientName")?,
        scopes: scopes.as_deref(),
        redirect_uris: redirect_uris.as_deref(),
        grant_types: grant_types.as_deref(),
        issuer_url: params.optional("issuerUrl"),
        entitled_application_arn: params.optional("entitledApplicationArn"),
    };
    encode(&operation, &endpoint(case, Service::Oidc)?)
}

fn oidc_request(case: &Value, params: &Params<'_>) -> Result<Request<Vec<u8>>, String> {
    let endpoint = endpoint(case, Service::Oidc)?;
    let client_id = params.required("clientId")?;
    let client_secret = &params.secret("clientSecret")?;
    if text(case, "operation") == "StartDeviceAuthorization" {
        let start_url = params.required("startUrl")?;
        let operation = StartDeviceAuthorization { client_id, client_secret, start_url };
        return encode(&operation, &endpoint);
    }
    let secret = |name| params.secret(name).unwrap_or_else(|_| Secret::from(""));
    let (code, verifier) = (secret("code"), secret("codeVerifier"));
    let (device_code, refresh_token) = (secret("deviceCode"), secret("refreshToken"));
    let grant = match params.required("grantType")? {
        "authorization_code" => {
            Grant::authorization_code(&code, &verifier, params.required("redirectUri")?)
        }
        "refresh_token" => Grant::refresh_token(&refresh_token),
        _ => Grant::device_code(&device_code),
    };
    let scope = params.scopes("scope");
    encode(&CreateToken { client_id, client_secret, grant, scope: scope.as_deref() }, &endpoint)
}

fn identity_request(case: &Value) -> Result<Request<Vec<u8>>, String> {
    let credentials = Params(&case["credentials"]);
    let secret_access_key = &credentials.secret("secretAccessKey")?;
    let session_token = credentials.secret("sessionToken").ok();
    let access_key_id = credentials.required("accessKeyId")?;
    let keys =
        SigningKeys { access_key_id, secret_access_key, session_token: session_token.as_ref() };
    let now = Timestamp::parse(text(case, "now")).unwrap();
    let operation = GetCallerIdentity { keys, region: text(case, "region"), now };
    encode(&operation, &endpoint(case, Service::Sts)?)
}

/// Describes a request without what the transport adds.
fn described<'a>(
    method: &str,
    url: &str,
    headers: impl Iterator<Item = (&'a str, &'a str)>,
    body: &str,
) -> String {
    let mut headers: Vec<_> = headers
        .filter(|(name, _)| !["content-length", "host"].contains(name))
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    headers.sort();
    let body = serde_json::from_str(body).unwrap_or_else(|_| Value::from(body));
    format!("{method} {url} {headers:?} {body}")
}

fn expected(case: &Value) -> String {
    let expect = &case["expect"];
    if !expect.is_object() {
        return "fails".to_owned();
    }
    let headers = expect["headers"].as_object().unwrap().iter();
    let headers = headers.map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
    described(text(expect, "method"), text(expect, "url"), headers, text(expect, "body"))
}

fn seen(case: &Value, request: &Result<Request<Vec<u8>>, String>) -> String {
    match request {
        Err(_) if case["expectError"].is_object() => "fails".to_owned(),
        Err(error) => format!("fails: {error}"),
        Ok(request) => {
            let headers = request.headers().iter();
            let headers = headers.map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
            let body = std::str::from_utf8(request.body()).unwrap();
            described(request.method().as_str(), &request.uri().to_string(), headers, body)
        }
    }
}

#[test]
fn requests_are_written_as_botocore_writes_them() {
    let mut tally = Tally::new("botocore-oracle requests", DIFFERENCES);
    for (_, case) in committed_and_corpora("botocore-oracle", "data/requests.json") {
        match request(&case) {
            Some(request) => {
                tally.compare(text(&case, "id"), &expected(&case), &seen(&case, &request));
            }
            None if case["operation"] == "GetCallerIdentity" => {
                tally.skip("no credentials: the signing keys are no option");
            }
            None => tally.skip("the STS operation is not implemented"),
        }
    }
    tally.finish();
}
