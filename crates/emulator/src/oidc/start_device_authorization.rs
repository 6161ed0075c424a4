use std::time::Duration;

use serde_json::json;
use wire::Timestamp;

use super::{Answer, Grant, Members};
use crate::error::ServiceError;
use crate::idp::Idp;

/// A device that waits for its user.
pub(crate) struct Device {
    pub(crate) client_id: String,
    pub(crate) decision: Option<Decision>,
    pub(crate) expires_at: Timestamp,
    /// Grows with every poll that comes too early, as RFC 8628 §3.5 has it.
    pub(crate) interval: Duration,
    pub(crate) polled_at: Option<Timestamp>,
    pub(crate) polls: u32,
    pub(crate) user_code: String,
}

/// What the user said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Approved {
        /// The address of who approved.
        user: String,
    },
    Denied,
}

/// Whether what was typed means the code: case, blanks and the hyphen do not matter.
pub(crate) fn same_code(typed: &str, code: &str) -> bool {
    let letters = |text: &str| -> Vec<char> {
        let letters = text.chars().filter(|character| character.is_alphanumeric());
        letters.map(|character| character.to_ascii_uppercase()).collect()
    };
    letters(typed) == letters(code)
}

impl Idp {
    pub(super) fn start_device_authorization(
        &mut self,
        now: Timestamp,
        members: &Members,
        origin: &str,
    ) -> Answer {
        let (client_id, client) = self.authenticate(now, members)?;
        if !client.may_use(Grant::DeviceCode) {
            let message = "The client is not registered for the device grant";
            return Err(ServiceError::bad_request("UnauthorizedClientException", message));
        }
        let client_id = client_id.to_owned();
        if !self.scenario.knows_start_url(members.text("startUrl")?) {
            return Err(ServiceError::invalid_request("Unknown startUrl"));
        }
        let lifetime = self.scenario.lifetimes.device_code;
        let interval = self.scenario.device_interval;
        let device_code = self.random.token("");
        let user_code = self.random.user_code();
        let body = json!({
            "deviceCode": device_code,
            "expiresIn": lifetime.as_secs(),
            "interval": interval.as_secs(),
            "userCode": user_code,
            "verificationUri": format!("{origin}/device"),
            "verificationUriComplete": format!("{origin}/device?user_code={user_code}"),
        });
        let device = Device {
            client_id,
            decision: None,
            expires_at: now + lifetime,
            interval,
            polled_at: None,
            polls: 0,
            user_code,
        };
        self.devices.insert(device_code, device);
        Ok(body)
    }
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
