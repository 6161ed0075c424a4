//! `keyfob configure sso-session`

use std::time::Duration;

use providers::{Network, Service};
use shared_config::{SectionKind, Sections};

use super::{Change, checks, make, missing, name, region, start_url, warn_of_rejected};
use crate::args::ConfigureSsoSession;
use crate::env::World;
use crate::exit::Failure;
use crate::ui::talk;
use crate::{net, prompt, regions};

pub(crate) fn run(arguments: &ConfigureSsoSession) -> Result<(), Failure> {
    let world = World::capture()?;
    let files = world.files()?;
    let sections = Sections::parse(&files);
    let name = name(&world, arguments.edit, arguments.name.as_ref(), "Name of the session:", "")?;
    let said = Said {
        start_url: arguments.start_url.clone(),
        region: arguments.region.clone(),
        region_option: "--region",
        scopes: arguments.scopes.clone(),
        force: arguments.edit.force,
        asks: prompt::is_possible(),
    };
    let change = said.change(&world, &sections, &name)?;
    make(&world, arguments.edit, &files, [&change])?;
    if arguments.edit.dry_run {
        return Ok(());
    }
    talk(&format!("Sign in with `keyfob login --sso-session {name}`."));
    Ok(())
}

/// What is said of a session, and whether somebody can be asked for the rest.
pub(super) struct Said {
    pub(super) start_url: Option<String>,
    pub(super) region: Option<String>,
    /// The option that says the region.
    pub(super) region_option: &'static str,
    pub(super) scopes: Option<String>,
    pub(super) force: bool,
    pub(super) asks: bool,
}

impl Said {
    /// Makes the change that brings the session of this name about; fails where it says something
    /// else already.
    pub(super) fn change<'n>(
        self,
        world: &World,
        sections: &Sections<'_>,
        name: &'n str,
    ) -> Result<Change<'n>, Failure> {
        warn_of_rejected(sections.sso_session(name));
        let existing = sections.sso_sessions().find(|section| section.name() == name);
        let known = |key: &str| existing.and_then(|section| section.value(key)).map(str::to_owned);
        let (known_start_url, known_region) = (known("sso_start_url"), known("sso_region"));
        let (mut new_start_url, mut new_region) = (self.start_url, self.region);
        if self.asks && new_start_url.is_none() && known_start_url.is_none() {
            let check = |text: &str| checks::start_url(text).map(drop);
            new_start_url = Some(prompt::text("Start URL of the access portal:", check)?);
        }
        let new_start_url = new_start_url.map(|url| start_url(&url)).transpose()?;
        if new_region.is_none() && known_region.is_none() {
            let start_url = new_start_url.as_ref().or(known_start_url.as_ref());
            let found = start_url.map(|start_url| find_region(world, start_url)).transpose()?;
            let found = found.flatten();
            new_region = match self.asks {
                true => {
                    let check = |text: &str| match self.force {
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
        let new_region = new_region.map(|text| region(&text, regions::check_sso, self.force));
        let start_url = new_start_url.or(known_start_url);
        let region = new_region.transpose()?.or(known_region);
        let absent = [("--start-url", start_url.is_none()), (self.region_option, region.is_none())];
        let (Some(start_url), Some(region)) = (start_url, region) else {
            return Err(missing(&absent));
        };
        // Without a scope a device code gets no refresh token.
        let scopes = self.scopes.or_else(|| known("sso_registration_scopes"));
        let scopes = scopes.unwrap_or_else(|| "sso:account:access".to_owned());
        let change = Change {
            kind: SectionKind::SsoSession,
            section: name,
            set: vec![
                ("sso_start_url", start_url),
                ("sso_region", region),
                ("sso_registration_scopes", scopes),
            ],
            unset: Vec::new(),
        };
        if !self.force {
            change.check(world, sections)?;
        }
        Ok(change)
    }
}

/// Whether the start URL can be asked for its region: whoever stands in for AWS has no start page.
pub(super) fn can_find_region(world: &World) -> bool {
    Network::resolve(&world.environment, None).endpoints.custom(Service::Oidc).is_none()
}

/// How long the start URL is waited for.
const PATIENCE: Duration = Duration::from_secs(8);

/// Asks the start URL for its region; whoever cannot be asked is asked for it himself.
fn find_region(world: &World, start_url: &str) -> Result<Option<String>, Failure> {
    if !can_find_region(world) {
        return Ok(None);
    }
    let network = Network::resolve(&world.environment, None);
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
