//! Variables that change what every tool does, most of them forgotten ones.

use std::path::Path;

use chrono::{DateTime, Utc};
use shared_config::{Environment, Sections};
use wire::SystemTimes;

use super::report::Report;
use crate::env::World;
use crate::{nearest, pick};

const CHECK: &str = "variables";

const KEYS: [&str; 4] =
    ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"];

/// Variables by which a tool tells that it started a shell, and the tool.
const SHELLS: [(&str, &str); 4] = [
    ("KEYFOB_EXEC", "keyfob exec"),
    ("AWS_VAULT", "aws-vault exec"),
    ("AWS_SSO_PROFILE", "aws-sso"),
    ("AWSUME_PROFILE", "awsume"),
];

/// Variables that name files of certificates.
const BUNDLES: [&str; 4] =
    ["AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"];

const ENDPOINTS: [&str; 4] = [
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_SSO",
    "AWS_ENDPOINT_URL_SSO_OIDC",
    "AWS_ENDPOINT_URL_STS",
];

const WEB_IDENTITY: [&str; 2] = ["AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"];

pub(super) fn look(report: &mut Report, world: &World, sections: &Sections<'_>) {
    let environment = &world.environment;
    keys(report, environment);
    profile(report, environment, sections);
    region(report, environment, sections);
    for name in BUNDLES {
        let path = environment.get_os(name).map(Path::new);
        if let Some(path) = path.filter(|path| !path.exists()) {
            let text = format!("{name} names {}, which is not there", path.display());
            report.error(CHECK, text, format!("unset {name}"));
        }
    }
    let elsewhere = set(environment, &ENDPOINTS);
    if !elsewhere.is_empty() {
        let text = format!("calls go to another place than AWS, by {}", elsewhere.join(", "));
        report.note(CHECK, text, unset(&elsewhere));
    }
    let web_identity = set(environment, &WEB_IDENTITY);
    if web_identity.len() == WEB_IDENTITY.len() {
        let text = "most SDKs take the role of AWS_ROLE_ARN, with the token of \
                    AWS_WEB_IDENTITY_TOKEN_FILE, where no profile is named";
        report.note(CHECK, text, unset(&web_identity));
    }
    if report.is_clean(CHECK) {
        report.fine(CHECK, "none that gets in the way");
    }
}

/// Credentials of the environment beat every profile, in most tools.
fn keys(report: &mut Report, environment: &Environment) {
    let keys = set(environment, &KEYS);
    if keys.is_empty() {
        return;
    }
    let command = unset(&keys) + " AWS_CREDENTIAL_EXPIRATION";
    let expiration = environment.get("AWS_CREDENTIAL_EXPIRATION");
    let expiration = expiration.and_then(|time| DateTime::parse_from_rfc3339(time).ok());
    let is_over = |end: &DateTime<_>| end.timestamp() <= SystemTimes.now().unix();
    let keys = keys.join(", ");
    if set(environment, &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]).len() == 1 {
        let text = "of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY only one is set";
        report.error(CHECK, text, command);
    } else if let Some(end) = expiration.filter(is_over) {
        let end = end.with_timezone(&Utc).format("%Y-%m-%dT%H:%M:%SZ");
        let text = format!("the credentials of the environment ended at {end} ({keys})");
        report.error(CHECK, text, command);
    } else if let Some((_, tool)) =
        SHELLS.iter().find(|(name, _)| environment.get_os(name).is_some())
    {
        report.note(CHECK, format!("this shell has its credentials from {tool}"), "exit");
    } else {
        let beaten = match environment.get("AWS_PROFILE") {
            Some(profile) => format!("not the profile `{profile}` of AWS_PROFILE"),
            None => "not a profile".to_owned(),
        };
        let text = format!("most tools use the credentials of the environment, {beaten} ({keys})");
        report.warning(CHECK, text, command);
    }
}

fn profile(report: &mut Report, environment: &Environment, sections: &Sections<'_>) {
    for variable in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"] {
        let names = || sections.profiles().map(|section| section.name());
        let named = environment.get(variable).filter(|name| *name != pick::DEFAULT);
        if let Some(name) = named.filter(|name| names().all(|known| known != *name)) {
            let near = nearest::of(name, names());
            let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            let text = format!("{variable} names the profile `{name}`, which there is not{near}");
            report.error(CHECK, text, format!("unset {variable}"));
        }
    }
    if let (Some(new), Some(old)) =
        (environment.get("AWS_PROFILE"), environment.get("AWS_DEFAULT_PROFILE"))
        && new != old
    {
        let text = format!(
            "AWS_PROFILE is `{new}` and AWS_DEFAULT_PROFILE is `{old}`: tools disagree which one counts"
        );
        report.warning(CHECK, text, "unset AWS_DEFAULT_PROFILE");
    }
}

fn region(report: &mut Report, environment: &Environment, sections: &Sections<'_>) {
    let Some(name) = environment.get("AWS_PROFILE") else { return };
    let Ok(profile) = sections.profile(name) else { return };
    let variables = set(environment, &["AWS_REGION", "AWS_DEFAULT_REGION"]);
    if let (Some(other), Some(region)) = (profile.region(), environment.first(&variables))
        && region != other
    {
        let text = format!(
            "the region of the environment, {region}, counts before that of profile `{name}`, {other}"
        );
        report.note(CHECK, text, unset(&variables));
    }
}

/// Those that are set.
fn set<'n>(environment: &Environment, names: &[&'n str]) -> Vec<&'n str> {
    names.iter().filter(|name| environment.get_os(name).is_some()).copied().collect()
}

fn unset(names: &[&str]) -> String {
    format!("unset {}", names.join(" "))
}
