use std::sync::{Arc, Mutex};
use std::time::Duration;

use emulator::{Approval, Idp, InProcess, Scenario};
use login::{Login, Page, Ui};
use providers::{
    Caches, Clock, Context, Endpoints, Log, Role, Session, Sleep, SsoRole, SsoToken, Work,
};
use token_cache::{CacheFile, Directory, Flow};
use wire::Timestamp;

pub(crate) const ROLE: Role<'static> = Role { account_id: "111122223333", role_name: "ReadOnly" };

/// A signed-in session, an emulator, and whatever was warned about.
pub(crate) struct World {
    pub(crate) home: tempfile::TempDir,
    pub(crate) caches: Caches,
    pub(crate) emulator: InProcess,
    pub(crate) context: Context,
    pub(crate) session: Session,
    pub(crate) warnings: Arc<Warnings>,
    pub(crate) waits: Arc<Waits>,
}

#[derive(Default)]
pub(crate) struct Warnings(Mutex<Vec<String>>);

/// What happens while somebody waits, other than that time passes.
#[derive(Default)]
pub(crate) struct Waits(Mutex<Vec<Box<dyn FnOnce() + Send>>>);

struct JumpingClock {
    emulator: InProcess,
    waits: Arc<Waits>,
    slept: Mutex<Duration>,
}

impl Clock for JumpingClock {
    fn now(&self) -> Timestamp {
        self.emulator.now()
    }

    fn elapsed(&self) -> Duration {
        *self.slept.lock().unwrap()
    }

    fn sleep(&self, span: Duration) -> Sleep<'_> {
        if let Some(event) = self.waits.0.lock().unwrap().pop() {
            event();
        }
        let mut slept = self.slept.lock().unwrap();
        let before = slept.as_secs();
        *slept += span;
        self.emulator.advance(Duration::from_secs(slept.as_secs() - before));
        Box::pin(async {})
    }

    fn spawn(&self, work: Work) {
        block_on(work);
    }
}

impl Log for Warnings {
    fn debug(&self, _: &str) {}

    fn warn(&self, text: &str) {
        self.0.lock().unwrap().push(text.to_owned());
    }
}

impl Warnings {
    pub(crate) fn taken(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl Waits {
    /// Does something at the next wait.
    pub(crate) fn then(&self, event: impl FnOnce() + Send + 'static) {
        self.0.lock().unwrap().push(Box::new(event));
    }
}

struct Nobody;

impl Ui for Nobody {
    fn show(&self, _: &Page<'_>) {}
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Scenario::default())
    }

    pub(crate) fn with(mut scenario: Scenario) -> Self {
        scenario.approval = Approval::Automatic;
        scenario.approve_after_polls = 0;
        let session = Session::named("work", &scenario.start_urls[0], &scenario.region);
        let emulator = InProcess::new(Idp::new(scenario), Timestamp::from_unix(1_767_323_045));
        let waits = Arc::new(Waits::default());
        let clock = JumpingClock {
            emulator: emulator.clone(),
            waits: Arc::clone(&waits),
            slept: Mutex::default(),
        };
        let warnings = Arc::new(Warnings::default());
        let endpoints = Endpoints::all_at("http://127.0.0.1");
        let mut context = Context::new(Arc::new(clock), Arc::new(emulator.clone()), endpoints);
        context.log = Arc::clone(&warnings) as Arc<dyn Log>;
        let home = tempfile::tempdir().unwrap();
        let directory = |name| Directory::new(home.path().join(name));
        let caches = Caches {
            sso: directory("sso"),
            cli: directory("cli"),
            assumed_roles: directory("assumed"),
            listings: directory("listings"),
        };
        let world = Self { home, caches, emulator, context, session, warnings, waits };
        world.sign_in();
        world
    }

    pub(crate) fn sign_in(&self) {
        let login = Login {
            context: &self.context,
            session: &self.session,
            caches: self.caches.clone(),
            known_roles: &[],
            ui: &Nobody,
        };
        block_on(login.run(Flow::DeviceCode)).unwrap();
    }

    pub(crate) fn token_file(&self) -> CacheFile {
        self.caches.sso.file(&self.session.cache_key())
    }

    pub(crate) fn stored(&self) -> token_cache::SsoToken {
        token_cache::SsoToken::from_slice(&self.token_file().load().unwrap().unwrap()).unwrap()
    }

    pub(crate) fn token(&self) -> SsoToken {
        SsoToken::new(self.context.clone(), self.session.clone(), &self.caches.sso)
    }

    pub(crate) fn role(&self) -> SsoRole {
        SsoRole::new(self.token(), ROLE).with_cli_cache(&self.caches.cli)
    }

    pub(crate) fn calls(&self, operation: &str) -> usize {
        let idp = self.emulator.idp();
        let idp = idp.lock().unwrap();
        idp.calls().iter().filter(|call| call.operation == operation).count()
    }
}

/// Runs a future that never really waits: the clock jumps and the emulator answers at once.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("something waits for real"),
    }
}
