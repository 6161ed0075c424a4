use std::sync::Arc;

use sts_proto::{AssumedRole, Endpoint};
use token_cache::{AssumedRoleKey, SourceSession};
use wire::Secret;

use crate::assumed_role_file::{AssumedRoleFile, KeptRole};
use crate::single_flight::{self, Shared};
use crate::sts::{self, SessionName};
use crate::{Context, Credentials, CredentialsFuture, Error, ProvideCredentials, TokenProvider};

/// What Go's `stscreds.AssumeRoleProvider` does: trades the credentials of another provider for
/// those of a role, and keeps them on disk where a cache is given.
///
/// A session that is opened with temporary credentials lasts an hour at most, so a longer duration
/// is clamped to that, with a warning. Where the service does not accept the signature because the
/// clock of this machine is wrong, it is asked once more by its own clock.
#[derive(Clone, Debug)]
pub struct AssumeRole {
    context: Context,
    source: Arc<dyn ProvideCredentials>,
    options: AssumeRoleOptions,
    session_name: SessionName,
    cache: Option<AssumedRoleFile>,
    force_refresh: bool,
}

/// What [`AssumeRole`] asks for; the members of the action are explained in
/// [`sts_proto::AssumeRole`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AssumeRoleOptions {
    /// `RoleArn`
    pub role_arn: String,
    /// The region whose endpoint is asked.
    pub region: String,
    /// `RoleSessionName`, by default the name of the program and the time, made up once.
    pub role_session_name: Option<String>,
    /// `DurationSeconds`, by default what the service takes: an hour.
    pub duration_seconds: Option<u32>,
    /// `ExternalId`
    pub external_id: Option<String>,
    /// `Policy`
    pub policy: Option<String>,
    /// `PolicyArns`
    pub policy_arns: Vec<String>,
    /// `Tags`: key and value.
    pub tags: Vec<(String, String)>,
    /// `TransitiveTagKeys`
    pub transitive_tag_keys: Vec<String>,
    /// `SourceIdentity`
    pub source_identity: Option<String>,
    /// `SerialNumber` of the MFA device.
    pub serial_number: Option<String>,
    /// Where the `TokenCode` comes from; without it a serial number is an error.
    pub token_provider: Option<Arc<dyn TokenProvider>>,
}

const NAME: &str = "AssumeRole";

/// The longest session that temporary credentials may open.
const CHAINED_LIMIT: u32 = 3600;

impl AssumeRoleOptions {
    /// Asks for a role and for nothing else.
    pub fn new(role_arn: &str, region: &str) -> Self {
        Self {
            role_arn: role_arn.to_owned(),
            region: region.to_owned(),
            role_session_name: None,
            duration_seconds: None,
            external_id: None,
            policy: None,
            policy_arns: Vec::new(),
            tags: Vec::new(),
            transitive_tag_keys: Vec::new(),
            source_identity: None,
            serial_number: None,
            token_provider: None,
        }
    }

    /// What identifies the credentials that are asked for; `source` tells who asks.
    pub(crate) fn key<'a>(&'a self, source: &'a str) -> AssumedRoleKey<'a> {
        AssumedRoleKey {
            source,
            region: &self.region,
            role_arn: &self.role_arn,
            role_session_name: self.role_session_name.as_deref(),
            duration_seconds: self.duration_seconds,
            external_id: self.external_id.as_deref(),
            serial_number: self.serial_number.as_deref(),
            policy: self.policy.as_deref(),
            policy_arns: &self.policy_arns,
            source_identity: self.source_identity.as_deref(),
            tags: &self.tags,
            transitive_tag_keys: &self.transitive_tag_keys,
        }
    }
}

impl AssumeRole {
    /// Assumes a role with the credentials of `source`.
    pub fn new(
        context: Context,
        source: Arc<dyn ProvideCredentials>,
        options: AssumeRoleOptions,
    ) -> Self {
        let session_name = SessionName::new(options.role_session_name.clone());
        Self { context, source, options, session_name, cache: None, force_refresh: false }
    }

    /// Keeps the credentials in the context's directory of assumed roles. `source_identity` tells whose
    /// credentials assume the role, in any form that differs between identities; `portal` is the
    /// session of Identity Center behind them, whose logout removes the entry.
    #[must_use]
    pub fn with_cache(self, source_identity: &str, portal: Option<SourceSession>) -> Self {
        let key = self.options.key(source_identity).cache_key();
        let file = self.context.caches.assumed_roles.file(&key);
        Self { cache: Some(AssumedRoleFile { file, portal }), ..self }
    }

    /// Fetches new credentials although there are cached ones.
    #[must_use]
    pub fn with_force_refresh(self, force_refresh: bool) -> Self {
        Self { force_refresh, ..self }
    }

    async fn provide(&self) -> Result<Credentials, Error> {
        let Some(cache) = &self.cache else {
            let (source, code) = self.prepare().await?;
            return self.fetch(source, code).await;
        };
        let kept = KeptRole { context: self.context.clone(), file: cache.clone() };
        if !self.force_refresh
            && let Some(kept) = kept.load(self.context.clock.now()).filter(|kept| kept.serves)
        {
            return Ok(kept.credentials);
        }
        // Before the lock: a person who looks for a device must not keep other programs waiting.
        let prepared = self.prepare().await;
        let role = self.clone();
        let fetch = async move {
            let (source, code) = prepared?;
            role.fetch(source, code).await.map(Into::into)
        };
        single_flight::provide(kept, self.force_refresh, fetch).await
    }

    /// Gets what the role is assumed with: credentials, and a code where it needs one.
    async fn prepare(&self) -> Result<(Credentials, Option<Secret<String>>), Error> {
        let Some(serial_number) = &self.options.serial_number else {
            return Ok((self.source.provide().await?, None));
        };
        let required = |reason: String| Error::MfaRequired {
            role_arn: self.options.role_arn.clone(),
            serial_number: serial_number.clone(),
            reason,
        };
        let Some(tokens) = &self.options.token_provider else {
            return Err(required("nobody can be asked here".to_owned()));
        };
        let source = self.source.provide().await?;
        let code = tokens.token_code(serial_number).await;
        Ok((source, Some(code.map_err(|error| required(error.to_string()))?)))
    }

    async fn fetch(
        &self,
        source: Credentials,
        code: Option<Secret<String>>,
    ) -> Result<Credentials, Error> {
        let endpoint = self.context.endpoints.sts(&self.options.region)?;
        let role = self.assume(&source, code.as_ref(), &endpoint).await?;
        let credentials = sts::credentials(role.credentials, role.assumed_role_user.as_ref());
        Ok(credentials.got_by(source.sources, NAME, self.options.role_arn.as_str()))
    }

    async fn assume(
        &self,
        source: &Credentials,
        code: Option<&Secret<String>>,
        endpoint: &Endpoint,
    ) -> Result<AssumedRole, Error> {
        let options = &self.options;
        let session_name = self.session_name.get(&self.context);
        let policy_arns: Vec<&str> = options.policy_arns.iter().map(String::as_str).collect();
        let tag_keys: Vec<&str> = options.transitive_tag_keys.iter().map(String::as_str).collect();
        let tags: Vec<(&str, &str)> =
            options.tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let duration_seconds = self.duration_seconds(source);
        let sign = |now| {
            let mut request = sts_proto::AssumeRole::new(
                sts::keys(source),
                &endpoint.signing_region,
                now,
                &options.role_arn,
                &session_name,
            );
            request.duration_seconds = duration_seconds;
            request.external_id = options.external_id.as_deref();
            request.policy = options.policy.as_deref();
            request.policy_arns = &policy_arns;
            request.serial_number = options.serial_number.as_deref();
            request.source_identity = options.source_identity.as_deref();
            request.tags = &tags;
            request.token_code = code;
            request.transitive_tag_keys = &tag_keys;
            request
        };
        sts::call_signed(sign, endpoint, &self.context)
            .await
            .map_err(|source| sts::error(&options.role_arn, endpoint, source))
    }

    /// STS refuses more than an hour to credentials that are temporary themselves.
    fn duration_seconds(&self, source: &Credentials) -> Option<u32> {
        let asked = self.options.duration_seconds?;
        if asked <= CHAINED_LIMIT || source.session_token.is_none() {
            return Some(asked);
        }
        let role_arn = &self.options.role_arn;
        self.context.log.warn(&format!(
            "{role_arn} is asked for {CHAINED_LIMIT} seconds, not {asked}: a role that is assumed \
             with temporary credentials lasts an hour at most"
        ));
        Some(CHAINED_LIMIT)
    }
}

impl ProvideCredentials for AssumeRole {
    fn provide(&self) -> CredentialsFuture<'_> {
        Box::pin(self.provide())
    }

    fn name(&self) -> &'static str {
        NAME
    }
}
