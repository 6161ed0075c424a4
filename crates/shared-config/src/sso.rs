use crate::{Place, Profile, ProfileError, Section, Sections};

/// An `[sso-session NAME]`, complete.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SsoSession<'s> {
    /// The name.
    pub name: &'s str,
    /// `sso_start_url` as configured.
    pub start_url: &'s str,
    /// `sso_region`
    pub region: &'s str,
    /// `sso_registration_scopes`, split at commas; `None` where it is not set.
    pub registration_scopes: Option<Vec<String>>,
}

/// What a profile says about SSO.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SsoSettings<'s> {
    /// `sso_session`, `None` for a legacy profile.
    pub session_name: Option<&'s str>,
    /// The start URL as configured, in the session or in a legacy profile.
    pub start_url: &'s str,
    /// The region of Identity Center, in the session or in a legacy profile.
    pub region: &'s str,
    /// The scopes of the session.
    pub registration_scopes: Option<Vec<String>>,
    /// `sso_account_id`
    pub account_id: Option<&'s str>,
    /// `sso_role_name`
    pub role_name: Option<&'s str>,
}

/// SSO settings that are incomplete or contradict each other.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SsoError {
    /// A profile and its session say different things.
    #[error(
        "`{key}` of the profile ({profile}) differs from the one of its sso-session ({session})"
    )]
    #[non_exhaustive]
    Conflict {
        /// The key.
        key: &'static str,
        /// The line in the profile.
        profile: Place,
        /// The line in the session.
        session: Place,
    },
    /// The session that a profile names does not exist.
    #[error("{place}: profile `{profile}` names the sso-session `{session}`, which does not exist")]
    #[non_exhaustive]
    MissingSession {
        /// The profile.
        profile: String,
        /// The session.
        session: String,
        /// The line that names it.
        place: Place,
    },
    /// Settings are missing.
    #[error("{place}: {section} lacks {}", keys.join(", "))]
    #[non_exhaustive]
    MissingKeys {
        /// What lacks them, such as ``profile `dev` ``.
        section: String,
        /// The keys.
        keys: Vec<&'static str>,
        /// The line of the section.
        place: Place,
    },
}

const PROFILE_KEYS: [&str; 5] =
    ["sso_session", "sso_account_id", "sso_role_name", "sso_start_url", "sso_region"];

impl<'s> SsoSession<'s> {
    pub(crate) fn new(sections: &Sections<'_>, section: Section<'_, 's>) -> Result<Self, SsoError> {
        let name = section.name();
        match (section.value("sso_start_url"), section.value("sso_region")) {
            (Some(start_url), Some(region)) => Ok(Self {
                name,
                start_url,
                region,
                registration_scopes: section
                    .get("sso_registration_scopes")
                    .map(|setting| split_scopes(&setting.value())),
            }),
            (start_url, region) => Err(SsoError::MissingKeys {
                section: format!("sso-session `{name}`"),
                keys: missing([("sso_start_url", start_url), ("sso_region", region)]),
                place: sections.place(section.file(), section.line()),
            }),
        }
    }
}

impl<'s> SsoSettings<'s> {
    pub(crate) fn of(profile: &Profile<'_, 's>) -> Result<Option<Self>, ProfileError> {
        if PROFILE_KEYS.iter().all(|key| profile.get(key).is_none()) {
            return Ok(None);
        }
        let account_id = profile.get("sso_account_id");
        let role_name = profile.get("sso_role_name");
        let Some(session_name) = profile.get("sso_session") else {
            return match (profile.get("sso_start_url"), profile.get("sso_region")) {
                (Some(start_url), Some(region)) => Ok(Some(Self {
                    session_name: None,
                    start_url,
                    region,
                    registration_scopes: None,
                    account_id,
                    role_name,
                })),
                (start_url, region) => Err(SsoError::MissingKeys {
                    section: format!("profile `{}`", profile.name()),
                    keys: missing([
                        ("sso_account_id", account_id),
                        ("sso_role_name", role_name),
                        ("sso_start_url", start_url),
                        ("sso_region", region),
                    ]),
                    place: profile.place(""),
                }
                .into()),
            };
        };
        let session = profile.sections.sso_session(session_name).map_err(|error| match error {
            ProfileError::UnknownSession { name, .. } => SsoError::MissingSession {
                profile: profile.name().to_owned(),
                session: name,
                place: profile.place("sso_session"),
            }
            .into(),
            other => other,
        })?;
        for (key, value) in [("sso_start_url", session.start_url), ("sso_region", session.region)] {
            if profile.get(key).is_some_and(|own| own != value) {
                return Err(conflict(profile, session_name, key).into());
            }
        }
        Ok(Some(Self {
            session_name: Some(session_name),
            start_url: session.start_url,
            region: session.region,
            registration_scopes: session.registration_scopes,
            account_id,
            role_name,
        }))
    }

    /// Returns account and role, which credentials need and a sign-in does not.
    ///
    /// # Errors
    /// Fails where one is missing.
    pub fn role(&self, profile: &Profile<'_, '_>) -> Result<(&'s str, &'s str), SsoError> {
        match (self.account_id, self.role_name) {
            (Some(account_id), Some(role_name)) => Ok((account_id, role_name)),
            (account_id, role_name) => Err(SsoError::MissingKeys {
                section: format!("profile `{}`", profile.name()),
                keys: missing([("sso_account_id", account_id), ("sso_role_name", role_name)]),
                place: profile.place(""),
            }),
        }
    }
}

fn conflict(profile: &Profile<'_, '_>, session_name: &str, key: &'static str) -> SsoError {
    let sections = profile.sections;
    let session = sections
        .section(crate::SectionKind::SsoSession, session_name)
        .and_then(|section| section.get(key))
        .map_or_else(
            || profile.place(key),
            |setting| sections.place(setting.file(), setting.line()),
        );
    SsoError::Conflict { key, profile: profile.place(key), session }
}

fn missing<const N: usize>(keys: [(&'static str, Option<&str>); N]) -> Vec<&'static str> {
    keys.into_iter().filter(|(_, value)| value.is_none()).map(|(key, _)| key).collect()
}

fn split_scopes(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Files;

    const SESSION: &str = "[sso-session s]\nsso_start_url = https://d-1.awsapps.com/start\n\
                           sso_region = eu-west-1\nsso_registration_scopes = a, b,,\n";

    /// Runs `check` on the SSO settings of profile `p`, whose lines are `profile`.
    fn sso(profile: &str, check: impl FnOnce(Result<Option<SsoSettings<'_>>, ProfileError>)) {
        let files = Files::from_texts(&format!("{SESSION}[profile p]\n{profile}"), "");
        let sections = Sections::for_profile(&files, "p");
        check(sections.profile("p").unwrap().sso());
    }

    fn error(profile: &str) -> String {
        let mut text = String::new();
        sso(profile, |result| text = result.unwrap_err().to_string());
        text
    }

    #[test]
    fn a_session_gives_start_url_region_and_scopes() {
        sso("sso_session = s\nsso_account_id = 012345678901\nsso_role_name = R\n", |result| {
            let settings = result.unwrap().unwrap();
            assert_eq!(settings.session_name, Some("s"));
            assert_eq!(settings.start_url, "https://d-1.awsapps.com/start");
            assert_eq!(settings.registration_scopes, Some(vec!["a".into(), "b".into()]));
            assert_eq!(settings.account_id, Some("012345678901"));
        });
    }

    #[test]
    fn equal_values_beside_a_session_are_tolerated_and_others_refused() {
        sso("sso_session = s\nsso_region = eu-west-1\n", |result| assert!(result.is_ok()));
        assert_eq!(
            error("sso_session = s\nsso_region = us-east-1\n"),
            "`sso_region` of the profile (~/.aws/config:7) differs from the one of its sso-session \
             (~/.aws/config:3)"
        );
        assert!(
            error("sso_session = s\nsso_start_url = https://d-1.awsapps.com/start/\n")
                .contains("sso_start_url")
        );
    }

    #[test]
    fn what_is_missing_is_named_with_its_line() {
        assert_eq!(
            error("sso_session = t\n"),
            "~/.aws/config:6: profile `p` names the sso-session `t`, which does not exist"
        );
        assert_eq!(
            error("sso_start_url = https://d-1.awsapps.com/start\nsso_account_id = 1\n"),
            "~/.aws/config:5: profile `p` lacks sso_role_name, sso_region"
        );
        let files = Files::from_texts("[sso-session x]\nsso_region = eu-west-1\n", "");
        let sections = Sections::parse(&files);
        assert_eq!(
            sections.sso_session("x").unwrap_err().to_string(),
            "~/.aws/config:1: sso-session `x` lacks sso_start_url"
        );
    }

    #[test]
    fn a_profile_without_sso_keys_is_none() {
        sso("region = x\ngranted_sso_start_url = y\n", |result| assert_eq!(result, Ok(None)));
    }
}
