//! How far the work is from its end.

use tokio::sync::watch;

/// What may still begin and run; it goes forward alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Commands are started.
    Going,
    /// Those that run go on, and no more are started.
    NoMore,
    /// Those that run were told to end.
    Interrupted,
}

/// Tells everybody who runs or waits.
#[derive(Debug)]
pub(super) struct Stop(watch::Sender<Phase>);

impl Stop {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(Phase::Going))
    }

    pub(super) fn raise(&self, to: Phase) {
        self.0.send_if_modified(|phase| {
            let is_later = *phase < to;
            *phase = to.max(*phase);
            is_later
        });
    }

    pub(super) fn has_reached(&self, phase: Phase) -> bool {
        *self.0.borrow() >= phase
    }

    /// Waits until it has come so far.
    pub(super) async fn reached(&self, phase: Phase) {
        // It cannot fail: the sender is here.
        let _ = self.0.subscribe().wait_for(|reached| *reached >= phase).await;
    }
}
