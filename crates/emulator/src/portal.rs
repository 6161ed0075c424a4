//! The portal: what a signed-in user can reach.

use http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use wire::Timestamp;

use crate::credentials::{Keys, Principal};
use crate::error::{Service, ServiceError};
use crate::form::Form;
use crate::instance::Instance;
use crate::reply;
use crate::route::Portal;
use crate::scenario::Scenario;
use crate::session::Sessions;
use crate::toml_values::is_account_id;

type Answer = Result<Response<Vec<u8>>, ServiceError>;

/// Answers a request of somebody who has signed in.
pub(crate) fn answer(
    now: Timestamp,
    instance: &mut Instance,
    sessions: &mut Sessions,
    keys: &mut Keys,
    operation: Portal,
    request: &Request<Vec<u8>>,
) -> Answer {
    let token = request.headers().get("x-amz-sso_bearer_token");
    let token = token.and_then(|token| token.to_str().ok()).unwrap_or_default();
    let user = sessions.bearer(now, token).ok_or_else(ServiceError::unauthorized)?;
    let query = Form::from_query(request.uri());
    match operation {
        Portal::GetRoleCredentials => role_credentials(now, instance, keys, user, &query),
        Portal::ListAccountRoles => list_account_roles(&instance.scenario, user, &query),
        Portal::ListAccounts => list_accounts(&instance.scenario, user, &query),
        Portal::Logout => {
            sessions.end(now, token);
            Ok(reply::empty(StatusCode::OK))
        }
    }
}

fn role_credentials(
    now: Timestamp,
    instance: &mut Instance,
    keys: &mut Keys,
    user: &str,
    query: &Form,
) -> Answer {
    let role_name = required(query, "role_name")?;
    let account_id = account_id(query)?;
    let account = instance.scenario.assigned_account(user, account_id);
    if !account.is_some_and(|account| account.roles.iter().any(|role| role == role_name)) {
        return Err(ServiceError::forbidden(Service::Portal));
    }
    let Instance { random, scenario, .. } = instance;
    let principal = Principal::of_permission_set(&scenario.region, account_id, role_name, user);
    let issued = keys.issue(random, principal, now + scenario.lifetimes.role_credentials);
    let body = json!({
        "roleCredentials": {
            "accessKeyId": issued.access_key_id,
            "expiration": issued.expires_at.unix().saturating_mul(1000),
            "secretAccessKey": issued.secret_access_key,
            "sessionToken": issued.session_token,
        },
    });
    Ok(reply::json(StatusCode::OK, &body))
}

fn list_accounts(scenario: &Scenario, user: &str, query: &Form) -> Answer {
    let accounts = scenario.assigned_accounts(user).map(|account| {
        let mut entry = json!({ "accountId": account.id });
        let optional = [("accountName", &account.name), ("emailAddress", &account.email)];
        for (member, value) in optional {
            if let (Some(value), Some(entry)) = (value, entry.as_object_mut()) {
                entry.insert(member.to_owned(), value.as_str().into());
            }
        }
        entry
    });
    page(scenario, "ListAccounts", "accountList", query, accounts.collect())
}

fn list_account_roles(scenario: &Scenario, user: &str, query: &Form) -> Answer {
    let account_id = account_id(query)?;
    let account = scenario.assigned_account(user, account_id).ok_or_else(|| {
        let message = "The account does not exist or is not assigned";
        ServiceError::new(StatusCode::NOT_FOUND, "ResourceNotFoundException", message)
    })?;
    let roles = account.roles.iter();
    let roles = roles.map(|role| json!({ "accountId": account_id, "roleName": role }));
    page(scenario, &format!("ListAccountRoles:{account_id}"), "roleList", query, roles.collect())
}

/// Answers one page of `entries`. A `nextToken` names the listing and where it goes on, with
/// characters among it that clients have to escape.
fn page(
    scenario: &Scenario,
    listing: &str,
    member: &str,
    query: &Form,
    entries: Vec<Value>,
) -> Answer {
    let limit = match query.get("max_result") {
        None => scenario.page_size.get(),
        Some(text) => match text.parse::<usize>() {
            Ok(wanted @ 1..=100) => wanted.min(scenario.page_size.get()),
            _ => return Err(ServiceError::invalid_request("max_result must be 1 to 100")),
        },
    };
    let (start, limit) = match query.filled("next_token") {
        None if scenario.empty_first_page => (0, 0),
        None => (0, limit),
        Some(token) => {
            let start = next_start(token, listing).filter(|start| *start < entries.len().max(1));
            let invalid = || ServiceError::invalid_request("Invalid next_token");
            (start.ok_or_else(invalid)?, limit)
        }
    };
    let end = start + limit;
    let more = end < entries.len();
    let page: Vec<Value> = entries.into_iter().skip(start).take(limit).collect();
    let mut body = json!({ member: page });
    if let (true, Some(body)) = (more, body.as_object_mut()) {
        body.insert("nextToken".to_owned(), format!("{listing}+{end}/=").into());
    }
    Ok(reply::json(StatusCode::OK, &body))
}

fn next_start(token: &str, listing: &str) -> Option<usize> {
    token.strip_prefix(listing)?.strip_prefix('+')?.strip_suffix("/=")?.parse().ok()
}

fn required<'a>(query: &'a Form, name: &str) -> Result<&'a str, ServiceError> {
    query.filled(name).ok_or_else(|| ServiceError::invalid_request(format!("{name} is missing")))
}

fn account_id(query: &Form) -> Result<&str, ServiceError> {
    Some(required(query, "account_id")?)
        .filter(|id| is_account_id(id))
        .ok_or_else(|| ServiceError::invalid_request("account_id must have twelve digits"))
}
