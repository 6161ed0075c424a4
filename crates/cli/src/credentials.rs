//! Credentials for the commands that a person runs: they may ask for an MFA code and a sign-in.

use std::sync::Arc;
use std::time::Duration;

use login::{Browser, choose};
use providers::{
    Context, Credentials, Error, Identity, Log, NoLog, ProvideCredentials, Session,
    TerminalTokenProvider, TokenProvider,
};
use wire::SystemTimes;

use crate::args::{SignIn, Target};
use crate::env::World;
use crate::exit::{Exit, Failure};
use crate::log::StderrLog;
use crate::mfa::Person;
use crate::sessions::Configured;
use crate::sign_in::{login, sign_in};
use crate::ui::Terminal;
use crate::{net, prompt};

/// Where a command gets credentials from.
pub(crate) struct Access<'a> {
    world: &'a World,
    target: &'a Target,
    sign_in: SignIn,
    identity: &'a Identity,
    provider: Arc<dyn ProvideCredentials>,
    pub(crate) context: Context,
    person: Arc<Person>,
    kept: Option<Credentials>,
}

impl<'a> Access<'a> {
    pub(crate) fn new(
        world: &'a World,
        identity: &'a Identity,
        target: &'a Target,
        sign_in: SignIn,
    ) -> Result<Self, Failure> {
        let probe = || identity.probe(&world.caches(), SystemTimes.now());
        let kept = if target.force_refresh { None } else { probe() };
        let log: Arc<dyn Log> = Arc::new(StderrLog::default());
        world.note_files(); // the identity comes from there
        for source in kept.iter().flat_map(|kept| &kept.sources) {
            let end = source.expiration.map(|end| format!(", until {end}")).unwrap_or_default();
            log.debug(&format!(
                "served from the cache: {}, {}{end}",
                source.provider, source.detail
            ));
        }
        let context = match net::context(world, &identity.network, Arc::clone(&log)) {
            // What there is serves; who needs more later is told then.
            Err(failure) if kept.is_some() => net::offline(world, log, failure.line().trim_end()),
            context => context?,
        };
        let person = Arc::new(Person::default());
        // On these the editor of lines would fall back to stdin and stdout.
        let tokens: Arc<dyn TokenProvider> = match world.environment.get("TERM") {
            Some("dumb" | "cons25" | "emacs") => Arc::new(TerminalTokenProvider),
            _ => Arc::clone(&person) as _,
        };
        let options = target.options(Some(tokens))?;
        let provider = identity.provider_with(&context, &options)?;
        Ok(Self { world, target, sign_in, identity, provider, context, person, kept })
    }

    /// Gets the credentials; where only a sign-in helps, a person may be asked for one.
    pub(crate) fn credentials(&mut self) -> Result<Credentials, Failure> {
        if let Some(kept) = self.kept.take() {
            return Ok(kept);
        }
        let provide = || net::run(None, self.provide());
        let result = match provide()? {
            Err(error @ Error::InvalidToken { .. }) => {
                self.sign_in(error)?;
                provide()?
            }
            result => result,
        };
        result.map_err(|error| self.target.failure(error))
    }

    /// Gets them from the provider, and again while the person types codes that are not accepted.
    async fn provide(&self) -> Result<Result<Credentials, Error>, Failure> {
        loop {
            let answers = self.person.answers();
            let result = self.provider.provide().await;
            if self.person.has_interrupted() {
                return Err(Failure::new(Exit::Interrupted, "interrupted"));
            }
            match result {
                Err(error) if error.is_wrong_code() && self.person.answers() > answers => {}
                result => return Ok(result),
            }
        }
    }

    /// The same without a person, for later.
    pub(crate) fn provider_that_asks_nobody(&self) -> Result<Arc<dyn ProvideCredentials>, Failure> {
        // SDKs give an endpoint a second or two, in which a dead session is to be told.
        let adoption = Duration::from_millis(500);
        let context = self.context.clone().with_log(Arc::new(NoLog)).with_adoption(adoption);
        Ok(self.identity.provider(&context)?)
    }

    fn sign_in(&self, error: Error) -> Result<(), Failure> {
        let Some(session) = self.identity.session() else {
            return Err(self.target.failure(error));
        };
        match offer_sign_in(self.world, &self.context, session, self.sign_in)? {
            true => Ok(()),
            false => Err(self.target.failure(error)),
        }
    }
}

/// Signs in where the command line or a person says so; tells whether they did.
pub(crate) fn offer_sign_in(
    world: &World,
    context: &Context,
    session: &Session,
    options: SignIn,
) -> Result<bool, Failure> {
    let asked = || {
        let question = format!("Not signed in to `{session}`. Sign in now?");
        if prompt::is_possible() { prompt::confirm(&question) } else { Ok(false) }
    };
    if options.no_login || !(options.login || asked()?) {
        return Ok(false);
    }
    let configured = Configured::from(session.clone());
    let ui = Terminal { browser: Browser::of(&world.environment) };
    let login = login(&configured, context, &ui);
    let choice = choose(session, false, &world.environment);
    net::run(None, async { sign_in(&login, choice).await.map(|_| true) })
}
