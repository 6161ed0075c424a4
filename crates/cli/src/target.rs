//! Whose credentials a command line means.

use std::sync::{Arc, Mutex};

use providers::{
    Base, ChainOptions, Plan, Role, Session, SsoPlan, TokenCodeError, TokenProvider, default_plan,
    is_account_id, plan,
};
use shared_config::{Environment, Files, Profile, ProfileError, SectionKind, Sections};
use wire::Secret;

use crate::args::Target;
use crate::env::World;
use crate::exit::Failure;

/// The variable that names an account where nothing else does.
const ACCOUNT_ID: &str = "AWS_SSO_ACCOUNT_ID";

impl Target {
    /// Reads the files, of large ones what the target may need.
    pub(crate) fn files(&self, world: &World) -> Result<Files, Failure> {
        let Some(name) = &self.profile else { return world.files() };
        let files = Files::load_for_profile(&world.locations, name)?;
        // Its source, or the line that tells why there is no such profile, may be anywhere.
        let needs_all = || match Sections::for_profile(&files, name).profile(name) {
            Ok(profile) => profile.get("source_profile").is_some(),
            Err(error) => matches!(error, ProfileError::Unknown { .. }),
        };
        if files.is_excerpt() && needs_all() { world.files() } else { Ok(files) }
    }

    /// Reads the sections that the target may need: a big file is not read whole for one profile.
    pub(crate) fn sections<'a>(&self, files: &'a Files) -> Result<Sections<'a>, Failure> {
        Ok(match &self.profile {
            Some(name) => {
                let alone = Sections::for_profile(files, name);
                let has_source = alone.profile(name)?.get("source_profile").is_some();
                if has_source { Sections::parse(files) } else { alone }
            }
            None => Sections::parse_if(files, |header| header.kind == SectionKind::SsoSession),
        })
    }

    /// Returns the profile, where one is named.
    pub(crate) fn profile<'s, 'a>(
        &self,
        sections: &'s Sections<'a>,
    ) -> Result<Option<Profile<'s, 'a>>, Failure> {
        Ok(self.profile.as_deref().map(|name| sections.profile(name)).transpose()?)
    }

    /// Finds the role that is meant: flags win over the profile, the profile over the environment.
    pub(crate) fn plan<'a>(
        &'a self,
        environment: &'a Environment,
        sections: &Sections<'a>,
    ) -> Result<Plan<'a>, Failure> {
        let planned = self.profile.as_deref().map(|name| plan(sections, name)).transpose()?;
        let sso = match planned {
            Some(Plan { base: Base::Sso(sso), hops, .. }) if hops.is_empty() => Some(sso),
            Some(plan) if self.names_sso() => {
                let (name, kind) = (self.profile.as_deref().unwrap_or_default(), plan.kind());
                let error = format!("profile `{name}` gets its credentials by {kind}, not by sso");
                return Err(Failure::usage(error).with_hint("leave out the options of a role"));
            }
            Some(plan) => return Ok(plan),
            None => None,
        };
        let value = |flag: &'a Option<String>, planned: Option<&'a str>, variable: &str| {
            let said = flag.as_deref().or(planned);
            said.map_or_else(|| environment.text(variable), |said| Ok(Some(said)))
        };
        let planned = |of: fn(&SsoPlan<'a>) -> Option<&'a str>| sso.as_ref().and_then(of);
        let account_id = value(&self.account_id, planned(|p| p.account_id), ACCOUNT_ID)?;
        let role_name = value(&self.role_name, planned(|p| p.role_name), "AWS_SSO_ROLE_NAME")?;
        let session = self.session(environment, sections, sso.as_ref().map(|sso| &sso.session))?;
        match (session, account_id, role_name) {
            (Some(session), Some(account_id), Some(role_name)) => {
                if !is_account_id(account_id) {
                    // What an option says has been checked.
                    if let Some(sso) = sso.as_ref().filter(|sso| sso.account_id.is_some()) {
                        sso.role()?; // knows the line
                    }
                    let reason = "is no account id, which has twelve digits";
                    return Err(Failure::usage(format!("{ACCOUNT_ID}: `{account_id}` {reason}")));
                }
                Ok(Plan::of_sso_role(session, Role { account_id, role_name }))
            }
            (session, account_id, role_name) => {
                // The profile knows the line on which something is missing.
                if let Some(sso) = &sso {
                    sso.role()?;
                }
                Err(missing(session.is_none(), account_id.is_none(), role_name.is_none()))
            }
        }
    }

    /// The same, but where nothing is said at all, what a program finds that is told nothing.
    pub(crate) fn plan_or_default<'a>(
        &'a self,
        environment: &'a Environment,
        sections: &Sections<'a>,
    ) -> Result<Plan<'a>, Failure> {
        if self.profile.is_none() && !self.names_sso() {
            Ok(default_plan(sections, environment)?)
        } else {
            self.plan(environment, sections)
        }
    }

    /// Whether nothing but options names the role.
    fn names_sso(&self) -> bool {
        let options = [
            &self.account_id,
            &self.role_name,
            &self.sso_session,
            &self.start_url,
            &self.sso_region,
        ];
        options.iter().any(|option| option.is_some())
    }

    fn session(
        &self,
        environment: &Environment,
        sections: &Sections<'_>,
        planned: Option<&Session>,
    ) -> Result<Option<Session>, Failure> {
        if let Some(name) = &self.sso_session {
            return Ok(Some(Session::from(&sections.sso_session(name)?)));
        }
        if let (None, None, Some(planned)) = (&self.start_url, &self.sso_region, planned) {
            return Ok(Some(planned.clone()));
        }
        let or_variable = |said: Option<&str>, variable: &str| -> Result<_, Failure> {
            Ok(match said {
                Some(said) => Some(said.to_owned()),
                None => environment.text(variable)?.map(str::to_owned),
            })
        };
        let start_url = self.start_url.as_deref();
        let start_url = start_url.or_else(|| planned.map(|session| session.start_url.as_str()));
        let start_url = or_variable(start_url, "AWS_SSO_START_URL")?;
        let region = self.sso_region.as_deref();
        let region = region.or_else(|| planned.map(|session| session.region.as_str()));
        let region = or_variable(region, "AWS_SSO_REGION")?;
        Ok(start_url.zip(region).map(|(start_url, region)| Session::legacy(&start_url, &region)))
    }

    /// What is asked beyond the plan; `otherwise` gives MFA codes where the options have none.
    pub(crate) fn options(
        &self,
        otherwise: Option<Arc<dyn TokenProvider>>,
    ) -> Result<ChainOptions, Failure> {
        let code = self.mfa_code.as_deref().map(TokenCodeError::check).transpose();
        let code = code.map_err(|error| Failure::usage(format!("--mfa-code: {error}")))?;
        let token_provider = code.map(given_once).or(otherwise);
        Ok(ChainOptions { force_refresh: self.force_refresh, token_provider })
    }

    /// Names the target for people.
    pub(crate) fn name(&self) -> String {
        let role = || self.role_name.as_deref().zip(self.account_id.as_deref());
        let named = role().map(|(role, account)| format!("{role}@{account}"));
        self.profile.clone().or(named).unwrap_or_else(|| "default".to_owned())
    }
}

/// A code counts once: a second role of a chain needs another one.
fn given_once(code: Secret<String>) -> Arc<dyn TokenProvider> {
    let code = Mutex::new(Some(code));
    Arc::new(move |_: &str| {
        let code = code.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        code.ok_or_else(|| TokenCodeError::new("the code of --mfa-code is used up"))
    })
}

fn missing(session: bool, account_id: bool, role_name: bool) -> Failure {
    let options = [
        (session, "--sso-session, or --start-url and --sso-region"),
        (account_id, "--account-id"),
        (role_name, "--role-name"),
    ];
    let missing: Vec<_> =
        options.iter().filter(|(is_missing, _)| *is_missing).map(|(_, option)| *option).collect();
    Failure::usage(format!("it is not said whose credentials: missing {}", missing.join("; ")))
        .with_hint("name a --profile that has them, or give the options")
}
