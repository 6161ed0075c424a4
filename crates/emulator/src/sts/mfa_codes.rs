use std::collections::HashSet;

use super::role_session::access_denied;
use crate::credentials::Principal;
use crate::error::ServiceError;
use crate::scenario::Scenario;

/// The codes of devices that have been used, with the serial numbers of the devices.
#[derive(Default)]
pub(crate) struct MfaCodes(HashSet<(String, String)>);

impl MfaCodes {
    /// Accepts a code of the caller's device, once.
    pub(super) fn spend(
        &mut self,
        scenario: &Scenario,
        caller: &Principal,
        serial_number: &str,
        code: &str,
    ) -> Result<(), ServiceError> {
        let users = scenario.iam_users.iter();
        let mut users = users.filter(|user| user.mfa_serial.as_deref() == Some(serial_number));
        let Some(user) =
            users.find(|user| Principal::of_iam_user(&scenario.region, user).arn == caller.arn)
        else {
            return Err(access_denied(
                "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify \
                 your MFA serial number is valid and associated with this user.",
            ));
        };
        let known = user.mfa_codes.iter().any(|known| known.expose() == code);
        if !known || !self.0.insert((serial_number.to_owned(), code.to_owned())) {
            return Err(access_denied(
                "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
            ));
        }
        Ok(())
    }
}
