use std::sync::{Arc, Mutex};
use std::time::Duration;

use emulator::InProcess;
use wire::{Clock, Sleep, SystemTimes, Timestamp, Work};

use crate::block_on;

/// What happens while somebody waits.
type Event = Box<dyn FnOnce() + Send>;

/// A clock that shows what a test wants.
pub struct TestClock {
    now: Now,
    waits: Waits,
}

enum Now {
    /// The time of an emulator.
    Of(InProcess),
    /// This time, later by what was waited.
    From(Timestamp),
}

enum Waits {
    /// Time passes only where somebody waits, and then at once.
    Jump { slept: Mutex<Duration>, events: Mutex<Vec<Event>> },
    /// Waiting takes its time, by the timers of tokio.
    Real,
}

impl std::fmt::Debug for TestClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TestClock").field("now", &self.now()).finish_non_exhaustive()
    }
}

impl TestClock {
    /// Shows the time of an emulator, which jumps where somebody waits.
    pub fn of(emulator: &InProcess) -> Arc<Self> {
        Arc::new(Self { now: Now::Of(emulator.clone()), waits: Waits::jump() })
    }

    /// Shows a time, and jumps where somebody waits.
    pub fn at(now: Timestamp) -> Arc<Self> {
        Arc::new(Self { now: Now::From(now), waits: Waits::jump() })
    }

    /// Shows the time of an emulator; who waits does so for real, on tokio.
    pub fn of_and_real(emulator: &InProcess) -> Arc<Self> {
        Arc::new(Self { now: Now::Of(emulator.clone()), waits: Waits::Real })
    }

    /// Shows one time for ever; who waits does so for real, on tokio.
    pub fn at_and_real(now: Timestamp) -> Arc<Self> {
        Arc::new(Self { now: Now::From(now), waits: Waits::Real })
    }

    /// Does something at the next wait, before what was to be done there.
    pub fn at_next_wait(&self, event: impl FnOnce() + Send + 'static) {
        let Waits::Jump { events, .. } = &self.waits else { panic!("it waits for real") };
        events.lock().unwrap().push(Box::new(event));
    }

    /// Lets time pass; the emulator sees whole seconds.
    pub fn advance(&self, span: Duration) {
        let Waits::Jump { slept, .. } = &self.waits else { panic!("it waits for real") };
        let mut slept = slept.lock().unwrap();
        let before = slept.as_secs();
        *slept += span;
        if let Now::Of(emulator) = &self.now {
            emulator.advance(Duration::from_secs(slept.as_secs() - before));
        }
    }
}

impl Waits {
    fn jump() -> Self {
        Self::Jump { slept: Mutex::default(), events: Mutex::default() }
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        match (&self.now, &self.waits) {
            (Now::Of(emulator), _) => emulator.now(),
            (Now::From(now), Waits::Jump { slept, .. }) => *now + *slept.lock().unwrap(),
            (Now::From(now), Waits::Real) => *now,
        }
    }

    fn elapsed(&self) -> Duration {
        match &self.waits {
            Waits::Jump { slept, .. } => *slept.lock().unwrap(),
            Waits::Real => SystemTimes.elapsed(),
        }
    }

    fn machine_time(&self) -> Duration {
        match &self.waits {
            // With all its digits, whatever the emulator is set to.
            Waits::Jump { slept, .. } => Duration::from_secs(crate::START) + *slept.lock().unwrap(),
            Waits::Real => SystemTimes.machine_time(),
        }
    }

    fn sleep(&self, span: Duration) -> Sleep<'_> {
        match &self.waits {
            Waits::Jump { events, .. } => {
                let event = events.lock().unwrap().pop();
                if let Some(event) = event {
                    event();
                }
                self.advance(span);
                Box::pin(std::future::ready(()))
            }
            Waits::Real => Box::pin(tokio::time::sleep(span)),
        }
    }

    fn spawn(&self, work: Work) {
        match &self.waits {
            Waits::Jump { .. } => block_on(work),
            Waits::Real => drop(tokio::spawn(work)),
        }
    }
}
