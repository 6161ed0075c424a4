use std::ops::Deref;
use std::sync::Arc;

use emulator::Scenario;
use providers::{Caches, Context, Endpoints, Program, Role, Session, SsoRole, SsoToken};
use test_support::SignedIn;
use token_cache::CacheFile;

pub(crate) use test_support::block_on;

pub(crate) const ROLE: Role<'static> = Role { account_id: "111122223333", role_name: "ReadOnly" };

pub(crate) const PROGRAM: Program = Program::named("tests");

/// Where every service is.
pub(crate) const URL: &str = "http://127.0.0.1";

/// A signed-in session, and a context in which its emulator is asked.
pub(crate) struct World {
    world: SignedIn,
    pub(crate) caches: Caches,
    pub(crate) context: Context,
    pub(crate) session: Session,
}

impl Deref for World {
    type Target = SignedIn;

    fn deref(&self) -> &SignedIn {
        &self.world
    }
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Scenario::default())
    }

    pub(crate) fn with(scenario: Scenario) -> Self {
        let world = SignedIn::with(scenario);
        let session = Session::named("work", &world.start_url, &world.region);
        let caches = Caches::below(world.home.path());
        let (clock, transport) = (world.clock.clone(), Arc::new(world.emulator.clone()));
        let context = Context::new(PROGRAM, clock, transport, caches.clone())
            .with_endpoints(Endpoints::all_at(URL))
            .with_log(world.notes.clone());
        let world = Self { world, caches, context, session };
        world.sign_in();
        world
    }

    pub(crate) fn sign_in(&self) {
        self.world.sign_in(&self.token_file());
    }

    pub(crate) fn token_file(&self) -> CacheFile {
        self.caches.sso.file(&self.session.cache_key())
    }

    pub(crate) fn stored(&self) -> token_cache::CachedToken {
        token_cache::CachedToken::from_slice(&self.token_file().load().unwrap().unwrap()).unwrap()
    }

    pub(crate) fn token(&self) -> SsoToken {
        SsoToken::new(self.context.clone(), self.session.clone())
    }

    pub(crate) fn role(&self) -> SsoRole {
        SsoRole::new(self.token(), ROLE).with_cache()
    }
}
