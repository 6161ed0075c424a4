use std::time::Duration;

use wire::{Clock, Sleep, SystemTimes, Timestamp, Work};

use crate::thread::Worker;

/// The clock of this machine, for programs without a runtime: what waits and what runs beside the
/// caller has threads of its own.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to hold")]
pub struct ThreadClock;

impl Clock for ThreadClock {
    fn now(&self) -> Timestamp {
        SystemTimes.now()
    }

    fn elapsed(&self) -> Duration {
        SystemTimes.elapsed()
    }

    fn machine_time(&self) -> Duration {
        SystemTimes.machine_time()
    }

    fn sleep(&self, span: Duration) -> Sleep<'_> {
        Box::pin(blocking::unblock(move || std::thread::sleep(span)))
    }

    fn spawn(&self, work: Work) {
        Worker::start().run(move || futures_lite::future::block_on(work));
    }
}
