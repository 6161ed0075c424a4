use std::collections::HashMap;
use std::time::Duration;

use wire::Timestamp;

use crate::approval::{ApproveError, Decision};
use crate::error::ServiceError;
use crate::instance::Instance;
use crate::members::Members;

/// The devices that wait for their users, by their device codes.
#[derive(Default)]
pub(crate) struct Devices(HashMap<String, Device>);

/// A device that waits for its user.
pub(crate) struct Device {
    pub(crate) client_id: String,
    decision: Option<Decision>,
    expires_at: Timestamp,
    /// Grows with every poll that comes too early, as RFC 8628 §3.5 has it.
    interval: Duration,
    polled_at: Option<Timestamp>,
    polls: u32,
    pub(crate) user_code: String,
}

impl Device {
    pub(super) fn new(
        client_id: &str,
        user_code: &str,
        expires_at: Timestamp,
        interval: Duration,
    ) -> Self {
        Self {
            client_id: client_id.to_owned(),
            decision: None,
            expires_at,
            interval,
            polled_at: None,
            polls: 0,
            user_code: user_code.to_owned(),
        }
    }

    fn is_waiting(&self, now: Timestamp) -> Result<(), ApproveError> {
        if self.decision.is_some() {
            return Err(ApproveError::AlreadyDecided);
        }
        if now >= self.expires_at {
            return Err(ApproveError::Expired);
        }
        Ok(())
    }
}

impl Devices {
    pub(super) fn add(&mut self, device_code: String, device: Device) {
        self.0.insert(device_code, device);
    }

    /// Finds the device that shows what was typed, if nobody has decided about it.
    pub(crate) fn waiting(&self, now: Timestamp, typed: &str) -> Result<&Device, ApproveError> {
        let device = self.0.values().find(|device| same_code(typed, &device.user_code));
        let device = device.ok_or(ApproveError::UnknownCode)?;
        device.is_waiting(now).map(|()| device)
    }

    /// Decides about that device.
    pub(crate) fn decide(
        &mut self,
        now: Timestamp,
        typed: &str,
        decision: Decision,
    ) -> Result<(), ApproveError> {
        let device = self.0.values_mut().find(|device| same_code(typed, &device.user_code));
        let device = device.ok_or(ApproveError::UnknownCode)?;
        device.is_waiting(now)?;
        device.decision = Some(decision);
        Ok(())
    }

    /// Returns who approved the device, and so ends its code, or what the poll is answered.
    pub(super) fn poll(
        &mut self,
        now: Timestamp,
        instance: &Instance,
        client_id: &str,
        members: &Members,
    ) -> Result<String, ServiceError> {
        let code = members.text("deviceCode")?;
        let device = self.0.get_mut(code).filter(|device| device.client_id == client_id);
        let Some(device) = device else {
            return Err(ServiceError::invalid_grant("Unknown or used device code"));
        };
        if now >= device.expires_at {
            let message = "The device code has expired";
            return Err(ServiceError::bad_request("ExpiredTokenException", message));
        }
        let polled_at = device.polled_at.replace(now);
        if device.decision.is_none() {
            if polled_at.is_some_and(|polled_at| now < polled_at + device.interval) {
                device.interval += Duration::from_secs(5);
                return Err(ServiceError::bad_request("SlowDownException", "Slow down"));
            }
            device.polls = device.polls.saturating_add(1);
            if device.polls > instance.scenario.approve_after_polls {
                device.decision = instance.scenario.approval.decision(&instance.user);
            }
        }
        match device.decision.clone() {
            None => {
                let message = "The user has not decided yet";
                Err(ServiceError::bad_request("AuthorizationPendingException", message))
            }
            Some(Decision::Denied) => {
                let message = "The user has denied the request";
                Err(ServiceError::bad_request("AccessDeniedException", message))
            }
            Some(Decision::Approved { user }) => {
                self.0.remove(code);
                Ok(user)
            }
        }
    }
}

/// Whether what was typed means the code: case, blanks and the hyphen do not matter.
fn same_code(typed: &str, code: &str) -> bool {
    let letters = |text: &str| -> Vec<char> {
        let letters = text.chars().filter(|character| character.is_alphanumeric());
        letters.map(|character| character.to_ascii_uppercase()).collect()
    };
    letters(typed) == letters(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_may_be_typed_carelessly() {
        assert!(same_code(" bcdf ghjk", "BCDF-GHJK"));
        assert!(!same_code("BCDF-GHJ", "BCDF-GHJK"));
        assert!(!same_code("", "BCDF-GHJK"));
    }
}
