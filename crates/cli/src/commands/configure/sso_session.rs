//! `keyfob configure sso-session`

use std::time::Duration;

use providers::{Network, Service};
use shared_config::{SectionKind, Sections};

use super::{Change, checks, edit, missing, name, region, start_url, warn_of_rejected};
use crate::args::ConfigureSsoSession;
use crate::env::World;
use crate::exit::Failure;
use crate::ui::talk;
use crate::{net, prompt, regions};

pub(crate) fn run(arguments: &ConfigureSsoSession) -> Result<(), Failure> {
    let world = World::capture()?;
    let files = world.files()?;
    let sections = Sections::parse(&files);
    let name = name(arguments.name.as_ref(), "Name of the session:")?;
    warn_of_rejected(sections.sso_session(&name));
    let existing = sections.sso_sessions().find(|section| section.name() == name);
    let known = |key: &str| existing.and_then(|section| section.value(key)).map(str::to_owned);
    let mut new_start_url = arguments.start_url.clone();
    let mut new_region = arguments.region.clone();
    let (known_start_url, known_region) = (known("sso_start_url"), known("sso_region"));
    let asks = prompt::is_possible();
    if asks && new_start_url.is_none() && known_start_url.is_none() {
        let check = |text: &str| checks::start_url(text).map(drop);
        new_start_url = Some(prompt::text("Start URL of the access portal:", check)?);
    }
    let new_start_url = new_start_url.map(|url| start_url(&url)).transpose()?;
    if new_region.is_none() && known_region.is_none() {
        let start_url = new_start_url.as_ref().or(known_start_url.as_ref());
        let found = start_url.map(|start_url| find_region(&world, start_url)).transpose()?;
        let found = found.flatten();
        new_region = match asks {
            true => {
                let check = |text: &str| match arguments.edit.force {
                    true => wire::validate_region(text).map_err(|error| error.to_string()),
                    false => regions::check_sso(text),
                };
                let question = "Region of Identity Center:";
                Some(prompt::text_or(&found.unwrap_or_default(), question, check)?)
            }
            false => found,
        };
    }
    // What is there may be as its owner wants it.
    let force = arguments.edit.force;
    let new_region = new_region.map(|text| region(&text, regions::check_sso, force));
    let start_url = new_start_url.or(known_start_url);
    let region = new_region.transpose()?.or(known_region);
    let (Some(start_url), Some(region)) = (&start_url, &region) else {
        let options = [("--start-url", start_url.is_none()), ("--region", region.is_none())];
        let absent: Vec<_> =
            options.iter().filter(|(_, absent)| *absent).map(|(option, _)| *option).collect();
        return Err(missing(&absent));
    };
    // Without a scope a device code gets no refresh token.
    let scopes = arguments.scopes.clone().or_else(|| known("sso_registration_scopes"));
    let scopes = scopes.unwrap_or_else(|| "sso:account:access".to_owned());
    let change = Change {
        kind: SectionKind::SsoSession,
        section: &name,
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
    if arguments.edit.dry_run {
        return Ok(());
    }
    talk(&format!("Sign in with `keyfob login --sso-session {name}`."));
    Ok(())
}

/// How long the start URL is waited for.
const PATIENCE: Duration = Duration::from_secs(8);

/// Asks the start URL for its region; whoever cannot be asked is asked for it himself.
fn find_region(world: &World, start_url: &str) -> Result<Option<String>, Failure> {
    let network = Network::resolve(&world.environment, None);
    // Whoever stands in for AWS has no start page.
    if network.endpoints.custom(Service::Oidc).is_some() {
        return Ok(None);
    }
    let Ok(context) = net::context_without_retries(world, &network) else { return Ok(None) };
    let region = net::run(None, async {
        Ok(net::within(PATIENCE, login::find_region(&context, start_url)).await)
    });
    let region = region?.and_then(Result::ok).flatten();
    if let Some(region) = &region {
        talk(&format!("{start_url} is in {region}."));
    }
    Ok(region)
}
