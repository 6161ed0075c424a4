//! The access portal behind a start URL. It names the region of its Identity Center, lists accounts
//! and roles, and follows shortcut links. Whoever comes is the person who signs in where no page asks.

use http::{Response, StatusCode};
use wire::Timestamp;

use super::federation::Federation;
use super::page::{framed, message};
use crate::company::Account;
use crate::credentials::Principal;
use crate::form::{Form, encode};
use crate::instance::Instance;
use crate::markup::{Markup, escape, render};
use crate::reply;
use crate::scenario::Scenario;

/// Shows the portal.
pub(crate) fn start(instance: &Instance) -> Response<Vec<u8>> {
    portal(&instance.scenario, &instance.user, None)
}

/// Shows the accounts, or of one that a link names alone.
fn portal(scenario: &Scenario, user: &str, only: Option<&Account>) -> Response<Vec<u8>> {
    let accounts = scenario.assigned_accounts(user);
    let accounts = accounts.filter(|account| only.is_none_or(|only| only.id == account.id));
    let head = include_str!("../../templates/portal_head.html");
    let head = render(head, &[("region", &escape(&scenario.region))]);
    let values = [("user", &escape(user)), ("accounts", &accounts.map(of_account).collect())];
    let body = render(include_str!("../../templates/portal.html"), &values);
    reply::scripted_html(framed("Access portal", &head, &body).to_string())
}

fn of_account(account: &Account) -> Markup {
    let name = account.name.as_deref().unwrap_or(&account.id);
    let roles = account.roles.iter().map(|role| {
        let link = format!("/start/console?account_id={}&role_name={}", account.id, encode(role));
        let values = [("link", &escape(&link)), ("role", &escape(role))];
        render("<li><a href=\"{{link}}\">{{role}}</a></li>", &values)
    });
    let values =
        [("name", &escape(name)), ("id", &escape(&account.id)), ("roles", &roles.collect())];
    render("<h2>{{name}} <small>{{id}}</small></h2><ul>{{roles}}</ul>", &values)
}

/// Follows a shortcut link, or lets the person choose where it names no role.
pub(crate) fn start_console(
    now: Timestamp,
    instance: &mut Instance,
    federation: &mut Federation,
    form: &Form,
) -> Response<Vec<u8>> {
    let Instance { scenario, user, random } = instance;
    let account_id = form.get("account_id").unwrap_or_default();
    let account = scenario.assigned_account(user, account_id);
    let role_name = form.filled("role_name");
    match (account, role_name) {
        (Some(account), None) => portal(scenario, user, Some(account)),
        (Some(account), Some(role)) if account.roles.iter().any(|known| known == role) => {
            let principal = Principal::of_permission_set(&scenario.region, account_id, role, user);
            let home = "/console/home";
            let destination = form.filled("destination").unwrap_or(home).to_owned();
            reply::redirect(&federation.portal_sign_in(random, now, principal, &destination))
        }
        _ => {
            let text = "No account and role of this link is assigned to you.";
            message(StatusCode::FORBIDDEN, "No access", text)
        }
    }
}
