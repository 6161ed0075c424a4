use std::time::Duration;

use wire::{Clock, Sleep, Timestamp, Work};

/// What is different on an [`Altered`] clock.
pub trait Alter: Send + Sync + 'static {
    /// The clock that does the rest.
    fn right(&self) -> &dyn Clock;

    /// As [`Clock::now`].
    fn now(&self) -> Timestamp {
        self.right().now()
    }

    /// As [`Clock::elapsed`].
    fn elapsed(&self) -> Duration {
        self.right().elapsed()
    }

    /// As [`Clock::machine_time`].
    fn machine_time(&self) -> Duration {
        self.right().machine_time()
    }

    /// As [`Clock::sleep`].
    fn sleep(&self, span: Duration) -> Sleep<'_> {
        self.right().sleep(span)
    }

    /// As [`Clock::spawn`].
    fn spawn(&self, work: Work) {
        self.right().spawn(work);
    }
}

/// A clock that does some of its work in another way than a right one.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "a wrapper")]
pub struct Altered<A>(pub A);

impl<A: Alter> Clock for Altered<A> {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    fn machine_time(&self) -> Duration {
        self.0.machine_time()
    }

    fn sleep(&self, span: Duration) -> Sleep<'_> {
        self.0.sleep(span)
    }

    fn spawn(&self, work: Work) {
        self.0.spawn(work);
    }
}
