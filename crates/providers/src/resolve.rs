//! From what somebody says, the shared files and the environment to the identity that is meant.

use shared_config::{Environment, Files, Locations, Profile, ProfileError, SectionKind, Sections};

use crate::from_profile::{Means, means};
use crate::lint::{is_account_id, no_account_id};
use crate::{Base, Identity, Network, ResolveError, Session, SsoBase, Target, WebIdentityBase};

/// The variables that name a role and its session where neither the target nor the profile does.
const ACCOUNT_ID: &str = "AWS_SSO_ACCOUNT_ID";
const ROLE_NAME: &str = "AWS_SSO_ROLE_NAME";
const START_URL: &str = "AWS_SSO_START_URL";
const SSO_REGION: &str = "AWS_SSO_REGION";

/// Reads the shared files and finds out whose credentials are meant.
///
/// What the target says wins over the profile, the profile over `AWS_SSO_START_URL`,
/// `AWS_SSO_REGION`, `AWS_SSO_ACCOUNT_ID` and `AWS_SSO_ROLE_NAME`. Without a profile the target and
/// these variables name the role; see [`resolve_default`] for programs that are told nothing. Where
/// nothing names a session, it is that of the config, if there is one and no other.
///
/// Only what the profile may need is parsed, and of a file over 64 KiB nothing else is kept in memory;
/// the whole is where the profile has a `source_profile`, or does not exist.
///
/// # Errors
/// Fails where a file cannot be read, and where nothing or nothing definite is meant, with file and
/// line.
pub fn resolve(
    locations: &Locations,
    environment: &Environment,
    target: &Target<'_>,
) -> Result<Identity, ResolveError> {
    let Some(name) = target.profile else {
        let files = Files::load(locations)?;
        let sections = Sections::parse_if(&files, |header| header.kind == SectionKind::SsoSession);
        return resolve_in(&sections, environment, target);
    };
    let files = Files::load_for_profile(locations, name)?;
    let alone = Sections::for_profile(&files, name);
    // Its source, or the line that tells why there is no such profile, may be anywhere.
    let needs_all = match alone.profile(name) {
        Ok(profile) => profile.get("source_profile").is_some(),
        Err(error) => matches!(error, ProfileError::Unknown { .. }),
    };
    if !needs_all {
        return resolve_in(&alone, environment, target);
    }
    let files = if files.is_excerpt() { Files::load(locations)? } else { files };
    resolve_in(&Sections::parse(&files), environment, target)
}

/// The same with files that have been read; the sections must hold the source profiles too.
///
/// Within a profile `role_arn` counts first, with exactly one of `source_profile` and
/// `credential_source`; then a web identity token, SSO, `credential_process` and static keys. SSO
/// keys beside `credential_process` or static keys win, as in botocore and Rust: a profile that
/// names a program as its own `credential_process` does not make it call itself. Of a profile that
/// is reached as a source the static keys count first, as in every SDK.
///
/// # Errors
/// As [`resolve`].
pub fn resolve_in(
    sections: &Sections<'_>,
    environment: &Environment,
    target: &Target<'_>,
) -> Result<Identity, ResolveError> {
    let profile = target.profile.map(|name| sections.profile(name)).transpose()?;
    let meant = profile.as_ref().map(|profile| means(sections, profile)).transpose()?;
    let sso = match meant {
        Some(Means { base: Base::Sso(sso), hops }) if hops.is_empty() => Some(sso),
        Some(meant) => {
            let identity = complete(meant, profile.as_ref(), environment);
            if target.names_sso() {
                let profile = target.profile.unwrap_or_default().to_owned();
                return Err(ResolveError::NotSso { profile, kind: identity.kind() });
            }
            return Ok(identity);
        }
        None => None,
    };
    let sso = overridden(sso, sections, environment, target)?;
    let meant = Means { base: Base::Sso(sso), hops: Vec::new() };
    Ok(complete(meant, profile.as_ref(), environment))
}

/// Reads the shared files and finds out what a program gets credentials from that is told nothing:
/// the keys of the environment, the profile of `AWS_PROFILE` or `default`, the web identity of the
/// environment, the container. That is the order of the Rust SDK. A profile that is named but does
/// not exist is an error.
///
/// # Errors
/// Fails where none of them is there, and as [`resolve`] does.
pub fn resolve_default(
    locations: &Locations,
    environment: &Environment,
) -> Result<Identity, ResolveError> {
    resolve_default_in(&Sections::parse(&Files::load(locations)?), environment)
}

/// The same with files that have been read.
///
/// # Errors
/// As [`resolve_default`].
pub fn resolve_default_in(
    sections: &Sections<'_>,
    environment: &Environment,
) -> Result<Identity, ResolveError> {
    let named = environment.first_text(&["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])?;
    let name = named.unwrap_or("default");
    if crate::EnvironmentKeys::is_set(environment) {
        return Ok(of_environment(Base::Environment, name, sections, environment));
    }
    match (resolve_in(sections, environment, &Target::profile(name)), named) {
        (Err(ResolveError::Profile(ProfileError::Unknown { .. })), None)
        | (Err(ResolveError::NoCredentials { .. }), _) => {}
        (result, _) => return result,
    }
    let provided = resolve_provided_in(sections, environment)?;
    provided.ok_or_else(|| ResolveError::Nothing { profile: name.to_owned() })
}

/// Finds out what a machine provides by variables of the environment that hold no keys: its web
/// identity, else the credentials of its container.
///
/// # Errors
/// Fails where one of these variables cannot be read.
pub fn resolve_provided_in(
    sections: &Sections<'_>,
    environment: &Environment,
) -> Result<Option<Identity>, ResolveError> {
    let get = |name| environment.text(name);
    let named = environment.first_text(&["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])?;
    let container =
        ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];
    let token_file = get("AWS_WEB_IDENTITY_TOKEN_FILE")?;
    let base = if let Some((token_file, role_arn)) = token_file.zip(get("AWS_ROLE_ARN")?) {
        Base::WebIdentity(WebIdentityBase {
            role_arn: role_arn.to_owned(),
            role_session_name: get("AWS_ROLE_SESSION_NAME")?.map(str::to_owned),
            token_file: token_file.into(),
            duration_seconds: None,
        })
    } else if container.iter().any(|name| environment.get_os(name).is_some()) {
        Base::Container
    } else {
        return Ok(None);
    };
    Ok(Some(of_environment(base, named.unwrap_or("default"), sections, environment)))
}

/// What the environment leads to, with the settings of a profile.
fn of_environment(
    base: Base,
    profile: &str,
    sections: &Sections<'_>,
    environment: &Environment,
) -> Identity {
    let meant = Means { base, hops: Vec::new() };
    complete(meant, sections.profile(profile).ok().as_ref(), environment)
}

/// Finds out which session a target means, whatever is done with it: that of the profile, also where
/// roles are assumed in between, unless something else is said. What the target leaves open comes
/// from `AWS_SSO_START_URL` and `AWS_SSO_REGION`.
///
/// # Errors
/// Fails as [`resolve_in`] does, and where the profile needs no session.
pub fn resolve_session(
    sections: &Sections<'_>,
    environment: &Environment,
    target: &Target<'_>,
) -> Result<Session, ResolveError> {
    let of_profile = match target.profile {
        Some(name) => {
            let profile = sections.profile(name)?;
            let base = means(sections, &profile).map(|means| means.base);
            match base {
                Ok(Base::Sso(sso)) => Some(sso.session),
                // What is said stands in for what the profile does not have.
                _ if target.names_sso() => None,
                Ok(_) => {
                    let (profile, place) = (name.to_owned(), profile.place(""));
                    return Err(ResolveError::NoSession { profile, place });
                }
                Err(error) => return Err(error),
            }
        }
        None => None,
    };
    let session = session(of_profile.as_ref(), sections, environment, target)?;
    session.ok_or_else(|| {
        let has_start_url = target.start_url.is_some() || environment.get(START_URL).is_some();
        let missing = if has_start_url { "region of the start URL" } else { "start URL" };
        ResolveError::Incomplete { missing: vec![missing] }
    })
}

fn complete(
    meant: Means,
    profile: Option<&Profile<'_, '_>>,
    environment: &Environment,
) -> Identity {
    Identity {
        base: meant.base,
        hops: meant.hops,
        region: profile.and_then(|profile| profile.region()).map(str::to_owned),
        network: Network::resolve(environment, profile),
        environment: environment.clone(),
    }
}

/// The SSO role of the profile, with what the target says instead.
fn overridden(
    of_profile: Option<SsoBase>,
    sections: &Sections<'_>,
    environment: &Environment,
    target: &Target<'_>,
) -> Result<SsoBase, ResolveError> {
    if let Some(sso) = &of_profile
        && !target.names_sso()
        && sso.account_id.is_some()
        && sso.role_name.is_some()
    {
        return Ok(sso.clone());
    }
    let planned = of_profile.as_ref();
    let of = |sso: fn(&SsoBase) -> Option<&str>| planned.and_then(sso);
    let account_id = target.account_id.or_else(|| of(|sso| sso.account_id.as_deref()));
    let account_id = or_variable(account_id, environment, ACCOUNT_ID)?;
    let role_name = target.role_name.or_else(|| of(|sso| sso.role_name.as_deref()));
    let role_name = or_variable(role_name, environment, ROLE_NAME)?;
    let session = session(planned.map(|sso| &sso.session), sections, environment, target)?;
    let (Some(session), Some(account), Some(_)) = (&session, &account_id, &role_name) else {
        return match of_profile {
            // The profile knows the line on which something is missing.
            Some(sso) => Ok(sso),
            None => Err(ResolveError::Incomplete {
                missing: [
                    ("session", session.is_none()),
                    ("account id", account_id.is_none()),
                    ("role name", role_name.is_none()),
                ]
                .into_iter()
                .filter_map(|(what, is_missing)| is_missing.then_some(what))
                .collect(),
            }),
        };
    };
    let incomplete = (!is_account_id(account)).then(|| {
        let known = planned.filter(|sso| sso.account_id.as_ref() == Some(account));
        known.and_then(|sso| sso.incomplete.clone()).unwrap_or_else(|| {
            let variable = if target.account_id.is_some() { "account id" } else { ACCOUNT_ID };
            Box::new(ResolveError::Value { variable, reason: no_account_id(account) })
        })
    });
    Ok(SsoBase { session: session.clone(), account_id, role_name, incomplete })
}

fn session(
    of_profile: Option<&Session>,
    sections: &Sections<'_>,
    environment: &Environment,
    target: &Target<'_>,
) -> Result<Option<Session>, ResolveError> {
    if let Some(name) = target.sso_session {
        return Ok(Some(Session::from(&sections.sso_session(name)?)));
    }
    if let (None, None, Some(session)) = (target.start_url, target.sso_region, of_profile) {
        return Ok(Some(session.clone()));
    }
    let start_url =
        target.start_url.or_else(|| of_profile.map(|session| session.start_url.as_str()));
    let start_url = or_variable(start_url, environment, START_URL)?;
    let region = target.sso_region.or_else(|| of_profile.map(|session| session.region.as_str()));
    let region = or_variable(region, environment, SSO_REGION)?;
    match (start_url, region) {
        (None, None) => only_session(sections),
        (start_url, region) => Ok(start_url
            .zip(region)
            .map(|(start_url, region)| Session::legacy(&start_url, &region))),
    }
}

/// The session of the config, where it has exactly one.
fn only_session(sections: &Sections<'_>) -> Result<Option<Session>, ResolveError> {
    let mut all = sections.sso_sessions();
    let (Some(only), None) = (all.next(), all.next()) else { return Ok(None) };
    Ok(Some(Session::from(&sections.sso_session(only.name())?)))
}

/// What was said, or else what a variable says.
fn or_variable(
    said: Option<&str>,
    environment: &Environment,
    variable: &str,
) -> Result<Option<String>, ResolveError> {
    Ok(said.map_or_else(|| environment.text(variable), |said| Ok(Some(said)))?.map(str::to_owned))
}
