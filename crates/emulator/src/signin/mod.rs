//! The pages on which people sign in.

mod authorize;
mod device;
pub(crate) mod page;

use http::{Response, StatusCode, Uri};
use serde_json::json;

use self::page::{Markup, escape, render};
use crate::form::Form;
use crate::idp::Idp;
use crate::oidc::Client;
use crate::reply;
use crate::scenario::Scenario;

/// Why a sign-in was neither approved nor denied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApproveError {
    /// Somebody has decided before.
    #[error("the code has already been used")]
    AlreadyDecided,
    /// The code was not entered in time.
    #[error("the code has expired")]
    Expired,
    /// The authorize URL names no client, or one that may not be redirected to.
    #[error("{0}")]
    InvalidRequest(&'static str),
    /// No device shows this code.
    #[error("no device shows this code")]
    UnknownCode,
    /// The scenario has no such user.
    #[error("there is no such user")]
    UnknownUser,
}

/// Tells what the emulator is and whom it knows.
pub(crate) fn index(scenario: &Scenario) -> Response<Vec<u8>> {
    let users = scenario.users.iter().map(|user| {
        let accounts = scenario.assigned_accounts(&user.email).map(|account| {
            let name = account.name.as_ref().unwrap_or(&account.id);
            let roles = account.roles.join(", ");
            render(
                "<li>{{name}} <small>{{id}} · {{roles}}</small></li>",
                &[
                    ("name", &escape(name)),
                    ("id", &escape(&account.id)),
                    ("roles", &escape(&roles)),
                ],
            )
        });
        render(
            "<h2>{{name}} <small>{{email}}</small></h2><ul>{{accounts}}</ul>",
            &[
                ("name", &escape(&user.name)),
                ("email", &escape(&user.email)),
                ("accounts", &accounts.collect()),
            ],
        )
    });
    let body = render(
        include_str!("../../templates/index.html"),
        &[("start_url", &escape(&scenario.start_urls.join(" "))), ("users", &users.collect())],
    );
    page::show(StatusCode::OK, "Identity Center emulator", &body)
}

pub(crate) fn style() -> Response<Vec<u8>> {
    reply::css(include_str!("../../templates/style.css"))
}

/// Answers a path that no service has, as AWS does.
pub(crate) fn not_found(uri: &Uri) -> Response<Vec<u8>> {
    let body = json!({ "message": format!("No operation has the path {}", uri.path()) });
    let mut response = reply::json(StatusCode::NOT_FOUND, &body);
    reply::set(&mut response, crate::error::ERROR_TYPE, "UnknownOperationException");
    response
}

/// The page of some other network that answers in the place of AWS.
pub(crate) fn captive_portal(status: StatusCode) -> Response<Vec<u8>> {
    reply::html(status, include_str!("../../templates/captive_portal.html").to_owned())
}

/// How a sign-in ended, which the page also shows by a sign before its heading.
#[derive(Clone, Copy)]
enum Outcome {
    Approved,
    Denied,
    Failed,
}

fn message(outcome: Outcome, title: &str, text: &str) -> Response<Vec<u8>> {
    let (status, class) = match outcome {
        Outcome::Approved => (StatusCode::OK, "approved"),
        Outcome::Denied => (StatusCode::OK, "denied"),
        Outcome::Failed => (StatusCode::BAD_REQUEST, "failed"),
    };
    let template = include_str!("../../templates/message.html");
    let values = [("class", &escape(class)), ("title", &escape(title)), ("text", &escape(text))];
    page::show(status, title, &render(template, &values))
}

fn failure(error: &ApproveError) -> Response<Vec<u8>> {
    message(Outcome::Failed, "Sign-in failed", &sentence(error))
}

/// The error as a page writes it.
fn sentence(error: &ApproveError) -> String {
    let text = error.to_string();
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).chain(['.']).collect()
}

/// What a form of [`Idp::consent`] says: an address for approval, `None` for denial.
fn decision(idp: &Idp, form: &Form) -> Result<Option<String>, ApproveError> {
    if form.get("decision") == Some("deny") {
        return Ok(None);
    }
    let user = form.get("user").and_then(|email| idp.scenario.user(email));
    user.map(|user| Some(user.email.clone())).ok_or(ApproveError::UnknownUser)
}

impl Idp {
    /// Asks who the person is and whether the client may act for them.
    fn consent(
        &self,
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
        let users = self.scenario.users.iter().map(|user| {
            let checked = if user.email == self.user { "checked autofocus" } else { "" };
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
}
