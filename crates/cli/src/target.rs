//! Whose credentials a command line means.

use std::sync::{Arc, Mutex};

use providers::{
    Base, Identity, ProviderOptions, ResolveError, TokenCodeError, TokenProvider, resolve,
    resolve_default, resolve_provided_in,
};
use shared_config::Sections;
use wire::Secret;

use crate::args::Target;
use crate::env::World;
use crate::exit::Failure;

impl Target {
    /// Finds out whose credentials are meant: options win over the profile, the profile over the
    /// environment.
    pub(crate) fn identity(&self, world: &World) -> Result<Identity, Failure> {
        let identity = resolve(&world.locations, &world.environment, &self.said())?;
        if let Base::Sso(sso) = &identity.base {
            sso.role()?;
        }
        Ok(identity)
    }

    /// The same of a completed target, which may leave it to what the machine provides.
    pub(crate) fn identity_or_provided(&self, world: &World) -> Result<Identity, Failure> {
        if self.says_something() || names_role(world) {
            return self.identity(world);
        }
        let files = world.files()?;
        match resolve_provided_in(&Sections::parse(&files), &world.environment)? {
            Some(identity) => Ok(identity),
            None => self.identity(world),
        }
    }

    /// The same, but where nothing is said at all, what a program finds that is told nothing.
    pub(crate) fn identity_or_default(&self, world: &World) -> Result<Identity, Failure> {
        if self.says_something() {
            self.identity(world)
        } else {
            Ok(resolve_default(&world.locations, &world.environment)?)
        }
    }

    /// The region that goes with the credentials: that of the profile that is named, else that of the
    /// environment.
    pub(crate) fn region<'r>(
        &self,
        identity: &'r Identity,
        world: &'r World,
    ) -> Result<Option<&'r str>, Failure> {
        let of_profile = identity.region.as_deref();
        if of_profile.is_some() && self.session.profile.is_some() {
            return Ok(of_profile);
        }
        let of_environment = world.environment.first_text(&["AWS_REGION", "AWS_DEFAULT_REGION"])?;
        Ok(of_environment.or(of_profile))
    }

    /// Whether the options name a profile or role, or a part of one, and not a session alone.
    pub(crate) fn names_somebody(&self) -> bool {
        let names = [&self.session.profile, &self.account_id, &self.role_name];
        names.iter().any(|name| name.is_some())
    }

    /// Whether the options say anything at all.
    pub(crate) fn says_something(&self) -> bool {
        self.said() != providers::Target::default()
    }

    fn said(&self) -> providers::Target<'_> {
        let mut target = self.session.said();
        target.account_id = self.account_id.as_deref();
        target.role_name = self.role_name.as_deref();
        target
    }

    /// What is asked beyond that; `otherwise` gives MFA codes where the options have none.
    pub(crate) fn options(
        &self,
        otherwise: Option<Arc<dyn TokenProvider>>,
    ) -> Result<ProviderOptions, Failure> {
        let code = self.mfa_code.as_deref().map(TokenCodeError::check).transpose();
        let code = code.map_err(|error| Failure::usage(format!("--mfa-code: {error}")))?;
        let token_provider = code.map(given_once).or(otherwise);
        let mut options = ProviderOptions::default().with_force_refresh(self.force_refresh);
        options.token_provider = token_provider;
        Ok(options)
    }

    /// Names the target for people.
    pub(crate) fn name(&self) -> String {
        let role = || self.role_name.as_deref().zip(self.account_id.as_deref());
        let named = role().map(|(role, account)| format!("{role}@{account}"));
        self.session.profile.clone().or(named).unwrap_or_else(|| "environment".to_owned())
    }
}

/// Whether the environment names a role, or a part of one.
pub(crate) fn names_role(world: &World) -> bool {
    let variables = ["AWS_SSO_ACCOUNT_ID", "AWS_SSO_ROLE_NAME"];
    variables.iter().any(|name| world.environment.get_os(name).is_some())
}

/// A code counts once: a second role of a chain needs another one.
fn given_once(code: Secret<String>) -> Arc<dyn TokenProvider> {
    let code = Mutex::new(Some(code));
    Arc::new(move |_: &str| {
        let code = code.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        code.ok_or_else(|| TokenCodeError::new("the code of --mfa-code is used up"))
    })
}

impl From<ResolveError> for Failure {
    fn from(error: ResolveError) -> Self {
        match error {
            ResolveError::Profile(error) => error.into(),
            ResolveError::Incomplete { missing, .. } => missing_options(&missing),
            error @ ResolveError::NotSso { .. } => {
                Self::usage(error).with_hint("leave out the options of a role")
            }
            error @ ResolveError::Nothing { .. } => {
                Self::usage(error).with_hint("name a --profile; `keyfob profiles` lists them")
            }
            error => Self::usage(error),
        }
    }
}

fn missing_options(missing: &[&str]) -> Failure {
    // Of a session alone; it may be meant for a sign-in.
    match missing {
        ["region of the start URL"] => {
            return Failure::usage("a start URL needs its region").with_hint("add --sso-region");
        }
        ["start URL"] => {
            return Failure::usage("--sso-region needs the start URL").with_hint("add --start-url");
        }
        _ => {}
    }
    let options = missing.iter().map(|what| match *what {
        "session" => "--sso-session, or --start-url and --sso-region",
        "account id" => "--account-id",
        _ => "--role-name",
    });
    let options: Vec<_> = options.collect();
    Failure::usage(format!(
        "neither a profile nor a whole role is given: missing {}",
        options.join("; ")
    ))
    .with_hint("name a --profile that has them, or give the options")
}
