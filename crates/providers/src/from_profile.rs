//! What a profile means.

use shared_config::{FileKind, Profile, ProfileError, Sections, SsoError};

use crate::lint::{has_sso, not_included};
use crate::profile_settings::{
    duration_seconds, hop, keys, no_role, role_session_name, setting_error,
};
use crate::{Base, Hop, ProcessBase, ResolveError, Session, SsoBase, StaticBase, WebIdentityBase};

/// The longest chain of profiles.
const LIMIT: usize = 10;

/// What a profile means: where credentials come from, and the roles that are assumed with them.
pub(crate) struct Means {
    pub(crate) base: Base,
    pub(crate) hops: Vec<Hop>,
}

/// Follows a profile to its source; see [`crate::resolve_in`] for what counts.
pub(crate) fn means(
    sections: &Sections<'_>,
    profile: &Profile<'_, '_>,
) -> Result<Means, ResolveError> {
    let mut hops = Vec::new();
    let mut visited: Vec<&str> = Vec::new();
    let asked = profile.name();
    let mut profile = *profile;
    let base = loop {
        visited.push(profile.name());
        if visited.len() > LIMIT {
            return Err(ResolveError::TooDeep { profile: asked.to_owned() });
        }
        let keys = keys(&profile);
        if visited.len() > 1
            && let Some(keys) = keys.clone()?
        {
            break Base::Static(keys);
        }
        let web_identity = profile.get("web_identity_token_file").is_some();
        let Some(role_arn) = profile.get("role_arn").filter(|_| !web_identity) else {
            break base(&profile, keys)?;
        };
        hops.push(hop(&profile, role_arn)?);
        match (source(&profile)?, keys) {
            (Source::Base(base), _) => break base,
            // A profile may name itself, and means its own keys.
            (Source::Profile(source), Ok(Some(keys))) if source == profile.name() => {
                break Base::Static(keys);
            }
            (Source::Profile(source), _) if visited.contains(&source) => {
                return Err(closed_loop(&visited, source, &profile));
            }
            (Source::Profile(source), _) => {
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
    Ok(Means { base, hops })
}

/// What `role_arn` is assumed with.
enum Source<'a> {
    Base(Base),
    Profile(&'a str),
}

fn source<'a>(profile: &Profile<'_, 'a>) -> Result<Source<'a>, ResolveError> {
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
        (None, None) if has_sso(profile) => Err(ResolveError::Ambiguous {
            profile: profile.name().to_owned(),
            place: profile.place("role_arn"),
        }),
        (None, None) => {
            let reason = "role_arn needs a source_profile or a credential_source";
            Err(not_included(profile).unwrap_or_else(|| setting_error(profile, "role_arn", reason)))
        }
    }
}

fn base(
    profile: &Profile<'_, '_>,
    keys: Result<Option<StaticBase>, ResolveError>,
) -> Result<Base, ResolveError> {
    let owned = |text: &str| text.to_owned();
    if let Some(token_file) = profile.get("web_identity_token_file") {
        let role_arn = profile.get("role_arn").map(owned).ok_or_else(|| {
            setting_error(
                profile,
                "web_identity_token_file",
                "web_identity_token_file needs a role_arn",
            )
        })?;
        return Ok(Base::WebIdentity(WebIdentityBase {
            role_arn,
            role_session_name: role_session_name(profile)?,
            token_file: token_file.into(),
            duration_seconds: duration_seconds(profile)?,
        }));
    }
    let sso = profile.sso().map_err(|error| match error {
        ProfileError::Sso(SsoError::MissingKeys { .. }) => {
            not_included(profile).unwrap_or_else(|| error.into())
        }
        error => error.into(),
    })?;
    if let Some(settings) = sso {
        return Ok(Base::Sso(SsoBase {
            session: Session::from(&settings),
            account_id: settings.account_id.map(owned),
            role_name: settings.role_name.map(owned),
            incomplete: no_role(profile, &settings).map(Box::new),
        }));
    }
    // In this order botocore looks: keys of the credentials file, `aws login`, a process, keys of
    // the config file.
    if profile.get("login_session").is_some() {
        let id = profile.setting("aws_access_key_id");
        let is_first = id.is_some_and(|setting| setting.file() == FileKind::Credentials);
        if let Some(keys) = keys?.filter(|_| is_first) {
            return Ok(Base::Static(keys));
        }
        let reason = "login_session belongs to `aws login`, which is not supported";
        return Err(setting_error(profile, "login_session", reason));
    }
    let process = profile.setting("credential_process").map(|setting| setting.value());
    if let Some(command) = process.filter(|command| !command.is_empty()) {
        return Ok(Base::Process(ProcessBase {
            profile: profile.name().to_owned(),
            command: command.into_owned(),
            account_id: profile.get("aws_account_id").map(owned),
        }));
    }
    match keys? {
        Some(keys) => Ok(Base::Static(keys)),
        None => Err(not_included(profile).unwrap_or_else(|| ResolveError::NoCredentials {
            profile: profile.name().to_owned(),
            place: profile.place(""),
        })),
    }
}

fn closed_loop(visited: &[&str], source: &str, profile: &Profile<'_, '_>) -> ResolveError {
    let start = visited.iter().position(|name| *name == source).unwrap_or(0);
    let mut profiles: Vec<String> =
        visited.iter().skip(start).map(|name| (*name).to_owned()).collect();
    profiles.push(source.to_owned());
    ResolveError::Loop { profiles, place: profile.place("source_profile") }
}

#[cfg(test)]
mod tests {
    use shared_config::{Environment, Files};

    use super::*;
    use crate::{Identity, Target, resolve_in};

    const SSO: &str = "sso_session = s\nsso_account_id = 123456789012\nsso_role_name = R\n";

    fn resolved(lines: &str) -> Result<String, String> {
        let config =
            format!("[sso-session s]\nsso_start_url = u\nsso_region = r\n[profile p]\n{lines}");
        let files = Files::from_texts(&config, "");
        let sections = Sections::parse(&files);
        let describe = |identity: Identity| {
            let base = match &identity.base {
                Base::Sso(sso) => {
                    let role = sso.role()?;
                    format!("{} {} {}", sso.session, role.account_id, role.role_name)
                }
                Base::Static(keys) => format!("keys of {}", keys.profile),
                other => format!("{other:?}"),
            };
            let hops = identity.hops.iter().map(|hop| format!(" > {}", hop.role_arn));
            Ok(format!("{}: {base}{}", identity.kind(), hops.collect::<String>()))
        };
        let identity = resolve_in(&sections, &Environment::default(), &Target::profile("p"));
        identity.and_then(describe).map_err(|error: ResolveError| error.to_string())
    }

    #[test]
    fn sso_keys_win_over_a_credential_process_and_static_keys() {
        assert_eq!(resolved(SSO).as_deref(), Ok("sso: s 123456789012 R"));
        let process = format!("{SSO}credential_process = keyfob credential-process --profile p\n");
        assert_eq!(resolved(&process).as_deref(), Ok("sso: s 123456789012 R"));
        let keys = format!("{SSO}aws_access_key_id = A\n");
        assert_eq!(resolved(&keys).as_deref(), Ok("sso: s 123456789012 R"));
    }

    #[test]
    fn a_credential_process_comes_before_the_keys_beside_it_unless_it_is_empty() {
        let keys = "aws_access_key_id = A\naws_secret_access_key = S\n";
        let process = resolved(&format!("{keys}credential_process = run me\n")).unwrap();
        assert!(process.starts_with("process: ") && process.contains("run me"), "{process}");
        let empty = resolved(&format!("{keys}credential_process =\n"));
        assert_eq!(empty.as_deref(), Ok("static: keys of p"));
    }

    #[test]
    fn roles_are_assumed_from_the_source_on() {
        let chain = format!(
            "role_arn = two\nsource_profile = q\n[profile q]\nrole_arn = one\n\
             source_profile = o\n[profile o]\n{SSO}"
        );
        assert_eq!(resolved(&chain).as_deref(), Ok("role: s 123456789012 R > one > two"));
        let keys = "aws_access_key_id = A\naws_secret_access_key = S\n";
        let own = format!("role_arn = one\nsource_profile = p\n{keys}");
        assert_eq!(resolved(&own).as_deref(), Ok("role: keys of p > one"));
        let of_a_source = format!(
            "role_arn = one\nsource_profile = q\n[profile q]\nrole_arn = zero\n\
             source_profile = p\n{keys}"
        );
        assert_eq!(resolved(&of_a_source).as_deref(), Ok("role: keys of q > one"));
        let beside_a_source =
            format!("role_arn = one\nsource_profile = q\n{keys}[profile q]\n{keys}");
        assert_eq!(resolved(&beside_a_source).as_deref(), Ok("role: keys of q > one"));
        for (source, base) in [
            ("environment", "Environment"),
            ("ecscontainer", "Container"),
            ("Ec2InstanceMetadata", "InstanceMetadata"),
        ] {
            let source = format!("role_arn = one\ncredential_source = {source}\n");
            assert_eq!(resolved(&source), Ok(format!("role: {base} > one")));
        }
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
                "role_arn = a\ncredential_source = Somewhere\n".to_owned(),
                format!(
                    "{at}:6: profile `p`: credential_source is one of Environment, EcsContainer, \
                         Ec2InstanceMetadata"
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
                SSO.replace("9012", ""),
                format!(
                    "{at}:6: profile `p`: `12345678` is no account id, which has twelve digits"
                ),
            ),
            (
                "role_arn = a\ncredential_source = Environment\nrole_session_name = x\n".to_owned(),
                format!(
                    "{at}:7: profile `p`: role_session_name has 2 to 64 characters, letters, digits \
                     and _+=,.@- only"
                ),
            ),
            (
                "login_session = a\ncredential_process = b\naws_access_key_id = A\n\
                 aws_secret_access_key = S\n"
                    .to_owned(),
                format!(
                    "{at}:5: profile `p`: login_session belongs to `aws login`, which is not \
                     supported"
                ),
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
            assert_eq!(resolved(&lines), Err(error), "{lines}");
        }
    }

    #[test]
    fn sso_keys_and_keys_of_the_credentials_file_come_before_a_login_session() {
        let login = format!("login_session = a\ncredential_process = b\n{SSO}");
        assert_eq!(resolved(&login).as_deref(), Ok("sso: s 123456789012 R"));
        let keys = "[p]\naws_access_key_id = A\naws_secret_access_key = S\n";
        let files = Files::from_texts("[profile p]\nlogin_session = a\n", keys);
        let sections = Sections::parse(&files);
        let means = means(&sections, &sections.profile("p").unwrap()).unwrap();
        assert!(matches!(means.base, Base::Static(keys) if keys.profile == "p"));
    }

    #[test]
    fn a_chain_has_an_end() {
        let chain = |length: usize| {
            let mut config = String::from("role_arn = a\nsource_profile = p1\n");
            for number in 1..length {
                let next = number + 1;
                config += &format!("[profile p{number}]\nrole_arn = a\nsource_profile = p{next}\n");
            }
            config += &format!("[profile p{length}]\naws_access_key_id = A\n");
            resolved(&(config + "aws_secret_access_key = S\n"))
        };
        assert!(chain(9).unwrap().starts_with("role: keys of p9 > a > a"));
        let error = chain(10).unwrap_err();
        assert_eq!(error, "profile `p` has over ten source profiles behind each other");
    }
}
