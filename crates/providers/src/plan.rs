use std::borrow::Cow;

use shared_config::{Place, Profile, ProfileError, Sections};

use crate::{Role, Session};

/// What a profile means: where credentials come from, and the roles that are assumed with them, one
/// after another. Nothing of it is done yet.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plan<'a> {
    /// Where the first credentials come from.
    pub base: Base<'a>,
    /// The roles that are assumed, in the order in which they are.
    pub hops: Vec<Hop<'a>>,
}

/// Where credentials come from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Base<'a> {
    /// `credential_source = EcsContainer`
    Container,
    /// `credential_source = Environment`
    Environment,
    /// `credential_source = Ec2InstanceMetadata`
    InstanceMetadata,
    /// `credential_process`, with the lines that continue it.
    Process(Cow<'a, str>),
    /// An SSO role.
    Sso(SsoPlan<'a>),
    /// The keys of this profile.
    Static(&'a str),
    /// A web identity token that is traded for a role.
    #[non_exhaustive]
    WebIdentity {
        /// `role_arn`
        role_arn: &'a str,
        /// `role_session_name`
        role_session_name: Option<&'a str>,
        /// `web_identity_token_file`
        token_file: &'a str,
    },
}

/// A role that is assumed with the credentials before it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hop<'a> {
    /// The profile that names the role.
    pub profile: &'a str,
    /// `role_arn`
    pub role_arn: &'a str,
    /// `role_session_name`
    pub role_session_name: Option<&'a str>,
    /// `external_id`
    pub external_id: Option<&'a str>,
    /// `mfa_serial`
    pub mfa_serial: Option<&'a str>,
    /// `duration_seconds`, 900 to 43200.
    pub duration_seconds: Option<u32>,
    /// `region` of the profile that names the role.
    pub region: Option<&'a str>,
}

/// A role, fetched with the token of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SsoPlan<'a> {
    /// The session whose token is used.
    pub session: Session,
    /// `sso_account_id`; a sign-in does not need it.
    pub account_id: Option<&'a str>,
    /// `sso_role_name`; a sign-in does not need it.
    pub role_name: Option<&'a str>,
    /// Tells what is missing.
    incomplete: Option<ProfileError>,
}

/// A profile cannot be turned into a provider.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The profile has `role_arn` beside SSO keys; every SDK makes something else of it.
    #[error(
        "{place}: profile `{profile}` has `role_arn` beside sso keys; name a `source_profile` instead"
    )]
    #[non_exhaustive]
    Ambiguous {
        /// The profile.
        profile: String,
        /// The line of `role_arn`.
        place: Place,
    },
    /// The profiles name each other as their source.
    #[error("{place}: the source profiles form a loop: {}", profiles.join(" -> "))]
    #[non_exhaustive]
    Loop {
        /// The profiles, the first one again at the end.
        profiles: Vec<String>,
        /// The line that closes the loop.
        place: Place,
    },
    /// The profile does not say where credentials come from.
    #[error(
        "{place}: profile `{profile}` has no credentials: it lacks sso_session or sso_start_url"
    )]
    #[non_exhaustive]
    NoCredentials {
        /// The profile.
        profile: String,
        /// The line of the profile.
        place: Place,
    },
    /// Its settings are incomplete or contradict each other.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// A setting has a value that means nothing, or one that it needs beside it is missing.
    #[error("{place}: profile `{profile}`: {reason}")]
    #[non_exhaustive]
    Setting {
        /// The profile.
        profile: String,
        /// The line of the setting.
        place: Place,
        /// What is wrong.
        reason: String,
    },
    /// There are more source profiles behind each other than anybody needs.
    #[error("profile `{profile}` has over {LIMIT} source profiles behind each other")]
    #[non_exhaustive]
    TooDeep {
        /// The profile that was asked for.
        profile: String,
    },
}

/// The longest chain of profiles.
const LIMIT: usize = 10;

impl SsoPlan<'_> {
    /// Returns the role.
    ///
    /// # Errors
    /// Fails where the profile names no account or no role, with its line.
    pub fn role(&self) -> Result<Role<'_>, PlanError> {
        match (self.account_id, self.role_name, &self.incomplete) {
            (_, _, Some(error)) => Err(error.clone().into()),
            (account_id, role_name, None) => Ok(Role {
                account_id: account_id.unwrap_or_default(),
                role_name: role_name.unwrap_or_default(),
            }),
        }
    }
}

impl Plan<'_> {
    /// Returns what people call it: `role`, or the kind of its base.
    pub fn kind(&self) -> &'static str {
        match &self.base {
            Base::WebIdentity { .. } if self.hops.is_empty() => "web identity",
            _ if !self.hops.is_empty() => "role",
            Base::Sso(sso) if sso.session.name.is_some() => "sso",
            Base::Sso(_) => "legacy sso",
            Base::Process(_) => "process",
            Base::Static(_) => "static",
            _ => "role",
        }
    }
}

/// Turns a profile into what it means; the sections must hold its source profiles too.
///
/// Within a profile `role_arn` counts first, with exactly one of `source_profile` and
/// `credential_source`; then a web identity token, SSO, `credential_process` and static keys. SSO
/// keys beside `credential_process` or static keys win, as in botocore and Rust: a profile that
/// names keyfob as its own `credential_process` does not call itself. Of a profile that is reached
/// as a source the static keys count first, as in every SDK.
///
/// # Errors
/// Fails where the profile means nothing, with the line that says so.
pub fn plan<'a>(sections: &Sections<'a>, name: &str) -> Result<Plan<'a>, PlanError> {
    let mut hops: Vec<Hop<'a>> = Vec::new();
    let mut visited: Vec<&str> = Vec::new();
    let mut profile = sections.profile(name)?;
    let base = loop {
        visited.push(profile.name());
        if visited.len() > LIMIT {
            return Err(PlanError::TooDeep { profile: name.to_owned() });
        }
        let keys = has_keys(&profile);
        if visited.len() > 1 && keys.clone()? {
            break Base::Static(profile.name());
        }
        let web_identity = profile.get("web_identity_token_file").is_some();
        let Some(role_arn) = profile.get("role_arn").filter(|_| !web_identity) else {
            break base(&profile, keys)?;
        };
        hops.push(hop(&profile, role_arn)?);
        match source(&profile)? {
            Source::Base(base) => break base,
            // A profile may name itself, and means its own keys.
            Source::Profile(source) if source == profile.name() && keys == Ok(true) => {
                break Base::Static(profile.name());
            }
            Source::Profile(source) if visited.contains(&source) => {
                return Err(closed_loop(&visited, source, &profile));
            }
            Source::Profile(source) => {
                profile = sections.profile(source).map_err(|error| match error {
                    ProfileError::Unknown { .. } => setting_error(
                        &profile,
                        "source_profile",
                        &format!("there is no source profile `{source}`"),
                    ),
                    other => other.into(),
                })?;
            }
        }
    };
    hops.reverse();
    Ok(Plan { base, hops })
}

/// What `role_arn` is assumed with.
enum Source<'a> {
    Base(Base<'a>),
    Profile(&'a str),
}

fn source<'a>(profile: &Profile<'_, 'a>) -> Result<Source<'a>, PlanError> {
    match (profile.get("source_profile"), profile.get("credential_source")) {
        (Some(source), None) => Ok(Source::Profile(source)),
        (None, Some(source)) if source.eq_ignore_ascii_case("Environment") => {
            Ok(Source::Base(Base::Environment))
        }
        (None, Some(source)) if source.eq_ignore_ascii_case("EcsContainer") => {
            Ok(Source::Base(Base::Container))
        }
        (None, Some(source)) if source.eq_ignore_ascii_case("Ec2InstanceMetadata") => {
            Ok(Source::Base(Base::InstanceMetadata))
        }
        (None, Some(_)) => Err(setting_error(
            profile,
            "credential_source",
            "credential_source is one of Environment, EcsContainer, Ec2InstanceMetadata",
        )),
        (Some(_), Some(_)) => Err(setting_error(
            profile,
            "credential_source",
            "role_arn needs source_profile or credential_source, not both",
        )),
        (None, None) if crate::lint::has_sso(profile) => Err(PlanError::Ambiguous {
            profile: profile.name().to_owned(),
            place: profile.place("role_arn"),
        }),
        (None, None) => Err(setting_error(
            profile,
            "role_arn",
            "role_arn needs a source_profile or a credential_source",
        )),
    }
}

fn base<'a>(
    profile: &Profile<'_, 'a>,
    keys: Result<bool, PlanError>,
) -> Result<Base<'a>, PlanError> {
    let name = || profile.name().to_owned();
    if let Some(token_file) = profile.get("web_identity_token_file") {
        let role_arn = profile.get("role_arn").ok_or_else(|| {
            setting_error(
                profile,
                "web_identity_token_file",
                "web_identity_token_file needs a role_arn",
            )
        })?;
        let role_session_name = profile.get("role_session_name");
        return Ok(Base::WebIdentity { role_arn, role_session_name, token_file });
    }
    if let Some(settings) = profile.sso()? {
        return Ok(Base::Sso(SsoPlan {
            session: Session::from(&settings),
            account_id: settings.account_id,
            role_name: settings.role_name,
            incomplete: settings.role(profile).err().map(ProfileError::from),
        }));
    }
    let process = profile.setting("credential_process").map(|setting| setting.value());
    if let Some(command) = process.filter(|command| !command.is_empty()) {
        return Ok(Base::Process(command));
    }
    if keys? {
        return Ok(Base::Static(profile.name()));
    }
    if profile.get("login_session").is_some() {
        let reason = "login_session belongs to `aws login`, which keyfob does not provide";
        return Err(setting_error(profile, "login_session", reason));
    }
    Err(PlanError::NoCredentials { profile: name(), place: profile.place("") })
}

/// Whether the profile has keys of its own; half of a pair is an error.
fn has_keys(profile: &Profile<'_, '_>) -> Result<bool, PlanError> {
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

fn hop<'a>(profile: &Profile<'_, 'a>, role_arn: &'a str) -> Result<Hop<'a>, PlanError> {
    let duration_seconds = profile
        .get("duration_seconds")
        .map(|text| {
            let seconds = text.parse().ok().filter(|seconds| (900..=43_200).contains(seconds));
            seconds.ok_or_else(|| {
                let reason = "duration_seconds is a number from 900 to 43200";
                setting_error(profile, "duration_seconds", reason)
            })
        })
        .transpose()?;
    Ok(Hop {
        profile: profile.name(),
        role_arn,
        role_session_name: profile.get("role_session_name"),
        external_id: profile.get("external_id"),
        mfa_serial: profile.get("mfa_serial"),
        duration_seconds,
        region: profile.region(),
    })
}

fn closed_loop(visited: &[&str], source: &str, profile: &Profile<'_, '_>) -> PlanError {
    let start = visited.iter().position(|name| *name == source).unwrap_or(0);
    let mut profiles: Vec<String> =
        visited.iter().skip(start).map(|name| (*name).to_owned()).collect();
    profiles.push(source.to_owned());
    PlanError::Loop { profiles, place: profile.place("source_profile") }
}

fn setting_error(profile: &Profile<'_, '_>, setting: &str, reason: &str) -> PlanError {
    PlanError::Setting {
        profile: profile.name().to_owned(),
        place: profile.place(setting),
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared_config::Files;

    const SSO: &str = "sso_session = s\nsso_account_id = 1\nsso_role_name = R\n";

    fn planned(lines: &str) -> Result<String, String> {
        let config =
            format!("[sso-session s]\nsso_start_url = u\nsso_region = r\n[profile p]\n{lines}");
        let files = Files::from_texts(&config, "");
        let sections = Sections::parse(&files);
        let describe = |plan: Plan<'_>| {
            let base = match &plan.base {
                Base::Sso(sso) => {
                    let role = sso.role()?;
                    format!("{} {} {}", sso.session, role.account_id, role.role_name)
                }
                other => format!("{other:?}"),
            };
            let hops: String = plan.hops.iter().map(|hop| format!(" > {}", hop.role_arn)).collect();
            Ok(format!("{}: {base}{hops}", plan.kind()))
        };
        plan(&sections, "p").and_then(describe).map_err(|error: PlanError| error.to_string())
    }

    #[test]
    fn sso_keys_win_over_a_credential_process_and_static_keys() {
        assert_eq!(planned(SSO).as_deref(), Ok("sso: s 1 R"));
        let process = format!("{SSO}credential_process = keyfob credential-process --profile p\n");
        assert_eq!(planned(&process).as_deref(), Ok("sso: s 1 R"));
        let keys = format!("{SSO}aws_access_key_id = A\n");
        assert_eq!(planned(&keys).as_deref(), Ok("sso: s 1 R"));
    }

    #[test]
    fn roles_are_assumed_from_the_source_on() {
        let chain = format!(
            "role_arn = two\nsource_profile = q\n[profile q]\nrole_arn = one\n\
             source_profile = o\n[profile o]\n{SSO}"
        );
        assert_eq!(planned(&chain).as_deref(), Ok("role: s 1 R > one > two"));
        let keys = "aws_access_key_id = A\naws_secret_access_key = S\n";
        let own = format!("role_arn = one\nsource_profile = p\n{keys}");
        assert_eq!(planned(&own).as_deref(), Ok("role: Static(\"p\") > one"));
        let of_a_source = format!(
            "role_arn = one\nsource_profile = q\n[profile q]\nrole_arn = zero\n\
             source_profile = p\n{keys}"
        );
        assert_eq!(planned(&of_a_source).as_deref(), Ok("role: Static(\"q\") > one"));
        let source = "role_arn = one\ncredential_source = environment\n";
        assert_eq!(planned(source).as_deref(), Ok("role: Environment > one"));
    }

    #[test]
    fn everything_else_is_refused_with_its_line() {
        let at = "~/.aws/config";
        for (lines, error) in [
            (
                format!("{SSO}role_arn = a\n"),
                format!(
                    "{at}:8: profile `p` has `role_arn` beside sso keys; name a \
                         `source_profile` instead"
                ),
            ),
            (
                "sso_session = s\nsso_account_id = 1\n".to_owned(),
                format!("{at}:4: profile `p` lacks sso_role_name"),
            ),
            (
                "role_arn = a\nsource_profile = q\n[profile q]\nrole_arn = b\nsource_profile = p\n"
                    .to_owned(),
                format!("{at}:9: the source profiles form a loop: p -> q -> p"),
            ),
            (
                "role_arn = a\nsource_profile = p\n".to_owned(),
                format!("{at}:6: the source profiles form a loop: p -> p"),
            ),
            (
                "role_arn = a\nsource_profile = q\n".to_owned(),
                format!("{at}:6: profile `p`: there is no source profile `q`"),
            ),
            (
                "role_arn = a\n".to_owned(),
                format!(
                    "{at}:5: profile `p`: role_arn needs a source_profile or a \
                         credential_source"
                ),
            ),
            (
                "role_arn = a\nsource_profile = q\ncredential_source = Environment\n".to_owned(),
                format!(
                    "{at}:7: profile `p`: role_arn needs source_profile or credential_source, \
                         not both"
                ),
            ),
            (
                "role_arn = a\ncredential_source = Environment\nduration_seconds = 1h\n".to_owned(),
                format!("{at}:7: profile `p`: duration_seconds is a number from 900 to 43200"),
            ),
            (
                "aws_access_key_id = A\n".to_owned(),
                format!("{at}:5: profile `p`: aws_access_key_id without aws_secret_access_key"),
            ),
            (
                "web_identity_token_file = f\n".to_owned(),
                format!("{at}:5: profile `p`: web_identity_token_file needs a role_arn"),
            ),
            (
                "region = x\n".to_owned(),
                format!(
                    "{at}:4: profile `p` has no credentials: it lacks sso_session or \
                         sso_start_url"
                ),
            ),
        ] {
            assert_eq!(planned(&lines), Err(error), "{lines}");
        }
    }

    #[test]
    fn a_chain_has_an_end() {
        let mut config = String::from("role_arn = a\nsource_profile = p1\n");
        for number in 1..12 {
            let next = number + 1;
            config += &format!("[profile p{number}]\nrole_arn = a\nsource_profile = p{next}\n");
        }
        let error = planned(&config).unwrap_err();
        assert_eq!(error, "profile `p` has over 10 source profiles behind each other");
    }
}
