use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context as Task, Poll, Waker};
use std::time::Duration;

use assignments::{Account, Assigned, Event, Listing, Request};
use emulator::{Approval, Idp, InProcess, Scenario};
use login::{Login, Page, Ui};
use providers::{Caches, Clock, Context, Endpoints, Error, Log, Session, Sleep, Work};
use token_cache::{CacheFile, Directory, Flow};
use wire::Timestamp;

const START: u64 = 1_767_323_045;

/// A signed-in session and an emulator; time passes only where somebody waits.
pub(crate) struct World {
    pub(crate) context: Context,
    pub(crate) emulator: InProcess,
    pub(crate) warnings: Arc<Warnings>,
    clock: Arc<JumpingClock>,
    caches: Caches,
    session: Session,
    /// How many calls were looked at.
    taken: Mutex<usize>,
    _home: tempfile::TempDir,
}

#[derive(Default)]
pub(crate) struct Warnings(Mutex<Vec<String>>);

struct JumpingClock {
    emulator: InProcess,
    time: Mutex<Duration>,
}

impl JumpingClock {
    fn advance(&self, span: Duration) {
        let mut time = self.time.lock().unwrap();
        *time += span;
        self.emulator.set_now(Timestamp::from_unix(time.as_secs() as i64));
    }
}

impl Clock for JumpingClock {
    fn now(&self) -> Timestamp {
        self.emulator.now()
    }

    fn elapsed(&self) -> Duration {
        *self.time.lock().unwrap()
    }

    fn machine_time(&self) -> Duration {
        *self.time.lock().unwrap()
    }

    fn sleep(&self, span: Duration) -> Sleep<'_> {
        self.advance(span);
        Box::pin(async {})
    }

    fn spawn(&self, work: Work) {
        run(work);
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

struct Nobody;

impl Ui for Nobody {
    fn show(&self, _: &Page<'_>) {}
}

/// Wants everything.
pub(crate) const ALL: Request<'static> =
    Request { accounts: &|_: &Account| true, renew: false, roles: true };

impl World {
    pub(crate) fn new(mut scenario: Scenario) -> Self {
        scenario.approval = Approval::Automatic;
        let session = Session::named("work", &scenario.start_urls[0], &scenario.region);
        let start = Timestamp::from_unix(START as i64);
        let emulator = InProcess::new(Idp::new(scenario), start);
        let time = Mutex::new(Duration::from_secs(START));
        let clock = Arc::new(JumpingClock { emulator: emulator.clone(), time });
        let warnings = Arc::new(Warnings::default());
        let endpoints = Endpoints::all_at("http://127.0.0.1");
        let transport = Arc::new(emulator.clone());
        let mut context = Context::new(Arc::clone(&clock) as Arc<dyn Clock>, transport, endpoints);
        context.log = Arc::clone(&warnings) as Arc<dyn Log>;
        let home = tempfile::tempdir().unwrap();
        let directory = |name| Directory::new(home.path().join(name));
        let caches = Caches {
            sso: directory("sso"),
            cli: directory("cli"),
            assumed_roles: directory("assumed"),
            listings: directory("listings"),
        };
        let taken = Mutex::default();
        let world =
            Self { context, emulator, warnings, clock, caches, session, taken, _home: home };
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
        run(login.run(Flow::DeviceCode)).unwrap();
    }

    /// An organisation of accounts with three roles each.
    pub(crate) fn of(accounts: u64) -> Self {
        let mut scenario = Scenario::default();
        scenario.accounts = organisation(accounts);
        Self::new(scenario)
    }

    pub(crate) fn listing(&self) -> Listing {
        Listing::new(&self.context, &self.session, &self.caches)
    }

    pub(crate) fn list(&self, request: &Request<'_>) -> Result<Vec<Assigned>, Error> {
        self.watch(request, |_| {})
    }

    pub(crate) fn watch(
        &self,
        request: &Request<'_>,
        mut watch: impl FnMut(Event<'_>),
    ) -> Result<Vec<Assigned>, Error> {
        run(self.listing().list(request, &mut watch))
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
            run(self.listing().list(request, &mut watch)).map(drop)
        }));
        assert!(died.is_err(), "it was not killed");
    }

    pub(crate) fn index_file(&self) -> CacheFile {
        self.caches.listings.file(&self.session.cache_key())
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

/// Runs a future that never really waits.
fn run<T>(future: impl Future<Output = T>) -> T {
    let mut task = Task::from_waker(Waker::noop());
    let mut future = pin!(future);
    for _ in 0..100_000 {
        if let Poll::Ready(value) = future.as_mut().poll(&mut task) {
            return value;
        }
    }
    panic!("something waits for real");
}
