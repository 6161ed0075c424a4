//! The providers that an identity means, one after another.

use std::sync::Arc;

use token_cache::{CacheKey, SourceSession};
use wire::Timestamp;

use crate::{
    AssumeRole, AssumeRoleOptions, Base, Caches, Container, Context, Credentials, EnvironmentKeys,
    Error, Identity, Process, ProcessTokenProvider, ProvideCredentials, SsoBase, SsoRole, SsoToken,
    Static, TokenProvider, WebIdentity, WebIdentityBase, WebIdentityOptions, assumed_role_file,
    sso_role,
};

/// What is asked of an identity beyond what it means.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ProviderOptions {
    /// Whether the last credentials are fetched anew although there are cached ones.
    pub force_refresh: bool,
    /// Where MFA codes come from, for roles without an `mfa_process`.
    pub token_provider: Option<Arc<dyn TokenProvider>>,
}

impl ProviderOptions {
    /// Fetches the last credentials anew although there are cached ones.
    #[must_use]
    pub fn with_force_refresh(self, force_refresh: bool) -> Self {
        Self { force_refresh, ..self }
    }

    /// Takes MFA codes from there, for roles without an `mfa_process`.
    #[must_use]
    pub fn with_token_provider(self, token_provider: Arc<dyn TokenProvider>) -> Self {
        Self { token_provider: Some(token_provider), ..self }
    }
}

/// A role that is assumed: what is asked for, and by whom.
struct Step<'a> {
    mfa_process: Option<&'a str>,
    options: AssumeRoleOptions,
    source: String,
}

impl Identity {
    /// Looks for the credentials in the caches: one file is read, nothing else happens.
    ///
    /// Credentials with too little life left are not found; see
    /// [`CachedRole::serves`](token_cache::CachedRole::serves).
    pub fn probe(&self, caches: &Caches, now: Timestamp) -> Option<Credentials> {
        let assumed = |key: &CacheKey| {
            let kept = assumed_role_file::load(&caches.assumed_roles.file(key), now)?;
            kept.serves.then_some(kept.credentials)
        };
        match (self.steps().pop(), &self.base) {
            (Some(step), _) => assumed(&step.options.key(&step.source).cache_key()),
            (None, Base::Sso(sso)) => {
                sso_role::probe(&sso.session, sso.role().ok()?, &caches.cli, now)
            }
            (None, Base::WebIdentity(base)) => assumed(&self.web_identity(base).cache_key()),
            (None, _) => None,
        }
    }

    /// Makes the provider. It keeps credentials in the caches of the context, and calls the services
    /// where the identity says that they are, not where the context does.
    ///
    /// # Errors
    /// As [`Identity::provider_with`].
    pub fn provider(&self, context: &Context) -> Result<Arc<dyn ProvideCredentials>, Error> {
        self.provider_with(context, &ProviderOptions::default())
    }

    /// The same with options.
    ///
    /// # Errors
    /// Fails where the identity cannot be had: a variable of the environment is missing, the source
    /// is the instance metadata service, or a command would call itself.
    pub fn provider_with(
        &self,
        context: &Context,
        options: &ProviderOptions,
    ) -> Result<Arc<dyn ProvideCredentials>, Error> {
        let context = &context.clone().with_endpoints(self.network.endpoints.clone());
        if self.hops.iter().any(|hop| hop.region.is_none()) {
            self.environment.first_text(&REGION)?;
        }
        let mut provider = self.base(context, options.force_refresh && self.hops.is_empty())?;
        let steps = self.steps();
        let last = steps.len();
        for (index, Step { mfa_process, options: mut role, source }) in
            steps.into_iter().enumerate()
        {
            role.token_provider = match mfa_process {
                Some(command) => {
                    let context = context.clone();
                    Some(Arc::new(ProcessTokenProvider::new(context, command, &self.environment)))
                }
                None => options.token_provider.clone(),
            };
            let role = AssumeRole::new(context.clone(), provider, role)
                .with_cache(&source, self.portal())
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
        Ok(match &self.base {
            Base::Container => Arc::new(Container::new(context.clone(), &self.environment)?),
            Base::Environment => Arc::new(EnvironmentKeys::new(&self.environment)?),
            Base::InstanceMetadata => {
                return Err(Error::not_configured(
                    "credential_source = Ec2InstanceMetadata",
                    "the instance metadata service is not supported; name a `source_profile`, or \
                     let the SDK on the instance ask it",
                ));
            }
            Base::Process(base) => {
                let context = context.clone();
                let process =
                    Process::new(context, &base.profile, &base.command, &self.environment)?;
                Arc::new(process.with_account_id(base.account_id.as_deref()))
            }
            Base::Sso(sso) => Arc::new(sso_role(sso, context, force_refresh)?),
            Base::Static(base) => {
                let detail = format!("profile `{}`", base.profile);
                Arc::new(Static::new(base.credentials.clone(), &detail))
            }
            Base::WebIdentity(base) => {
                let role = WebIdentity::new(context.clone(), self.web_identity(base))
                    .with_cache()
                    .with_force_refresh(force_refresh);
                Arc::new(role)
            }
        })
    }

    fn web_identity(&self, base: &WebIdentityBase) -> WebIdentityOptions {
        let region = self.region_of(None, &base.role_arn);
        let mut options = WebIdentityOptions::new(&base.role_arn, &base.token_file, &region);
        options.role_session_name.clone_from(&base.role_session_name);
        options.duration_seconds = base.duration_seconds;
        options
    }

    /// The roles that are assumed.
    fn steps(&self) -> Vec<Step<'_>> {
        let mut source = String::new();
        let mut steps = Vec::new();
        for hop in &self.hops {
            if steps.is_empty() {
                source = self.source();
            }
            let region = self.region_of(hop.region.as_deref(), &hop.role_arn);
            let mut options = AssumeRoleOptions::new(&hop.role_arn, &region);
            options.role_session_name.clone_from(&hop.role_session_name);
            options.duration_seconds = hop.duration_seconds;
            options.external_id.clone_from(&hop.external_id);
            options.serial_number.clone_from(&hop.mfa_serial);
            let next = options.key(&source).cache_key().to_string();
            steps.push(Step { mfa_process: hop.mfa_process.as_deref(), options, source });
            source = next;
        }
        steps
    }

    /// Whose credentials the first role is assumed with, as far as the configuration tells. The name
    /// of a cache file is made of it, so it must stay as it is.
    fn source(&self) -> String {
        let variable = |name| self.environment.get(name).unwrap_or_default();
        match &self.base {
            Base::Container => format!(
                "container {}{}",
                variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
                variable("AWS_CONTAINER_CREDENTIALS_FULL_URI")
            ),
            Base::Environment => format!("key {}", variable("AWS_ACCESS_KEY_ID")),
            Base::InstanceMetadata => "instance".to_owned(),
            Base::Process(base) => format!("process {}", base.command),
            Base::Sso(sso) => {
                let session = &sso.session;
                let mut source = "sso".to_owned();
                for part in [
                    Some(&session.start_url),
                    Some(&session.region),
                    session.name.as_ref(),
                    sso.account_id.as_ref(),
                    sso.role_name.as_ref(),
                ] {
                    let (there, part) = part.map_or(("-", ""), |part| ("=", part));
                    source += &format!(" {there}{}:{part}", part.len());
                }
                source
            }
            Base::Static(base) => format!("key {}", base.credentials.access_key_id),
            Base::WebIdentity(base) => self.web_identity(base).cache_key().to_string(),
        }
    }

    fn portal(&self) -> Option<SourceSession> {
        let session = self.session()?;
        let (start_url, session_name) = (session.start_url.clone(), session.name.clone());
        Some(SourceSession { start_url, session_name })
    }

    /// The region whose STS is asked for a role: that of the profile that names it, of the
    /// environment, of the SSO session, or else the first one of the partition of the ARN.
    fn region_of(&self, of_profile: Option<&str>, role_arn: &str) -> String {
        // One that cannot be read is a region of nobody: `provider` refuses it.
        let of_environment = || {
            let value = REGION.iter().find_map(|name| self.environment.get_os(name));
            value.map(std::ffi::OsStr::to_string_lossy)
        };
        let of_session = || self.session().map(|session| session.region.as_str().into());
        let region = of_profile.map(Into::into).or_else(of_environment).or_else(of_session);
        region.unwrap_or_else(|| implicit_region(role_arn).into()).into_owned()
    }
}

fn sso_role(sso: &SsoBase, context: &Context, force_refresh: bool) -> Result<SsoRole, Error> {
    let role =
        sso.role().map_err(|error| Error::not_configured("the SSO role", error.to_string()))?;
    let token = SsoToken::new(context.clone(), sso.session.clone());
    Ok(SsoRole::new(token, role).with_cache().with_force_refresh(force_refresh))
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
