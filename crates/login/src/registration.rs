use oidc_proto::{AUTHORIZATION_CODE, CALLBACK_PATH, DEFAULT_SCOPE, REFRESH_TOKEN, RegisterClient};
use providers::Session;
use token_cache::{CacheFile, CacheKey, CachedRegistration, Flow, RegistrationKey};
use wire::Secret;

use crate::error::LoginError;
use crate::portal::Portal;

/// The client registrations of a session, in the file that the AWS CLI shares with us.
pub(crate) struct Registrations<'a> {
    portal: &'a Portal<'a>,
    session: &'a Session,
    flow: Flow,
    file: CacheFile,
}

impl<'a> Registrations<'a> {
    pub(crate) fn new(portal: &'a Portal<'a>, session: &'a Session, flow: Flow) -> Self {
        let key = CacheKey::for_registration(&RegistrationKey {
            region: &session.region,
            scopes: session.registration_scopes.as_deref(),
            session_name: session.name.as_deref(),
            start_url: &session.start_url,
        });
        Self { portal, session, flow, file: portal.context.caches().sso.file(&key) }
    }

    /// Returns a registration that can be used for the flow, a cached one where there is one.
    pub(crate) async fn get(&self) -> Result<CachedRegistration, LoginError> {
        let cached = self.file.load().ok().flatten().map(Secret::new);
        let cached = cached.and_then(|bytes| CachedRegistration::from_slice(bytes.expose()).ok());
        match cached.filter(|cached| self.serves(cached)) {
            Some(registration) => {
                let path = self.file.path().display();
                self.portal.context.log().debug(&format!("read {path}"));
                Ok(registration)
            }
            None => self.renew().await,
        }
    }

    /// Registers anew, because there is no registration or the service does not know it any more.
    pub(crate) async fn renew(&self) -> Result<CachedRegistration, LoginError> {
        let scopes = self.scopes();
        let program = self.portal.context.program().name();
        let name = match &self.session.name {
            Some(name) => format!("{program}-{name}"),
            None => program.to_owned(),
        };
        let mut request = RegisterClient {
            client_name: &name,
            scopes: (!scopes.is_empty()).then_some(scopes.as_slice()),
            ..RegisterClient::default()
        };
        // The redirect URI of the AWS CLI, without the port: a registration with another one would
        // break its next sign-in.
        let redirect_uri = format!("http://127.0.0.1{CALLBACK_PATH}");
        let redirect_uris = [redirect_uri.as_str()];
        let grant_types = [AUTHORIZATION_CODE, REFRESH_TOKEN];
        if self.flow == Flow::AuthorizationCode {
            request.redirect_uris = Some(&redirect_uris);
            request.grant_types = Some(&grant_types);
            request.issuer_url = Some(&self.portal.start_url);
        }
        let answer = self.portal.call("RegisterClient", &request).await?;
        let mut registration = CachedRegistration::new(
            answer.client_id,
            answer.client_secret,
            answer.client_secret_expires_at,
        );
        registration.scopes = request.scopes.map(<[String]>::to_vec);
        registration.grant_types =
            request.grant_types.map(|grants| grants.iter().map(|grant| (*grant).into()).collect());
        let (log, path) = (self.portal.context.log(), self.file.path().display());
        match self.file.replace(registration.to_vec().expose()) {
            Ok(()) => log.debug(&format!("wrote {path}")),
            Err(error) => log.warn(&format!("the registration is not cached, {path}: {error}")),
        }
        Ok(registration)
    }

    /// The scopes that are asked for. Without any, the service issues no refresh token, so a
    /// session gets the default one even where none is configured; a legacy start URL does not.
    pub(crate) fn scopes(&self) -> Vec<String> {
        match &self.session.registration_scopes {
            Some(scopes) if !scopes.is_empty() => scopes.clone(),
            _ if self.session.name.is_some() => vec![DEFAULT_SCOPE.to_owned()],
            _ => Vec::new(),
        }
    }

    fn serves(&self, cached: &CachedRegistration) -> bool {
        // The AWS CLI registers for device codes without scopes, and then gets no refresh token.
        let has_scopes = cached.scopes.as_ref().is_some_and(|scopes| !scopes.is_empty());
        cached.serves(self.flow, self.portal.context.clock().now())
            && (has_scopes || self.flow == Flow::AuthorizationCode || self.scopes().is_empty())
    }
}
