use std::ops::Deref;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use assignments::{Assigned, Event, Listing, Request, RoleCredentials};
use emulator::{Idp, Scenario};
use providers::{Caches, Clock, Context, Endpoints, Error, Program, Session};
use test_support::{SignedIn, block_on};
use token_cache::CacheFile;

/// A signed-in session and an emulator; time passes only where somebody waits.
pub(crate) struct World {
    world: SignedIn,
    pub(crate) context: Context,
    session: Session,
    /// How many calls were looked at.
    taken: Mutex<usize>,
}

impl Deref for World {
    type Target = SignedIn;

    fn deref(&self) -> &SignedIn {
        &self.world
    }
}

/// Wants everything.
pub(crate) const ALL: Request<'static> = Request::all();

impl World {
    pub(crate) fn new(scenario: Scenario) -> Self {
        let world = SignedIn::with(scenario);
        let session = Session::named("work", &world.start_url, &world.region);
        let caches = Caches::below(world.home.path());
        let (clock, transport) = (world.clock.clone(), Arc::new(world.emulator.clone()));
        let context = Context::new(Program::named("tests"), clock, transport, caches)
            .with_endpoints(Endpoints::all_at("http://127.0.0.1"))
            .with_log(world.notes.clone());
        let world = Self { world, context, session, taken: Mutex::default() };
        world.sign_in();
        world
    }

    pub(crate) fn sign_in(&self) {
        let file = self.context.caches().sso.file(&self.session.cache_key());
        self.world.sign_in(&file);
    }

    /// An organisation of accounts with three roles each.
    pub(crate) fn of(accounts: u64) -> Self {
        let mut scenario = Scenario::default();
        scenario.accounts = organisation(accounts);
        Self::new(scenario)
    }

    pub(crate) fn listing(&self) -> Listing {
        Listing::new(&self.context, &self.session)
    }

    pub(crate) fn role_credentials(&self) -> RoleCredentials {
        RoleCredentials::new(&self.context, &self.session)
    }

    pub(crate) fn list(&self, request: &Request<'_>) -> Result<Vec<Assigned>, Error> {
        self.watch(request, |_| {})
    }

    /// What the index answers.
    pub(crate) fn fresh(&self, request: &Request<'_>) -> Option<Vec<Assigned>> {
        Listing::fresh(&self.session, self.context.caches(), request, self.clock.now())
    }

    pub(crate) fn watch(
        &self,
        request: &Request<'_>,
        mut watch: impl FnMut(Event<'_>),
    ) -> Result<Vec<Assigned>, Error> {
        block_on(self.listing().list(request, &mut watch))
    }

    /// Lists, but ends like a killed process once so many accounts are known.
    pub(crate) fn list_and_die(&self, request: &Request<'_>, after: usize) {
        let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let mut known = 0;
            let mut watch = |event: Event<'_>| {
                known += usize::from(matches!(event, Event::Known { .. }));
                if known == after {
                    std::panic::resume_unwind(Box::new("killed"));
                }
            };
            block_on(self.listing().list(request, &mut watch)).map(drop)
        }));
        assert!(died.is_err(), "it was not killed");
    }

    pub(crate) fn index_file(&self) -> CacheFile {
        self.context.caches().listings.file(&self.session.cache_key())
    }

    pub(crate) fn pass(&self, span: Duration) {
        self.clock.advance(span);
    }

    pub(crate) fn time(&self) -> Duration {
        self.clock.machine_time()
    }

    /// How often ListAccounts and ListAccountRoles were called since this was asked last.
    pub(crate) fn taken_calls(&self) -> (usize, usize) {
        let idp = self.emulator.idp();
        let idp = idp.lock().unwrap();
        let mut taken = self.taken.lock().unwrap();
        let calls = &idp.calls()[*taken..];
        *taken += calls.len();
        let count = |name| calls.iter().filter(|call| call.operation == name).count();
        (count("ListAccounts"), count("ListAccountRoles"))
    }

    /// Changes the emulator.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Idp)) {
        change(&mut self.emulator.idp().lock().unwrap());
    }
}

pub(crate) fn organisation(accounts: u64) -> Vec<emulator::Account> {
    (1..=accounts)
        .map(|number| {
            let roles = ["Administrator", "Operator", "ReadOnly"];
            emulator::Account::new(&format!("{number:012}"), &format!("team-{number}"), &roles)
        })
        .collect()
}
