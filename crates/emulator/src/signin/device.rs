//! The page of a device code.

use http::{Response, StatusCode};
use wire::Timestamp;

use super::consent::{consent, decision};
use super::page::{self, Outcome, failure, outcome, sentence};
use crate::approval::{ApproveError, Decision};
use crate::form::Form;
use crate::instance::Instance;
use crate::markup::{Markup, escape, render};
use crate::oidc::AuthorizationServer;
use crate::scenario::Scenario;

/// Shows the page.
pub(crate) fn show(
    now: Timestamp,
    instance: &Instance,
    server: &AuthorizationServer,
    form: &Form,
) -> Response<Vec<u8>> {
    let Some(typed) = form.filled("user_code") else { return code_form(None) };
    let waiting = server.devices.waiting(now, typed).and_then(|device| {
        let client = server.clients.get(&device.client_id).ok_or(ApproveError::UnknownCode)?;
        Ok((device, client))
    });
    let (device, client) = match waiting {
        Ok(found) => found,
        Err(error) => return code_form(Some((typed, &error))),
    };
    let details =
        render(include_str!("../../templates/code.html"), &[("code", &escape(&device.user_code))]);
    consent(instance, "/device", client, details, &[("user_code", &device.user_code)])
}

/// Answers the form of the page.
pub(crate) fn decide(
    now: Timestamp,
    scenario: &Scenario,
    server: &mut AuthorizationServer,
    form: &Form,
) -> Response<Vec<u8>> {
    let typed = form.get("user_code").unwrap_or_default();
    let decided = decision(scenario, form).and_then(|decision| {
        server.devices.decide(now, typed, decision.clone())?;
        Ok(decision)
    });
    match decided {
        Ok(Decision::Approved { .. }) => {
            let text = "You can close this window and go back to your terminal.";
            outcome(Outcome::Approved, "Request approved", text)
        }
        Ok(Decision::Denied) => {
            let text = "The client gets no access. You can close this window.";
            outcome(Outcome::Denied, "Request denied", text)
        }
        Err(error @ ApproveError::UnknownUser) => failure(&error),
        Err(error) => code_form(Some((typed, &error))),
    }
}

/// Asks for the code, and says what is wrong with the last one. The field is empty then, so that the
/// next one can be typed at once.
fn code_form(problem: Option<(&str, &ApproveError)>) -> Response<Vec<u8>> {
    let template = include_str!("../../templates/code_form.html");
    let show = |status, title, invalid, problem: &Markup| {
        let values = [("invalid", &escape(invalid)), ("problem", problem)];
        page::show(status, title, &render(template, &values))
    };
    let Some((typed, error)) = problem else {
        return show(StatusCode::OK, "Sign in", "false", &Markup::default());
    };
    let problem = render(
        include_str!("../../templates/problem.html"),
        &[("problem", &escape(&sentence(error))), ("typed", &escape(typed))],
    );
    show(StatusCode::BAD_REQUEST, "Code not accepted", "true", &problem)
}
