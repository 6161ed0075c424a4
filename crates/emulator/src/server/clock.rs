use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use wire::{SystemTimes, Timestamp};

/// The clock of one server: that of the machine, moved on by a test. Clones are one clock.
#[derive(Clone, Debug, Default)]
pub(super) struct Clock {
    seconds_ahead: Arc<AtomicU64>,
}

impl Clock {
    pub(super) fn now(&self) -> Timestamp {
        SystemTimes.now() + Duration::from_secs(self.seconds_ahead.load(Ordering::SeqCst))
    }

    pub(super) fn advance(&self, span: Duration) {
        self.seconds_ahead.fetch_add(span.as_secs(), Ordering::SeqCst);
    }
}
