//! Callers that leave: a client that hangs up, a time-out, the other branch of a `select!`.

use std::sync::Arc;
use std::time::Duration;

use emulator::InProcess;
use futures_lite::future::{poll_once, yield_now};
use http::{Request, Uri};
use providers::{
    Cached, Clock, Context, Credentials, CredentialsFuture, Endpoints, Error, ProvideCredentials,
    Sleep, SsoRole, SsoToken, Work,
};
use test_support::{Alter, Altered, TestClock};
use tokio::time::{sleep, timeout};
use wire::{ResponseFuture, Timestamp, Transport};

use crate::support::{PROGRAM, ROLE, URL, World};

const HOUR: Duration = Duration::from_secs(3600);

/// A network on which a request and its answer take a while.
struct Slow {
    emulator: InProcess,
    pauses: usize,
    latency: Duration,
}

impl Transport for Slow {
    fn connect_ahead(&self, _: &Uri) {}

    fn send<'a>(&'a self, request: Request<Vec<u8>>) -> ResponseFuture<'a> {
        Box::pin(async move {
            for _ in 0..self.pauses {
                yield_now().await;
            }
            self.wait().await;
            let answer = self.emulator.send(request).await;
            for _ in 0..self.pauses {
                yield_now().await;
            }
            self.wait().await;
            answer
        })
    }
}

impl Slow {
    async fn wait(&self) {
        if !self.latency.is_zero() {
            sleep(self.latency).await; // of no time it would be a millisecond
        }
    }
}

/// A clock on which who waits lets the others have their turn, and no more.
struct Turns(Arc<TestClock>);

impl Alter for Turns {
    fn right(&self) -> &dyn Clock {
        &*self.0
    }

    fn sleep(&self, span: Duration) -> Sleep<'_> {
        self.0.advance(span);
        Box::pin(tokio::task::yield_now())
    }

    fn spawn(&self, work: Work) {
        drop(tokio::spawn(work));
    }
}

fn context(world: &World, clock: Arc<dyn Clock>, pauses: usize, latency: Duration) -> Context {
    let slow = Slow { emulator: world.emulator.clone(), pauses, latency };
    Context::new(PROGRAM, clock, Arc::new(slow), world.caches.clone())
        .with_endpoints(Endpoints::all_at(URL))
}

fn token(world: &World, context: &Context) -> SsoToken {
    SsoToken::new(context.clone(), world.session.clone())
}

fn role(world: &World, context: &Context) -> SsoRole {
    SsoRole::new(token(world, context), ROLE).with_cache()
}

/// Polls a future so often, with a turn for everybody else after each; whether it is ready.
async fn poll(future: impl Future, times: usize) -> bool {
    let mut future = std::pin::pin!(future);
    for _ in 0..times {
        if poll_once(future.as_mut()).await.is_some() {
            return true;
        }
        tokio::task::yield_now().await;
    }
    false
}

/// Makes callers that leave after one poll more each time, until one of them stays to the end; a
/// caller that comes next must be served, and the refresh token be spent once.
fn leave_at_every_await<F: Future>(make: impl Fn(&World, Context) -> F) {
    for times in 0.. {
        let world = World::new();
        world.emulator.advance(2 * HOUR);
        // A caller has a turn after each one of a task, so it can leave between any two of them.
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().event_interval(1).build().unwrap();
        let stayed = runtime.block_on(async {
            let turns = Arc::new(Altered(Turns(world.clock.clone())));
            let context = context(&world, turns, 3, Duration::ZERO);
            let stayed = poll(make(&world, context.clone()), times).await;
            let next = token(&world, &context).token().await;
            assert!(next.is_ok(), "left after {times} polls: {next:?}");
            assert_eq!(world.stored().access_token, next.unwrap().token);
            context.unbroken().settled().await;
            stayed
        });
        assert_eq!(world.calls("CreateToken:refresh_token"), 1, "left after {times} polls");
        if stayed {
            assert!(times > 5, "it has awaits");
            return;
        }
    }
}

#[test]
fn a_refresh_is_stored_wherever_its_caller_leaves() {
    leave_at_every_await(|world, context| {
        let token = token(world, &context);
        async move { token.token().await }
    });
}

#[test]
fn a_refresh_for_a_role_is_stored_wherever_the_caller_leaves() {
    leave_at_every_await(|world, context| {
        let role = role(world, &context);
        async move { role.provide().await }
    });
}

#[test]
fn a_refresh_for_credentials_in_memory_is_stored_wherever_the_caller_leaves() {
    leave_at_every_await(|world, context| {
        let role = SsoRole::new(token(world, &context), ROLE);
        let cached = Cached::new(role, Arc::clone(context.clock()));
        async move { cached.provide().await }
    });
}

/// Fifty tasks on two threads, each with less patience than a refresh takes, of which some leave.
fn fifty_impatient_tasks<P: ProvideCredentials + 'static>(
    make: impl Fn(&World, &Context) -> P + Copy,
) {
    let world = Arc::new(World::new());
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let clock = TestClock::of_and_real(&world.emulator);
        let context = context(&world, clock, 1, Duration::from_millis(10));
        for round in 1..=5 {
            world.emulator.advance(HOUR); // five of them are within the session
            let provider = Arc::new(make(&world, &context));
            let tasks = (0..50_u64).map(|task| {
                let provider = Arc::clone(&provider);
                let patience = Duration::from_millis(task * 7919 % 60);
                tokio::spawn(async move { drop(timeout(patience, provider.provide()).await) })
            });
            for task in tasks.collect::<Vec<_>>() {
                task.await.unwrap();
            }
            provider.provide().await.unwrap();
            assert_eq!(world.calls("CreateToken:refresh_token"), round);
        }
        context.unbroken().settled().await;
    });
}

#[test]
fn tasks_that_leave_at_random_lose_no_session() {
    fifty_impatient_tasks(role);
}

#[test]
fn tasks_that_leave_at_random_lose_no_session_with_credentials_in_memory() {
    fifty_impatient_tasks(|world, context| {
        let role = SsoRole::new(token(world, context), ROLE);
        Cached::new(role, Arc::clone(context.clock()))
    });
}

#[test]
fn who_has_less_patience_than_a_fetch_takes_has_the_credentials_at_a_later_attempt() {
    let world = World::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let clock = TestClock::of_and_real(&world.emulator);
        let context = context(&world, clock, 0, Duration::from_millis(100));
        let cached = Cached::new(role(&world, &context), Arc::clone(context.clock()));
        let mut attempts = 0;
        while timeout(Duration::from_millis(50), cached.provide()).await.is_err() {
            attempts += 1;
        }
        assert!(attempts > 1, "it was slow");
        assert_eq!(world.calls("GetRoleCredentials"), 1);
    });
}

#[test]
fn work_that_the_runtime_drops_is_an_error_for_who_waits() {
    struct NoRuntime(InProcess);
    impl Clock for NoRuntime {
        fn now(&self) -> Timestamp {
            self.0.now()
        }

        fn elapsed(&self) -> Duration {
            Duration::ZERO
        }

        fn machine_time(&self) -> Duration {
            Duration::ZERO
        }

        fn sleep(&self, _: Duration) -> Sleep<'_> {
            Box::pin(std::future::pending())
        }

        fn spawn(&self, work: Work) {
            drop(work);
        }
    }
    struct Fixed;
    impl ProvideCredentials for Fixed {
        fn provide(&self) -> CredentialsFuture<'_> {
            Box::pin(async { Err::<Credentials, _>(Error::Abandoned) })
        }

        fn name(&self) -> &'static str {
            "fixed"
        }
    }
    let world = World::new();
    let cached = Cached::new(Fixed, Arc::new(NoRuntime(world.emulator.clone())));
    let error = futures_lite::future::block_on(cached.provide()).unwrap_err();
    assert!(matches!(error, Error::Abandoned), "{error:?}");
}
