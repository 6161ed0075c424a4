//! From a profile to its plan.

use shared_config::{Environment, FileKind, Profile, ProfileError, Sections};

use crate::lint::has_sso;
use crate::profile_settings::{
    duration_seconds, has_keys, hop, no_role, role_session_name, setting_error,
};
use crate::{Base, Hop, Plan, PlanError, Session, SsoPlan};

/// The longest chain of profiles.
const LIMIT: usize = 10;

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

/// Finds out what a program gets credentials from that is told nothing: the keys of the environment,
/// the profile of `AWS_PROFILE` or `default`, the web identity of the environment, the container.
/// That is the order of the Rust SDK. A profile that is named but does not exist is an error.
///
/// # Errors
/// Fails where none of them is there, and as [`plan`] does.
pub fn default_plan<'a>(
    sections: &Sections<'a>,
    environment: &'a Environment,
) -> Result<Plan<'a>, PlanError> {
    let get = |name| environment.text(name);
    let base = |base| Ok(Plan { base, hops: Vec::new() });
    if crate::Environment::is_set(environment) {
        return base(Base::Environment);
    }
    let named = environment.first_text(&["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])?;
    let name = named.unwrap_or("default");
    match (plan(sections, name), named) {
        (Err(PlanError::Profile(ProfileError::Unknown { .. })), None)
        | (Err(PlanError::NoCredentials { .. }), _) => {}
        (result, _) => return result,
    }
    let token_file = get("AWS_WEB_IDENTITY_TOKEN_FILE")?;
    if let Some((token_file, role_arn)) = token_file.zip(get("AWS_ROLE_ARN")?) {
        let role_session_name = get("AWS_ROLE_SESSION_NAME")?;
        let duration_seconds = None;
        return base(Base::WebIdentity {
            role_arn,
            role_session_name,
            token_file,
            duration_seconds,
        });
    }
    let container =
        ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];
    if container.iter().any(|name| environment.get_os(name).is_some()) {
        return base(Base::Container);
    }
    Err(PlanError::Nothing { profile: name.to_owned() })
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
        (None, None) if has_sso(profile) => Err(PlanError::Ambiguous {
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
        let role_session_name = role_session_name(profile)?;
        let duration_seconds = duration_seconds(profile)?;
        return Ok(Base::WebIdentity { role_arn, role_session_name, token_file, duration_seconds });
    }
    if let Some(settings) = profile.sso()? {
        return Ok(Base::Sso(SsoPlan {
            session: Session::from(&settings),
            account_id: settings.account_id,
            role_name: settings.role_name,
            incomplete: no_role(profile, &settings).map(Box::new),
        }));
    }
    // In this order botocore looks: keys of the credentials file, `aws login`, a process, keys of
    // the config file.
    if profile.get("login_session").is_some() {
        let id = profile.setting("aws_access_key_id");
        if keys? && id.is_some_and(|setting| setting.file() == FileKind::Credentials) {
            return Ok(Base::Static(profile.name()));
        }
        let reason = "login_session belongs to `aws login`, which keyfob does not provide";
        return Err(setting_error(profile, "login_session", reason));
    }
    let process = profile.setting("credential_process").map(|setting| setting.value());
    if let Some(command) = process.filter(|command| !command.is_empty()) {
        return Ok(Base::Process { profile: profile.name(), command });
    }
    if keys? {
        return Ok(Base::Static(profile.name()));
    }
    Err(PlanError::NoCredentials { profile: name(), place: profile.place("") })
}

fn closed_loop(visited: &[&str], source: &str, profile: &Profile<'_, '_>) -> PlanError {
    let start = visited.iter().position(|name| *name == source).unwrap_or(0);
    let mut profiles: Vec<String> =
        visited.iter().skip(start).map(|name| (*name).to_owned()).collect();
    profiles.push(source.to_owned());
    PlanError::Loop { profiles, place: profile.place("source_profile") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared_config::Files;

    const SSO: &str = "sso_session = s\nsso_account_id = 123456789012\nsso_role_name = R\n";

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
        assert_eq!(planned(SSO).as_deref(), Ok("sso: s 123456789012 R"));
        let process = format!("{SSO}credential_process = keyfob credential-process --profile p\n");
        assert_eq!(planned(&process).as_deref(), Ok("sso: s 123456789012 R"));
        let keys = format!("{SSO}aws_access_key_id = A\n");
        assert_eq!(planned(&keys).as_deref(), Ok("sso: s 123456789012 R"));
    }

    #[test]
    fn roles_are_assumed_from_the_source_on() {
        let chain = format!(
            "role_arn = two\nsource_profile = q\n[profile q]\nrole_arn = one\n\
             source_profile = o\n[profile o]\n{SSO}"
        );
        assert_eq!(planned(&chain).as_deref(), Ok("role: s 123456789012 R > one > two"));
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
                    "{at}:5: profile `p`: login_session belongs to `aws login`, which keyfob does not \
                     provide"
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
            assert_eq!(planned(&lines), Err(error), "{lines}");
        }
    }

    #[test]
    fn sso_keys_and_keys_of_the_credentials_file_come_before_a_login_session() {
        let login = format!("login_session = a\ncredential_process = b\n{SSO}");
        assert_eq!(planned(&login).as_deref(), Ok("sso: s 123456789012 R"));
        let keys = "[p]\naws_access_key_id = A\naws_secret_access_key = S\n";
        let files = Files::from_texts("[profile p]\nlogin_session = a\n", keys);
        assert_eq!(plan(&Sections::parse(&files), "p").unwrap().base, Base::Static("p"));
    }

    #[test]
    fn a_chain_has_an_end() {
        let mut config = String::from("role_arn = a\nsource_profile = p1\n");
        for number in 1..12 {
            let next = number + 1;
            config += &format!("[profile p{number}]\nrole_arn = a\nsource_profile = p{next}\n");
        }
        let error = planned(&config).unwrap_err();
        assert_eq!(error, "profile `p` has over ten source profiles behind each other");
    }
}
