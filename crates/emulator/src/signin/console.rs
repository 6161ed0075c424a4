//! The page that stands for the console: who is signed in, and where they wanted to go.

use http::{HeaderMap, Response, StatusCode};
use wire::Timestamp;

use super::federation::Federation;
use super::page;
use crate::form::Form;
use crate::markup::{escape, render};
use crate::scenario::Scenario;

/// Shows it.
pub(crate) fn console(
    now: Timestamp,
    scenario: &Scenario,
    federation: &Federation,
    headers: &HeaderMap,
    form: &Form,
) -> Response<Vec<u8>> {
    let Some(session) = federation.session(now, headers) else {
        let text = "Nobody is signed in to the console in this browser.";
        return page::message(StatusCode::FORBIDDEN, "Signed out", text);
    };
    let principal = &session.principal;
    let account = scenario.accounts.iter().find(|account| account.id == principal.account_id);
    let account = account.and_then(|account| account.name.as_deref()).unwrap_or("Account");
    // `assumed-role/ROLE/NAME`
    let role = principal.arn.split('/').nth(1).unwrap_or(&principal.arn);
    let destination = form.filled("destination").unwrap_or("/console/home");
    let region = destination.split_once("region=").map(|(_, rest)| rest);
    let region = region.and_then(|rest| rest.split(['&', '#']).next()).unwrap_or("no region");
    let body = render(
        include_str!("../../templates/console.html"),
        &[
            ("account", &escape(account)),
            ("account_id", &escape(&principal.account_id)),
            ("role", &escape(role)),
            ("arn", &escape(&principal.arn)),
            ("region", &escape(region)),
            ("destination", &escape(destination)),
            ("ends", &escape(&session.ends_at.to_string())),
        ],
    );
    page::show(StatusCode::OK, "Console", &body)
}
