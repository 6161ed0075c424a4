//! What single settings of a profile mean to a plan, and which values mean nothing.

use shared_config::{Profile, ProfileError, SsoSettings};

use crate::lint::{is_account_id, no_account_id};
use crate::{Hop, PlanError};

/// Whether the profile has keys of its own; half of a pair is an error.
pub(crate) fn has_keys(profile: &Profile<'_, '_>) -> Result<bool, PlanError> {
    match (profile.get("aws_access_key_id"), profile.get("aws_secret_access_key")) {
        (Some(_), Some(_)) => Ok(true),
        (None, None) => Ok(false),
        (Some(_), None) => Err(setting_error(
            profile,
            "aws_access_key_id",
            "aws_access_key_id without aws_secret_access_key",
        )),
        (None, Some(_)) => Err(setting_error(
            profile,
            "aws_secret_access_key",
            "aws_secret_access_key without aws_access_key_id",
        )),
    }
}

pub(crate) fn hop<'a>(profile: &Profile<'_, 'a>, role_arn: &'a str) -> Result<Hop<'a>, PlanError> {
    Ok(Hop {
        profile: profile.name(),
        role_arn,
        role_session_name: role_session_name(profile)?,
        external_id: profile.get("external_id"),
        mfa_serial: profile.get("mfa_serial"),
        mfa_process: profile.setting("mfa_process").map(|setting| setting.value()),
        duration_seconds: duration_seconds(profile)?,
        region: profile.region(),
    })
}

/// Tells why a profile with a session names no role: the portal would refuse it, and say less.
pub(crate) fn no_role(profile: &Profile<'_, '_>, settings: &SsoSettings<'_>) -> Option<PlanError> {
    match settings.role(profile) {
        Err(error) => Some(ProfileError::from(error).into()),
        Ok((account_id, _)) if is_account_id(account_id) => None,
        Ok((account_id, _)) => {
            Some(setting_error(profile, "sso_account_id", &no_account_id(account_id)))
        }
    }
}

pub(crate) fn role_session_name<'a>(
    profile: &Profile<'_, 'a>,
) -> Result<Option<&'a str>, PlanError> {
    let Some(name) = profile.get("role_session_name") else { return Ok(None) };
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    if (2..=64).contains(&name.len()) && name.bytes().all(is_allowed) {
        return Ok(Some(name));
    }
    let reason = "role_session_name has 2 to 64 characters, letters, digits and _+=,.@- only";
    Err(setting_error(profile, "role_session_name", reason))
}

pub(crate) fn duration_seconds(profile: &Profile<'_, '_>) -> Result<Option<u32>, PlanError> {
    let Some(text) = profile.get("duration_seconds") else { return Ok(None) };
    match text.parse() {
        Ok(seconds) if (900..=43_200).contains(&seconds) => Ok(Some(seconds)),
        _ => {
            let reason = "duration_seconds is a number from 900 to 43200";
            Err(setting_error(profile, "duration_seconds", reason))
        }
    }
}

pub(crate) fn setting_error(profile: &Profile<'_, '_>, setting: &str, reason: &str) -> PlanError {
    PlanError::Setting {
        profile: profile.name().to_owned(),
        place: profile.place(setting),
        reason: reason.to_owned(),
    }
}
