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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_no_runtime_waits_and_works_on_threads() {
        let (begin, span) = (ThreadClock.elapsed(), Duration::from_millis(2));
        futures_lite::future::block_on(ThreadClock.sleep(span));
        assert!(ThreadClock.elapsed() - begin >= span);
        let (sender, receiver) = std::sync::mpsc::channel();
        ThreadClock.spawn(Box::pin(async move {
            sender.send(std::thread::current().id()).unwrap();
        }));
        assert_ne!(receiver.recv().unwrap(), std::thread::current().id());
        assert!(ThreadClock.machine_time() > Duration::from_secs(1_767_323_045));
    }
}
