use std::path::Path;
use std::sync::Arc;

use shared_config::{Environment, Locations, Sections};
use token_cache::{CacheKey, Directory, Portal};
use wire::{Secret, Timestamp};

use crate::assumed_role_file;
use crate::{
    AssumeRole, AssumeRoleOptions, Base, Container, Context, Credentials, Error, Hop, Plan,
    Process, ProcessTokenProvider, ProvideCredentials, SsoPlan, SsoRole, SsoToken, Static,
    TokenProvider, WebIdentity, WebIdentityOptions, probe, static_keys,
};

/// The providers that a [`Plan`] means, one after another.
pub struct Chain<'p, 'a> {
    plan: &'p Plan<'a>,
    sections: &'p Sections<'a>,
    environment: &'p Environment,
    caches: &'p Caches,
}

/// The directories that programs share credentials through.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "built by literal, each may be elsewhere")]
pub struct Caches {
    /// SSO tokens, of all SDKs.
    pub sso: Directory,
    /// The credentials of SSO roles, of the AWS CLI.
    pub cli: Directory,
    /// The credentials of roles that were assumed, of keyfob alone.
    pub assumed_roles: Directory,
    /// The accounts and roles of sessions, of keyfob alone.
    pub listings: Directory,
}

/// What is asked of a chain beyond its plan.
#[derive(Clone, Default)]
#[expect(clippy::exhaustive_structs, reason = "options, built by literal")]
pub struct ChainOptions {
    /// Whether the last credentials are fetched anew although there are cached ones.
    pub force_refresh: bool,
    /// Where MFA codes come from, for roles without an `mfa_process`.
    pub token_provider: Option<Arc<dyn TokenProvider>>,
}

impl Caches {
    /// Takes the directories where all tools have them, and two of `keyfob` in the user's cache
    /// directory: `XDG_CACHE_HOME`, else `~/.cache`; on Windows `LOCALAPPDATA`.
    pub fn new(locations: &Locations, environment: &Environment) -> Self {
        let variable = if cfg!(windows) { "LOCALAPPDATA" } else { "XDG_CACHE_HOME" };
        let cache = environment.get_os(variable).map(Path::new).filter(|path| path.is_absolute());
        let cache = cache.map_or_else(|| locations.home.join(".cache"), Path::to_owned);
        // Nobody but keyfob writes there, and it writes nothing for another user.
        let own = |name| Directory::new(cache.join("keyfob").join(name)).with_own_files();
        Self {
            sso: Directory::new(&locations.sso_cache),
            cli: Directory::new(&locations.cli_cache),
            assumed_roles: own("assumed-roles"),
            listings: own("listings"),
        }
    }
}

impl<'p, 'a> Chain<'p, 'a> {
    /// Prepares the chain of a plan that was made of `sections`.
    pub fn new(
        plan: &'p Plan<'a>,
        sections: &'p Sections<'a>,
        environment: &'p Environment,
        caches: &'p Caches,
    ) -> Self {
        Self { plan, sections, environment, caches }
    }

    /// Looks for the credentials in the caches: one file is read, nothing else.
    pub fn probe(&self, now: Timestamp) -> Option<Credentials> {
        let Some((_, options, source)) = self.hops().pop() else {
            return match &self.plan.base {
                Base::Sso(sso) => probe(&sso.session, sso.role().ok()?, &self.caches.cli, now),
                _ => self.assumed(&self.web_identity()?.cache_key(), now),
            };
        };
        self.assumed(&options.key(&source).cache_key(), now)
    }

    fn assumed(&self, key: &CacheKey, now: Timestamp) -> Option<Credentials> {
        let kept = assumed_role_file::load(&self.caches.assumed_roles.file(key), now)?;
        kept.serves.then_some(kept.credentials)
    }

    /// Makes the providers.
    ///
    /// # Errors
    /// Fails where the plan cannot be carried out: a variable of the environment is missing, a
    /// source is one that keyfob does not ask, or a command would call itself.
    pub fn provider(
        &self,
        context: &Context,
        options: &ChainOptions,
    ) -> Result<Arc<dyn ProvideCredentials>, Error> {
        let hops = self.hops();
        if hops.iter().any(|(hop, ..)| hop.region.is_none()) {
            self.environment.first_text(&REGION)?;
        }
        let force_base = options.force_refresh && hops.is_empty();
        let mut provider = self.base(context, force_base)?;
        let last = hops.len();
        for (index, (hop, mut role, source)) in hops.into_iter().enumerate() {
            role.token_provider = match hop.mfa_process.as_deref() {
                Some(command) => {
                    let context = context.clone();
                    Some(Arc::new(ProcessTokenProvider::new(context, command, self.environment)))
                }
                None => options.token_provider.clone(),
            };
            let role = AssumeRole::new(context.clone(), provider, role)
                .with_cache(&self.caches.assumed_roles, &source, self.portal())
                .with_force_refresh(options.force_refresh && index + 1 == last);
            provider = Arc::new(role);
        }
        Ok(provider)
    }

    fn base(
        &self,
        context: &Context,
        force_refresh: bool,
    ) -> Result<Arc<dyn ProvideCredentials>, Error> {
        Ok(match &self.plan.base {
            Base::Container => Arc::new(Container::new(context.clone(), self.environment)?),
            Base::Environment => Arc::new(static_keys::Environment::new(self.environment)?),
            Base::InstanceMetadata => {
                return Err(Error::not_configured(
                    "credential_source = Ec2InstanceMetadata",
                    "keyfob does not ask the instance metadata service; name a `source_profile`, \
                     or let the SDK on the instance do so itself",
                ));
            }
            Base::Process { profile, command } => {
                let process = Process::new(context.clone(), profile, command, self.environment)?;
                let profile = self.sections.profile(profile).ok();
                let account_id = profile.as_ref().and_then(|p| p.get("aws_account_id"));
                Arc::new(process.with_account_id(account_id))
            }
            Base::Sso(sso) => Arc::new(self.sso_role(sso, context, force_refresh)?),
            Base::Static(profile) => Arc::new(self.static_keys(profile)?),
            Base::WebIdentity { .. } => {
                let options = self.web_identity().ok_or_else(|| {
                    Error::not_configured("web identity", "the profile names none")
                })?;
                let role = WebIdentity::new(context.clone(), options)
                    .with_cache(&self.caches.assumed_roles)
                    .with_force_refresh(force_refresh);
                Arc::new(role)
            }
        })
    }

    fn web_identity(&self) -> Option<WebIdentityOptions> {
        let Base::WebIdentity { role_arn, role_session_name, token_file, duration_seconds } =
            &self.plan.base
        else {
            return None;
        };
        let region = self.region(None, role_arn);
        let mut options = WebIdentityOptions::new(role_arn, token_file, &region);
        options.role_session_name = role_session_name.map(str::to_owned);
        options.duration_seconds = *duration_seconds;
        Some(options)
    }

    fn sso_role(
        &self,
        sso: &SsoPlan<'_>,
        context: &Context,
        force_refresh: bool,
    ) -> Result<SsoRole, Error> {
        let role =
            sso.role().map_err(|error| Error::not_configured("the SSO role", error.to_string()))?;
        let token = SsoToken::new(context.clone(), sso.session.clone(), &self.caches.sso);
        Ok(SsoRole::new(token, role)
            .with_cli_cache(&self.caches.cli)
            .with_force_refresh(force_refresh))
    }

    fn static_keys(&self, name: &str) -> Result<Static, Error> {
        let profile = self.sections.profile(name).ok();
        let get = |key: &str| profile.as_ref().and_then(|profile| profile.get(key));
        let (Some(id), Some(secret)) = (get("aws_access_key_id"), get("aws_secret_access_key"))
        else {
            let what = format!("profile `{name}`");
            return Err(Error::not_configured(&what, "it has no keys"));
        };
        let credentials = Credentials::new(
            id.to_owned(),
            Secret::from(secret),
            get("aws_session_token").map(Secret::from),
            None,
            get("aws_account_id").map(str::to_owned),
        );
        Ok(Static::new(credentials, &format!("profile `{name}`")))
    }

    /// The roles that are assumed: what is asked for, and by whom.
    fn hops(&self) -> Vec<(&'p Hop<'a>, AssumeRoleOptions, String)> {
        let mut source = self.identity();
        let mut hops = Vec::new();
        for hop in &self.plan.hops {
            let owned = |text: Option<&str>| text.map(str::to_owned);
            let region = self.region(hop.region, hop.role_arn);
            let mut options = AssumeRoleOptions::new(hop.role_arn, &region);
            options.role_session_name = owned(hop.role_session_name);
            options.duration_seconds = hop.duration_seconds;
            options.external_id = owned(hop.external_id);
            options.serial_number = owned(hop.mfa_serial);
            let next = options.key(&source).cache_key().to_string();
            hops.push((hop, options, source));
            source = next;
        }
        hops
    }

    /// Whose credentials the first role is assumed with, as far as the configuration tells.
    fn identity(&self) -> String {
        let variable = |name| self.environment.get(name).unwrap_or_default();
        match &self.plan.base {
            Base::Container => format!(
                "container {}{}",
                variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
                variable("AWS_CONTAINER_CREDENTIALS_FULL_URI")
            ),
            Base::Environment => format!("key {}", variable("AWS_ACCESS_KEY_ID")),
            Base::InstanceMetadata => "instance".to_owned(),
            Base::Process { command, .. } => format!("process {command}"),
            Base::Sso(sso) => {
                let session = &sso.session;
                format!(
                    "sso {} {} {:?} {:?} {:?}",
                    session.start_url, session.region, session.name, sso.account_id, sso.role_name
                )
            }
            Base::Static(name) => {
                let profile = self.sections.profile(name).ok();
                let id = profile.as_ref().and_then(|p| p.get("aws_access_key_id"));
                format!("key {}", id.unwrap_or_default())
            }
            Base::WebIdentity { .. } => {
                let options = self.web_identity();
                options.map(|options| options.cache_key().to_string()).unwrap_or_default()
            }
        }
    }

    fn portal(&self) -> Option<Portal> {
        let Base::Sso(sso) = &self.plan.base else { return None };
        Some(Portal {
            start_url: sso.session.start_url.clone(),
            session_name: sso.session.name.clone(),
        })
    }

    /// The region whose STS is asked for a role: that of the profile that names it, of the
    /// environment, of the SSO session, or else the first one of the partition of the ARN.
    fn region(&self, of_profile: Option<&str>, role_arn: &str) -> String {
        // One that cannot be read is a region of nobody: `provider` refuses it.
        let of_environment = || {
            let value = REGION.iter().find_map(|name| self.environment.get_os(name));
            value.map(std::ffi::OsStr::to_string_lossy)
        };
        let of_session = || match &self.plan.base {
            Base::Sso(sso) => Some(sso.session.region.as_str().into()),
            _ => None,
        };
        let region = of_profile.map(Into::into).or_else(of_environment).or_else(of_session);
        region.unwrap_or_else(|| implicit_region(role_arn).into()).into_owned()
    }
}

/// The variables that name the region.
const REGION: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];

/// The region of a partition whose STS answers for all of it.
fn implicit_region(role_arn: &str) -> &'static str {
    match role_arn.split(':').nth(1) {
        Some("aws-cn") => "cn-northwest-1",
        Some("aws-us-gov") => "us-gov-west-1",
        Some("aws-eusc") => "eusc-de-east-1",
        Some("aws-iso") => "us-iso-east-1",
        Some("aws-iso-b") => "us-isob-east-1",
        Some("aws-iso-e") => "eu-isoe-west-1",
        Some("aws-iso-f") => "us-isof-south-1",
        _ => "us-east-1",
    }
}
