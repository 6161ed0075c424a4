//! Signing in with credentials: for roles that the access portal knows nothing of.

use std::time::Duration;

use http::Uri;
use providers::{Base, Credentials, Error, Identity};
use signin_proto::{
    Destination, GetSigninToken, MAX_SESSION_DURATION, MIN_SESSION_DURATION, sign_in_url,
    sign_out_url,
};
use wire::{CallError, EndpointVariant, Partition, Secret};

use super::page::{self, Place};
use crate::args::{Console, Target};
use crate::credentials::Access;
use crate::env::World;
use crate::exit::{Exit, Failure};
use crate::net;
use crate::ui::talk;

/// Stands in for the host of the sign-in service, for tests.
pub(crate) const SIGNIN_URL: &str = "KEYFOB_SIGNIN_URL";

/// How long a session lasts where nobody says it: a working day.
const WORKING_DAY: u32 = 8 * 3600;

/// A sign-in with the credentials of a role.
pub(super) struct Federation<'a> {
    arguments: &'a Console,
    world: &'a World,
    target: &'a Target,
    identity: &'a Identity,
    place: &'a Place,
    region: String,
    partition: &'static Partition,
    endpoint: Uri,
}

impl<'a> Federation<'a> {
    pub(super) fn new(
        arguments: &'a Console,
        world: &'a World,
        target: &'a Target,
        identity: &'a Identity,
        place: &'a Place,
    ) -> Result<Self, Failure> {
        let said = page::region(&arguments.aim.page, place, target, identity, world)?;
        let partition = partition(identity, said.as_deref());
        let region = said.unwrap_or_else(|| {
            let of_session = identity.session().map(|session| session.region.clone());
            of_session.unwrap_or_else(|| partition.implicit_global_region.to_owned())
        });
        let endpoint = match world.environment.text(SIGNIN_URL)?.filter(|url| !url.is_empty()) {
            Some(url) => {
                let url = wire::custom_endpoint(url, EndpointVariant::default());
                url.map_err(|error| Failure::usage(error.at(SIGNIN_URL)))?
            }
            None => signin_proto::endpoint(&host_region(arguments, partition, &region))
                .map_err(Failure::usage)?,
        };
        let federation =
            Self { arguments, world, target, identity, place, region, partition, endpoint };
        federation.check_duration()?;
        Ok(federation)
    }

    /// Whether a role was assumed with the credentials of another one: `None` where it is not known.
    fn is_chained(&self) -> Option<bool> {
        let hops = self.identity.hops.len();
        match &self.identity.base {
            Base::Static(base) if base.credentials.session_token.is_none() => Some(hops > 1),
            Base::Sso(_) | Base::WebIdentity(_) => Some(hops > 0),
            Base::Static(_) => Some(true),
            _ if hops > 1 => Some(true),
            _ => None,
        }
    }

    fn check_duration(&self) -> Result<(), Failure> {
        let Some(duration) = self.arguments.duration else { return Ok(()) };
        if self.is_chained() == Some(true) {
            let error = "--duration cannot be given for a role that another role assumes: its \
                         session lasts as its credentials, an hour at most";
            return Err(Failure::usage(error));
        }
        let limits = u64::from(MIN_SESSION_DURATION)..=u64::from(MAX_SESSION_DURATION);
        match limits.contains(&duration.as_secs()) {
            true => Ok(()),
            false => Err(Failure::usage("--duration is 15m to 12h")),
        }
    }

    /// How long the session is to last, in seconds.
    fn duration(&self) -> Option<u32> {
        let said = self.arguments.duration.as_ref().map(Duration::as_secs);
        let said = said.and_then(|seconds| u32::try_from(seconds).ok());
        match self.is_chained() {
            Some(true) => None,
            _ => said.or(Some(WORKING_DAY)),
        }
    }

    /// Gets the URL that signs in.
    pub(super) fn url(&self) -> Result<Secret<String>, Failure> {
        if let (Base::Static(base), []) = (&self.identity.base, self.identity.hops.as_slice())
            && !base.credentials.access_key_id.starts_with("ASIA")
        {
            return Err(no_role(&base.profile));
        }
        let destination = match self.place.destination(&self.region, self.partition)? {
            Some(destination) => destination,
            None => Destination::home(&self.region).map_err(Failure::usage)?,
        };
        let Self { world, identity, target, .. } = *self;
        let mut access = Access::new(world, identity, target, self.arguments.sign_in)?;
        let credentials = access.credentials()?;
        if let Some(account_id) = &credentials.account_id {
            self.place.check_account(account_id);
        }
        let Some(session_token) = &credentials.session_token else {
            return Err(no_role(&target.name()));
        };
        let token = self.token(&access, &credentials, session_token)?;
        // From there a session that has ended leads back to where people sign in.
        let issuer = identity.session().map_or("", |session| session.start_url.as_str());
        let url = sign_in_url(&self.endpoint, issuer, &destination, &token);
        Ok(match self.arguments.logout_first {
            true => sign_out_url(&self.endpoint, &url),
            false => url,
        })
    }

    fn token(
        &self,
        access: &Access<'_>,
        credentials: &Credentials,
        session_token: &Secret<String>,
    ) -> Result<Secret<String>, Failure> {
        let asked = |session_duration, is_get| {
            let operation = GetSigninToken {
                access_key_id: &credentials.access_key_id,
                secret_access_key: &credentials.secret_access_key,
                session_token,
                session_duration,
                is_get,
            };
            net::run(None, async { Ok(access.context.call(&operation, &self.endpoint).await) })
        };
        let mut duration = self.duration();
        let mut is_get = false;
        loop {
            let error = match asked(duration, is_get)? {
                Ok(token) => return Ok(token),
                Err(error) => error,
            };
            match error.service().map(|error| error.status) {
                // Proxies write URLs into logs: only a server that takes no form gets one.
                Some(404 | 405) if !is_get => is_get = true,
                // It is not known of all credentials where they come from.
                Some(400) if duration.is_some() && self.arguments.duration.is_none() => {
                    duration = None;
                    talk("The session of the console will last as long as the credentials.");
                }
                _ => return Err(self.refused(error)),
            }
        }
    }

    fn refused(&self, error: CallError) -> Failure {
        let is_refused = error.service().is_some_and(|error| error.status == 400);
        let failure = Failure::from(Error::call("GetSigninToken", &self.endpoint, error));
        match is_refused {
            true => failure.with_hint(
                "these credentials cannot sign in to the console, or not for so long: leave out \
                 --duration, or take a role",
            ),
            false => failure,
        }
    }
}

/// Keys of a user are refused by the service: they need a role, or GetFederationToken.
fn no_role(name: &str) -> Failure {
    let name = wire::printable(name);
    let error = format!("{name} has the keys of a user, which cannot sign in to the console");
    Failure::new(Exit::Usage, error).with_hint(
        "name a profile with a role_arn that these keys may assume; keyfob does not call \
         GetFederationToken, which would change what you may do",
    )
}

/// The partition of a role: of its ARN, of its session, or of the region.
fn partition(identity: &Identity, region: Option<&str>) -> &'static Partition {
    let of_web = match &identity.base {
        Base::WebIdentity(web) => Some(web.role_arn.as_str()),
        _ => None,
    };
    let arn = identity.hops.last().map(|hop| hop.role_arn.as_str()).or(of_web);
    let name = arn.and_then(|arn| arn.split(':').nth(1));
    let of_arn = wire::PARTITIONS.iter().find(|partition| Some(partition.name) == name);
    let of_session = identity.session().map(|session| wire::partition(&session.region));
    let of_region = || wire::partition(region.unwrap_or_default());
    of_arn.or(of_session).unwrap_or_else(of_region)
}

/// The region of the host. To sign out first, it is the one whose host follows redirects.
fn host_region(arguments: &Console, partition: &Partition, region: &str) -> String {
    match (arguments.logout_first, partition.name) {
        (true, "aws") => "us-east-1".to_owned(),
        (true, "aws-us-gov") => "us-gov-east-1".to_owned(),
        _ => region.to_owned(),
    }
}
