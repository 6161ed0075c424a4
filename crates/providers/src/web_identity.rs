use std::path::PathBuf;

use sts_proto::AssumeRoleWithWebIdentity;
use token_cache::{AssumedRoleKey, CacheKey};

use crate::assumed_role_file::{AssumedRoleFile, KeptRole};
use crate::container::read_token;
use crate::single_flight;
use crate::sts::{self, SessionName};
use crate::{Context, Credentials, CredentialsFuture, Error, ProvideCredentials};

/// What Go's `stscreds.WebIdentityRoleProvider` does: trades the token of an identity provider,
/// such as that of a Kubernetes service account, for the credentials of a role.
///
/// The token file is read anew at each call, without the white space at its end.
#[derive(Clone, Debug)]
pub struct WebIdentity {
    context: Context,
    options: WebIdentityOptions,
    session_name: SessionName,
    cache: Option<AssumedRoleFile>,
    force_refresh: bool,
}

/// What [`WebIdentity`] asks for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WebIdentityOptions {
    /// `RoleArn`
    pub role_arn: String,
    /// The file of the token.
    pub token_file: PathBuf,
    /// `RoleSessionName`, by default the name of the program and the time.
    pub role_session_name: Option<String>,
    /// `DurationSeconds`, by default what the service takes: an hour.
    pub duration_seconds: Option<u32>,
    /// `Policy`
    pub policy: Option<String>,
    /// `PolicyArns`
    pub policy_arns: Vec<String>,
    /// The region whose endpoint is asked.
    pub region: String,
}

impl WebIdentityOptions {
    /// Asks for a role, with the token of a file.
    pub fn new(role_arn: &str, token_file: impl Into<PathBuf>, region: &str) -> Self {
        Self {
            role_arn: role_arn.to_owned(),
            token_file: token_file.into(),
            role_session_name: None,
            duration_seconds: None,
            policy: None,
            policy_arns: Vec::new(),
            region: region.to_owned(),
        }
    }

    /// What identifies the credentials that are asked for.
    pub(crate) fn cache_key(&self) -> CacheKey {
        let key = AssumedRoleKey {
            source: &format!("web identity {}", self.token_file.display()),
            region: &self.region,
            role_arn: &self.role_arn,
            role_session_name: self.role_session_name.as_deref(),
            duration_seconds: self.duration_seconds,
            policy: self.policy.as_deref(),
            policy_arns: &self.policy_arns,
            ..AssumedRoleKey::default()
        };
        key.cache_key()
    }
}

impl WebIdentity {
    /// Provides the credentials of a role.
    pub fn new(context: Context, options: WebIdentityOptions) -> Self {
        let session_name = SessionName::new(options.role_session_name.clone());
        Self { context, options, session_name, cache: None, force_refresh: false }
    }

    /// Keeps the credentials in the context's directory of assumed roles.
    #[must_use]
    pub fn with_cache(self) -> Self {
        let file = self.context.caches.assumed_roles.file(&self.options.cache_key());
        Self { cache: Some(AssumedRoleFile { file, portal: None }), ..self }
    }

    /// Fetches new credentials although there are cached ones.
    #[must_use]
    pub fn with_force_refresh(self, force_refresh: bool) -> Self {
        Self { force_refresh, ..self }
    }

    async fn provide(&self) -> Result<Credentials, Error> {
        match &self.cache {
            Some(file) => {
                let kept = KeptRole { context: self.context.clone(), file: file.clone() };
                let role = self.clone();
                let fetch = async move { role.fetch().await.map(Into::into) };
                single_flight::provide(kept, self.force_refresh, fetch).await
            }
            None => self.fetch().await,
        }
    }

    async fn fetch(&self) -> Result<Credentials, Error> {
        let options = &self.options;
        let token = read_token(options.token_file.as_ref())?;
        let session_name = self.session_name.get(&self.context);
        let mut request = AssumeRoleWithWebIdentity::new(&options.role_arn, &session_name, &token);
        let policy_arns: Vec<&str> = options.policy_arns.iter().map(String::as_str).collect();
        request.duration_seconds = options.duration_seconds;
        request.policy = options.policy.as_deref();
        request.policy_arns = &policy_arns;
        let endpoint = self.context.endpoints.sts(&options.region)?;
        let role = self
            .context
            .call(&request, &endpoint.uri)
            .await
            .map_err(|source| sts::error(&options.role_arn, &endpoint, source))?;
        let credentials = sts::credentials(role.credentials, role.assumed_role_user.as_ref());
        let detail = format!("{} with {}", options.role_arn, options.token_file.display());
        Ok(credentials.got_by(Vec::new(), self.name(), detail))
    }
}

impl ProvideCredentials for WebIdentity {
    fn provide(&self) -> CredentialsFuture<'_> {
        Box::pin(self.provide())
    }

    fn name(&self) -> &'static str {
        "web identity"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_asks_for_something_else_has_another_file() {
        let options = || WebIdentityOptions::new("arn:a", "/token", "eu-west-1");
        let change: [fn(&mut WebIdentityOptions); 7] = [
            |options| options.role_arn = "arn:b".to_owned(),
            |options| options.token_file = "/other".into(),
            |options| options.role_session_name = Some("me".to_owned()),
            |options| options.duration_seconds = Some(900),
            |options| options.policy = Some("{}".to_owned()),
            |options| options.policy_arns = vec!["arn:p".to_owned()],
            |options| options.region = "eu-west-2".to_owned(),
        ];
        let mut keys = vec![options().cache_key().to_string()];
        for change in change {
            let mut other = options();
            change(&mut other);
            keys.push(other.cache_key().to_string());
        }
        assert_eq!(options().cache_key().to_string(), keys[0]);
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), 8);
    }
}
