//! What a person may do: the accounts, and the roles in each.

use http::Uri;
use providers::{Context, Service};
use sso_proto::{Account, ListAccountRoles, ListAccounts, Role};
use wire::{CallError, Secret};

use crate::exit::{Exit, Failure, network_hint};

/// Lists all accounts.
pub(crate) async fn accounts(
    context: &Context,
    region: &str,
    token: &Secret<String>,
) -> Result<Vec<Account>, Failure> {
    let endpoint = endpoint(context, region)?;
    let mut accounts = Vec::new();
    let mut next = Some(ListAccounts::all(token));
    while let Some(request) = next {
        let page =
            wire::call(&request, &endpoint, &*context.transport).await.map_err(call_failure)?;
        next = request.next(&page).map_err(|error| call_failure(error.into()))?;
        accounts.extend(page.account_list);
    }
    Ok(accounts)
}

/// Lists all roles of an account.
pub(crate) async fn roles(
    context: &Context,
    region: &str,
    token: &Secret<String>,
    account_id: &str,
) -> Result<Vec<Role>, Failure> {
    let endpoint = endpoint(context, region)?;
    let mut roles = Vec::new();
    let mut next = Some(ListAccountRoles::all(token, account_id));
    while let Some(request) = next {
        let page =
            wire::call(&request, &endpoint, &*context.transport).await.map_err(call_failure)?;
        next = request.next(&page).map_err(|error| call_failure(error.into()))?;
        roles.extend(page.role_list);
    }
    Ok(roles)
}

/// Tells how a call failed.
pub(crate) fn call_failure(error: CallError) -> Failure {
    let refused = error.service().is_some_and(|error| error.status < 500);
    let exit = if refused { Exit::Refused } else { Exit::Other };
    Failure { exit, hint: network_hint(&error), error: error.into() }
}

fn endpoint(context: &Context, region: &str) -> Result<Uri, Failure> {
    context.endpoints.of(Service::Sso, region).map_err(Failure::usage)
}
