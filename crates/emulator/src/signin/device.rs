use http::{Response, StatusCode};
use wire::Timestamp;

use super::page::{self, Markup, escape, render};
use super::{ApproveError, Outcome, decision, failure, message, sentence};
use crate::form::Form;
use crate::idp::Idp;
use crate::oidc::{Client, Decision, Device, same_code};

impl Idp {
    pub(crate) fn device_page(&self, now: Timestamp, form: &Form) -> Response<Vec<u8>> {
        let Some(typed) = form.filled("user_code") else { return code_form(None) };
        let (device, client) = match self.waiting_device(now, typed) {
            Ok(found) => found,
            Err(error) => return code_form(Some((typed, &error))),
        };
        let details = render(
            include_str!("../../templates/code.html"),
            &[("code", &escape(&device.user_code))],
        );
        self.consent("/device", client, details, &[("user_code", &device.user_code)])
    }

    pub(crate) fn decide_device(&mut self, now: Timestamp, form: &Form) -> Response<Vec<u8>> {
        let typed = form.get("user_code").unwrap_or_default();
        let approved = decision(self, form).and_then(|user| {
            let approved = user.is_some();
            self.conclude_device(now, typed, user).map(|()| approved)
        });
        match approved {
            Ok(true) => {
                let text = "You can close this window and go back to your terminal.";
                message(Outcome::Approved, "Request approved", text)
            }
            Ok(false) => {
                let text = "The client gets no access. You can close this window.";
                message(Outcome::Denied, "Request denied", text)
            }
            Err(error @ ApproveError::UnknownUser) => failure(&error),
            Err(error) => code_form(Some((typed, &error))),
        }
    }

    fn waiting_device(
        &self,
        now: Timestamp,
        typed: &str,
    ) -> Result<(&Device, &Client), ApproveError> {
        let device = self.devices.values().find(|device| same_code(typed, &device.user_code));
        let device = device.ok_or(ApproveError::UnknownCode)?;
        if device.decision.is_some() {
            return Err(ApproveError::AlreadyDecided);
        }
        if now >= device.expires_at {
            return Err(ApproveError::Expired);
        }
        let client = self.clients.get(&device.client_id).ok_or(ApproveError::UnknownCode)?;
        Ok((device, client))
    }

    pub(crate) fn conclude_device(
        &mut self,
        now: Timestamp,
        typed: &str,
        user: Option<String>,
    ) -> Result<(), ApproveError> {
        self.waiting_device(now, typed)?;
        let mut devices = self.devices.values_mut();
        let device = devices.find(|device| same_code(typed, &device.user_code));
        let decision = user.map_or(Decision::Denied, |user| Decision::Approved { user });
        device.ok_or(ApproveError::UnknownCode)?.decision = Some(decision);
        Ok(())
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
