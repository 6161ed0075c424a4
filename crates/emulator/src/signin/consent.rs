use http::{Response, StatusCode};

use super::page;
use crate::approval::{ApproveError, Decision};
use crate::form::Form;
use crate::instance::Instance;
use crate::markup::{Markup, escape, render};
use crate::oidc::Client;
use crate::scenario::Scenario;

/// Asks who the person is and whether the client may act for them.
pub(super) fn consent(
    instance: &Instance,
    action: &str,
    client: &Client,
    details: Markup,
    hidden: &[(&str, &str)],
) -> Response<Vec<u8>> {
    let scopes: Markup = client
        .scopes
        .iter()
        .map(|scope| render("<li><code>{{scope}}</code></li>", &[("scope", &escape(scope))]))
        .collect();
    let scopes = if client.scopes.is_empty() {
        escape("No scopes: access to your accounts, without renewal.")
    } else {
        render("<ul>{{scopes}}</ul>", &[("scopes", &scopes)])
    };
    let users = instance.scenario.users.iter().map(|user| {
        let checked = if user.email == instance.user { "checked autofocus" } else { "" };
        render(
            include_str!("../../templates/user.html"),
            &[
                ("name", &escape(&user.name)),
                ("email", &escape(&user.email)),
                ("checked", &escape(checked)),
            ],
        )
    });
    let hidden: Markup = hidden
        .iter()
        .map(|(name, value)| {
            render(
                "<input type=\"hidden\" name=\"{{name}}\" value=\"{{value}}\">",
                &[("name", &escape(name)), ("value", &escape(value))],
            )
        })
        .collect();
    let body = render(
        include_str!("../../templates/consent.html"),
        &[
            ("action", &escape(action)),
            ("client", &escape(&client.name)),
            ("details", &details),
            ("hidden", &hidden),
            ("scopes", &scopes),
            ("users", &users.collect()),
        ],
    );
    page::show(StatusCode::OK, "Sign in", &body)
}

/// What the form says.
pub(super) fn decision(scenario: &Scenario, form: &Form) -> Result<Decision, ApproveError> {
    if form.get("decision") == Some("deny") {
        return Ok(Decision::Denied);
    }
    let user = form.get("user").and_then(|email| scenario.user(email));
    let user = user.ok_or(ApproveError::UnknownUser)?.email.clone();
    Ok(Decision::Approved { user })
}
