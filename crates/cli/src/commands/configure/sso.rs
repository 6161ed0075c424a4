//! `keyfob configure sso`: from nothing to a working profile.

use assignments::AssignedAccount;
use providers::Session;
use shared_config::{Document, FileKind, Files, Profile, ProfileError, Sections};

use super::portal::{ChosenRole, Portal};
use super::profile::{SignIn, Wanted, ask_region, check_kind};
use super::sso_session::{Said, can_find_region};
use super::{Change, check_name, checks, free_name, make, missing, name, warn_of_rejected};
use crate::args::ConfigureSso;
use crate::commands::profiles;
use crate::env::World;
use crate::exit::Failure;
use crate::paste::quote;
use crate::rows::Row;
use crate::ui::talk;
use crate::{config_edit, net, prompt};

/// What stands below the sessions of the config.
const A_NEW_ONE: &str = "a new one";

/// Leads through the questions; nothing is written before the last one is answered.
struct Guide<'g> {
    arguments: &'g ConfigureSso,
    world: &'g World,
    sections: &'g Sections<'g>,
    /// Whether there is somebody to ask.
    asks: bool,
}

pub(crate) fn run(arguments: &ConfigureSso) -> Result<(), Failure> {
    let world = World::capture()?;
    let files = world.files()?;
    let sections = Sections::parse(&files);
    let asks = prompt::can_choose(&world.environment) && !arguments.non_interactive;
    let guide = Guide { arguments, world: &world, sections: &sections, asks };
    let force = arguments.edit.force;
    let given_name = arguments.name.as_ref().or(arguments.profile.as_ref());
    if asks && given_name.is_none() {
        config_edit::check(&world, arguments.edit.dry_run)?;
    }
    let existing = guide.existing(given_name)?;
    let settings = &arguments.settings;
    let (account_id, role_name) = settings.role(existing.as_ref())?;
    let region = settings.checked_region(force)?;

    let picked = guide.pick(existing.as_ref())?;
    if !asks {
        let (has_start_url, has_region) = guide.knows_portal(picked.as_deref())?;
        let absent = [
            ("NAME", given_name.is_none()),
            ("--sso-session", picked.is_none()),
            ("--start-url", !has_start_url),
            ("--sso-region", !has_region && !can_find_region(&world)),
            ("--account-id", account_id.is_none()),
            ("--role-name", role_name.is_none()),
        ];
        if absent.iter().any(|(_, absent)| *absent) {
            return Err(missing(&absent));
        }
    }
    let session_name = match picked {
        Some(name) => name,
        None => {
            let is_free = |name: &str| sections.sso_sessions().all(|known| known.name() != name);
            let default = free_name(arguments.start_url.as_deref().unwrap_or_default(), is_free);
            name(&world, arguments.edit, None, "Name of the session:", &default)?
        }
    };
    let (session, session_change) = guide.session(&session_name)?;
    let ChosenRole { account, role_name } = guide.role(&session, account_id, role_name)?;
    let role = Row::new(&account, &role_name).assigned(None, 0);

    let section = sections.sso_sessions().find(|section| section.name() == session_name);
    let usual_name = profiles::usual_name(&files, section, &session_name, &role)?;
    let likely = given_name.unwrap_or(&usual_name);
    let known_region = sections.any_profile(likely).ok().and_then(|profile| profile.region());
    let region = match region {
        None if asks && (given_name.is_none() || known_region.is_none()) => {
            ask_region(&sections, known_region, || Ok(session.region.clone()))?
        }
        region => region,
    };
    let wanted = Wanted {
        sign_in: SignIn::Session(session_name.clone()),
        account_id: account.account_id.clone(),
        role_name: role_name.clone(),
        region,
        output: settings.output.clone(),
        credential_process: settings.credential_process,
        force,
    };
    let name = match given_name {
        Some(name) => name.clone(),
        None => prompt::text_or(&usual_name, "Name of the profile:", |text| {
            check_name(text)?;
            let change = wanted.change(&world, &sections, text);
            change.map(drop).map_err(|failure| failure.sentence())
        })?,
    };
    let profile_change = wanted.change(&world, &sections, &name)?;
    let asks_to_sync = asks && !arguments.sync && !arguments.no_sync && !arguments.edit.dry_run;
    let syncs = match asks_to_sync {
        true => prompt::confirm_or(false, "Write a profile for every other role, too?")?,
        false => arguments.sync,
    };

    let changes = session_change.iter().chain([&profile_change]);
    make(&world, arguments.edit, &files, changes)?;
    wanted.tell();
    if arguments.edit.dry_run {
        return Ok(());
    }
    if !guide.signs_in() {
        talk(&format!("Sign in with `keyfob login --sso-session {}`.", quote(&session_name)));
    }
    let name = quote(&name);
    talk(&format!("Use it with `keyfob exec --profile {name} -- COMMAND`."));
    if !syncs {
        return Ok(());
    }
    // The region that is kept for the others stays.
    let is_kept = section.is_some_and(|it| it.value("keyfob_sync_region").is_some());
    profiles::sync(&session_name, wanted.region.filter(|_| !is_kept))
}

impl<'g> Guide<'g> {
    /// Whether a sign-in may begin.
    fn signs_in(&self) -> bool {
        self.asks || self.arguments.device_code || self.arguments.no_browser
    }

    /// Returns the profile that is named, where there is one.
    fn existing(&self, name: Option<&String>) -> Result<Option<Profile<'_, 'g>>, Failure> {
        let Some(name) = name else { return Ok(None) };
        check_name(name).map_err(Failure::usage)?;
        let existing = self.sections.any_profile(name);
        warn_of_rejected(existing.as_ref().map_err(Clone::clone));
        let Ok(existing) = existing else { return Ok(None) };
        if !self.arguments.edit.force {
            check_kind(self.world, self.sections, &existing)?;
        }
        talk(&format!("{}: the profile `{name}` is there already.", existing.place("")));
        Ok(Some(existing))
    }

    /// Returns the session of the config that is meant, or the name of a new one.
    fn pick(&self, existing: Option<&Profile<'_, '_>>) -> Result<Option<String>, Failure> {
        let ConfigureSso { sso_session, start_url, sso_region, .. } = self.arguments;
        if let Some(name) = sso_session {
            check_name(name).map_err(Failure::usage)?;
            return Ok(Some(name.clone()));
        }
        let sessions: Vec<_> = self.sections.sso_sessions().collect();
        if let Some(start_url) = start_url {
            let start_url = checks::start_url(start_url).map_err(Failure::usage)?;
            let same = sessions.iter().find(|it| it.value("sso_start_url") == Some(&start_url));
            let same = same.map(|session| session.name().to_owned());
            if let Some(name) = &same {
                talk(&format!("Session: {name}, which has this start URL."));
            }
            return Ok(same);
        }
        if sso_region.is_some() {
            return Ok(None);
        }
        if let Some(name) = existing.and_then(|profile| profile.get("sso_session")) {
            talk(&format!("Session: {name}, as the profile says."));
            return Ok(Some(name.to_owned()));
        }
        if !self.asks {
            let only = sessions.first().filter(|_| sessions.len() == 1);
            return Ok(only.map(|session| session.name().to_owned()));
        }
        if sessions.is_empty() {
            return Ok(None);
        }
        let line = |name: &str, start_url: Option<&str>| match start_url {
            Some(start_url) => format!("{name}  {start_url}"),
            None => name.to_owned(),
        };
        let known = sessions.iter().map(|it| line(it.name(), it.value("sso_start_url")));
        let lines = known.chain([A_NEW_ONE.to_owned()]).collect();
        let index = net::run(None, prompt::choose("Session:", lines))?;
        Ok(sessions.get(index).map(|session| session.name().to_owned()))
    }

    /// What the command line says of the portal, or else the variables, where the session does not.
    fn said(&self, session: Option<&str>) -> Result<Said, Failure> {
        let sessions = || self.sections.sso_sessions();
        let section = session.and_then(|name| sessions().find(|it| it.name() == name));
        let given = |option: &Option<String>, key: &str, variable: &str| -> Result<_, Failure> {
            Ok(match (option, section.and_then(|section| section.value(key))) {
                (None, None) => self.world.environment.text(variable)?.map(str::to_owned),
                (option, _) => option.clone(),
            })
        };
        let ConfigureSso { start_url, sso_region, scopes, edit, .. } = self.arguments;
        let (of_url, of_region) =
            ("AWS_CONFIGURE_SSO_DEFAULT_SSO_START_URL", "AWS_CONFIGURE_SSO_DEFAULT_SSO_REGION");
        Ok(Said {
            start_url: given(start_url, "sso_start_url", of_url)?,
            region: given(sso_region, "sso_region", of_region)?,
            region_option: "--sso-region",
            scopes: scopes.clone(),
            force: edit.force,
            asks: self.asks,
        })
    }

    /// Whether start URL and region of Identity Center are known without a question.
    fn knows_portal(&self, session: Option<&str>) -> Result<(bool, bool), Failure> {
        let said = self.said(session)?;
        let mut sessions = self.sections.sso_sessions();
        let section = session.and_then(|name| sessions.find(|it| it.name() == name));
        let known = |key| section.is_some_and(|section| section.value(key).is_some());
        let has_start_url = said.start_url.is_some() || known("sso_start_url");
        Ok((has_start_url, said.region.is_some() || known("sso_region")))
    }

    /// Returns the session of this name, and the change that makes it where that is needed.
    fn session<'n>(&self, name: &'n str) -> Result<(Session, Option<Change<'n>>), Failure> {
        let ConfigureSso { start_url, sso_region, scopes, .. } = self.arguments;
        let known = match self.sections.sso_session(name) {
            Err(error @ ProfileError::Syntax(_)) => return Err(error.into()),
            known => known.ok(),
        };
        if let Some(known) = known {
            let start_url = start_url.as_deref().map(checks::start_url);
            let says_more = start_url.is_some_and(|it| it.as_deref() != Ok(known.start_url))
                || sso_region.as_ref().is_some_and(|it| it != known.region)
                || scopes.is_some();
            if !says_more {
                return Ok((Session::from(&known), None));
            }
        }
        let change = self.said(Some(name))?.change(self.world, self.sections, name)?;
        // What is made of it is what all commands will read.
        let mut document = Document::new("", FileKind::Config);
        change.apply(&mut document).map_err(Failure::usage)?;
        let files = Files::from_texts(document.as_str(), "");
        let session = Session::from(&Sections::parse(&files).sso_session(name)?);
        Ok((session, Some(change)))
    }

    /// Signs in, and lets the person choose what is not given.
    fn role(
        &self,
        session: &Session,
        account_id: Option<String>,
        role_name: Option<String>,
    ) -> Result<ChosenRole, Failure> {
        let ConfigureSso { device_code, no_browser, .. } = *self.arguments;
        let portal = || {
            let portal = Portal::new(self.world, session)?;
            Ok::<_, Failure>(portal.with_sign_in(device_code, no_browser))
        };
        if self.asks {
            return net::run(None, portal()?.choose_role(account_id, role_name));
        }
        if self.signs_in() {
            net::run(None, portal()?.sign_in_if_needed())?;
        }
        let account_id = account_id.unwrap_or_default();
        let account = AssignedAccount { account_id, account_name: None, email_address: None };
        Ok(ChosenRole { account, role_name: role_name.unwrap_or_default() })
    }
}
