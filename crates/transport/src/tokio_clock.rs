use std::time::Duration;

use wire::{Clock, Sleep, SystemTimes, Timestamp, Work};

/// The clock of this machine, which waits by the timers of tokio; work runs beside the caller as a
/// task of the runtime that is entered.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to hold")]
pub struct TokioClock;

impl Clock for TokioClock {
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
        Box::pin(tokio::time::sleep(span))
    }

    fn spawn(&self, work: Work) {
        tokio::spawn(work);
    }
}
