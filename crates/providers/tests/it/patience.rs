//! Clocks that are wrong, and clocks that are set while somebody waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use providers::{Clock, Context, Endpoints, Error, InvalidTokenCause, SsoToken};
use test_support::{Alter, Altered};
use token_cache::Locking;
use wire::Timestamp;

use crate::support::{PROGRAM, URL, World, block_on};

const DAY: i64 = 86_400;

/// A clock that is off by so many seconds, and by so many more each time it is looked at.
struct Wrong {
    right: Arc<dyn Clock>,
    seconds: AtomicI64,
    step: i64,
}

impl Alter for Wrong {
    fn right(&self) -> &dyn Clock {
        &*self.right
    }

    fn now(&self) -> Timestamp {
        let seconds = self.seconds.fetch_add(self.step, Ordering::Relaxed);
        Timestamp::from_unix(self.right.now().unix() + seconds)
    }
}

impl World {
    fn with_clock(&self, seconds: i64, step: i64) -> Context {
        let right = self.clock.clone();
        let clock = Arc::new(Altered(Wrong { right, seconds: seconds.into(), step }));
        let transport = Arc::new(self.emulator.clone());
        Context::new(PROGRAM, clock, transport, self.caches.clone())
            .with_endpoints(Endpoints::all_at(URL))
            .with_log(self.notes.clone())
    }

    fn token_by(&self, context: Context) -> Result<(), Error> {
        block_on(SsoToken::new(context, self.session.clone()).token()).map(drop)
    }
}

#[test]
fn setting_the_clock_neither_ends_nor_prolongs_a_wait() {
    for step in [DAY, -DAY] {
        let world = World::new();
        let file = world.token_file();
        let Locking::Held(_lock) = file.try_lock() else { panic!("locks work here") };
        let context = world.with_clock(0, step).with_patience(Duration::from_secs(10));
        let begin = context.clock().elapsed();
        let error = block_on(context.lock(&file)).unwrap_err();
        assert!(matches!(error, Error::Busy { .. }), "{error}");
        let waited = context.clock().elapsed() - begin;
        assert!((10..11).contains(&waited.as_secs()), "{waited:?}");
    }
}

#[test]
fn a_clock_that_is_months_ahead_is_told_and_asks_nobody_to_sign_in_again() {
    let world = World::new();
    let ahead = 120 * DAY; // longer than a registration lives
    let told = ["the clock of this machine is 120 days ahead; set it right"];
    world.token_by(world.with_clock(ahead, 0)).unwrap();
    assert_eq!(world.notes.warnings(), told);
    // The same without a refresh token, as of a session without a name.
    let mut token = world.stored();
    token.refresh_token = None;
    world.token_file().replace(token.to_vec().expose()).unwrap();
    world.token_by(world.with_clock(ahead, 0)).unwrap();
    assert_eq!(world.notes.warnings(), told);
    assert_eq!(world.calls("CreateToken:refresh_token"), 0);
    // Where the clock is right, it is the token that is dead.
    world.emulator.advance(Duration::from_secs(10 * DAY.unsigned_abs()));
    let error = world.token_by(world.with_clock(0, 0)).unwrap_err();
    let is_expired =
        matches!(&error, Error::InvalidToken { cause: InvalidTokenCause::Expired { .. }, .. });
    assert!(is_expired, "{error:?}");
    assert_eq!(world.notes.warnings(), [""; 0]);
}
