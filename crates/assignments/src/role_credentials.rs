use providers::{
    Context, Credentials, Error, ProvideCredentials, Role, Session, SsoRole, SsoToken,
};

use crate::calls::persist;
use crate::paced::paced;

/// Gets the credentials of many roles of a session, at the pace that its listings keep, too: both are
/// requests to the portal. A refresh of the token takes a turn like any other request.
#[derive(Clone, Debug)]
pub struct RoleCredentials {
    /// With a transport that keeps the pace.
    context: Context,
    session: Session,
}

impl RoleCredentials {
    /// Gets them with the token of a session.
    pub fn new(context: &Context, session: &Session) -> Self {
        Self { context: paced(context, session), session: session.clone() }
    }

    /// Whether the cache has credentials of a role with enough of their life left.
    pub fn has_kept(&self, role: Role<'_>) -> bool {
        self.provider(role).kept().is_some()
    }

    /// Returns the credentials of a role: those of the cache, or new ones.
    ///
    /// # Errors
    /// [`Error::InvalidToken`] where only a sign-in helps, [`Error::Forbidden`] where the role is not
    /// assigned, [`Error::Call`] where the portal fails for good. Being throttled is waited out.
    ///
    /// # Cancel safety
    /// The future may be dropped at any moment; what was asked for already is kept.
    pub async fn of(&self, role: Role<'_>) -> Result<Credentials, Error> {
        let provider = self.provider(role);
        persist(&**self.context.clock(), || provider.provide()).await
    }

    fn provider(&self, role: Role<'_>) -> SsoRole {
        let token = SsoToken::new(self.context.clone(), self.session.clone());
        SsoRole::new(token, role).with_cache()
    }
}
