//! What single settings of a profile mean, and which values mean nothing.

use shared_config::{Profile, ProfileError, SsoSettings};
use wire::Secret;

use crate::lint::{is_account_id, no_account_id};
use crate::{Credentials, Hop, ResolveError, StaticBase};

/// The keys of the profile itself; half of a pair is an error.
pub(crate) fn keys(profile: &Profile<'_, '_>) -> Result<Option<StaticBase>, ResolveError> {
    let without = |has: &str, lacks: &str| {
        Err(setting_error(profile, has, &format!("{has} without {lacks}")))
    };
    let (id, secret) = ("aws_access_key_id", "aws_secret_access_key");
    match (profile.get(id), profile.get(secret)) {
        (Some(access_key_id), Some(secret_access_key)) => Ok(Some(StaticBase {
            profile: profile.name().to_owned(),
            credentials: Credentials::new(
                access_key_id.to_owned(),
                Secret::from(secret_access_key),
                profile.get("aws_session_token").map(Secret::from),
                None,
                profile.get("aws_account_id").map(str::to_owned),
            ),
        })),
        (None, None) => Ok(None),
        (Some(_), None) => without(id, secret),
        (None, Some(_)) => without(secret, id),
    }
}

pub(crate) fn hop(profile: &Profile<'_, '_>, role_arn: &str) -> Result<Hop, ResolveError> {
    let get = |name| profile.get(name).map(str::to_owned);
    Ok(Hop {
        profile: profile.name().to_owned(),
        role_arn: role_arn.to_owned(),
        role_session_name: role_session_name(profile)?,
        external_id: get("external_id"),
        mfa_serial: get("mfa_serial"),
        mfa_process: profile.setting("mfa_process").map(|setting| setting.value().into_owned()),
        duration_seconds: duration_seconds(profile)?,
        region: profile.region().map(str::to_owned),
    })
}

/// Tells why a profile with a session names no role: the portal would refuse it, and say less.
pub(crate) fn no_role(
    profile: &Profile<'_, '_>,
    settings: &SsoSettings<'_>,
) -> Option<ResolveError> {
    match settings.role(profile) {
        Err(error) => Some(ProfileError::from(error).into()),
        Ok((account_id, _)) if is_account_id(account_id) => None,
        Ok((account_id, _)) => {
            Some(setting_error(profile, "sso_account_id", &no_account_id(account_id)))
        }
    }
}

pub(crate) fn role_session_name(profile: &Profile<'_, '_>) -> Result<Option<String>, ResolveError> {
    let Some(name) = profile.get("role_session_name") else { return Ok(None) };
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    if (2..=64).contains(&name.len()) && name.bytes().all(is_allowed) {
        return Ok(Some(name.to_owned()));
    }
    let reason = "role_session_name has 2 to 64 characters, letters, digits and _+=,.@- only";
    Err(setting_error(profile, "role_session_name", reason))
}

pub(crate) fn duration_seconds(profile: &Profile<'_, '_>) -> Result<Option<u32>, ResolveError> {
    let Some(text) = profile.get("duration_seconds") else { return Ok(None) };
    match text.parse() {
        Ok(seconds) if (900..=43_200).contains(&seconds) => Ok(Some(seconds)),
        _ => {
            let reason = "duration_seconds is a number from 900 to 43200";
            Err(setting_error(profile, "duration_seconds", reason))
        }
    }
}

pub(crate) fn setting_error(
    profile: &Profile<'_, '_>,
    setting: &str,
    reason: &str,
) -> ResolveError {
    ResolveError::Setting {
        profile: profile.name().to_owned(),
        place: profile.place(setting),
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use shared_config::{Files, Sections};

    use super::*;

    fn with<T>(line: &str, check: impl FnOnce(&Profile<'_, '_>) -> T) -> T {
        let files = Files::from_texts(&format!("[profile p]\n{line}\n"), "");
        let sections = Sections::parse(&files);
        check(&sections.profile("p").unwrap())
    }

    #[test]
    fn values_that_sts_would_refuse_are_refused() {
        let name = |name: &str| with(&format!("role_session_name = {name}"), role_session_name);
        for allowed in ["ab", "a_+=,.@-9", &"a".repeat(64)] {
            assert_eq!(name(allowed).unwrap().as_deref(), Some(allowed));
        }
        for refused in ["a", "a b", "a/b", "ü", &"a".repeat(65)] {
            assert!(name(refused).is_err(), "{refused}");
        }
        let seconds = |text: &str| with(&format!("duration_seconds = {text}"), duration_seconds);
        assert_eq!(seconds("900").unwrap(), Some(900));
        assert_eq!(seconds("43200").unwrap(), Some(43_200));
        for refused in ["899", "43201", "-900", "1h"] {
            assert!(seconds(refused).is_err(), "{refused}");
        }
    }
}
