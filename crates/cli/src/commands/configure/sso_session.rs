//! `keyfob configure sso-session`

use shared_config::{SectionKind, Sections};

use super::{Change, edit, missing};
use crate::args::ConfigureSsoSession;
use crate::env::World;
use crate::exit::Failure;
use crate::prompt;
use crate::ui::say;

pub(crate) fn run(arguments: &ConfigureSsoSession) -> Result<(), Failure> {
    let world = World::capture()?;
    let files = world.files()?;
    let sections = Sections::parse(&files);
    let existing = sections.sso_sessions().find(|section| section.name() == arguments.name);
    let known = |key: &str| existing.and_then(|section| section.value(key)).map(str::to_owned);
    let mut start_url = arguments.start_url.clone().or_else(|| known("sso_start_url"));
    let mut region = arguments.region.clone().or_else(|| known("sso_region"));
    if prompt::is_possible() {
        if start_url.is_none() {
            start_url = Some(prompt::text("Start URL of the access portal:", check_start_url)?);
        }
        if region.is_none() {
            region = Some(prompt::text("Region of Identity Center:", check_region)?);
        }
    }
    let (Some(start_url), Some(region)) = (&start_url, &region) else {
        let options = [("--start-url", start_url.is_none()), ("--region", region.is_none())];
        let absent: Vec<_> =
            options.iter().filter(|(_, absent)| *absent).map(|(option, _)| *option).collect();
        return Err(missing(&absent));
    };
    check_start_url(start_url).map_err(Failure::usage)?;
    check_region(region).map_err(Failure::usage)?;
    // Without a scope a device code gets no refresh token.
    let scopes = arguments.scopes.clone().or_else(|| known("sso_registration_scopes"));
    let scopes = scopes.unwrap_or_else(|| "sso:account:access".to_owned());
    let change = Change {
        kind: SectionKind::SsoSession,
        section: &arguments.name,
        set: vec![
            ("sso_start_url", start_url.clone()),
            ("sso_region", region.clone()),
            ("sso_registration_scopes", scopes),
        ],
        unset: Vec::new(),
    };
    if !arguments.edit.force {
        change.check(&sections)?;
    }
    edit(&world, arguments.edit, |document| change.apply(document))?;
    say(&format!("Sign in with `keyfob login --sso-session {}`.", arguments.name));
    Ok(())
}

fn check_start_url(text: &str) -> Result<(), String> {
    let url: Option<http::Uri> = text.parse().ok();
    let is_portal = |url: &http::Uri| url.scheme_str() == Some("https") && url.host().is_some();
    if url.as_ref().is_some_and(is_portal) {
        Ok(())
    } else {
        Err(format!("`{text}` is not a start URL, such as https://d-1234567890.awsapps.com/start"))
    }
}

fn check_region(text: &str) -> Result<(), String> {
    wire::validate_region(text).map_err(|error| error.to_string())
}
