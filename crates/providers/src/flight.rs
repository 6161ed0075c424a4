//! Work that goes on whoever waits for it.

use std::sync::Arc;

use async_lock::OnceCell;

use crate::{Clock, Error};

type Landed<T> = OnceCell<Result<T, Error>>;

/// Work that runs beside its callers, each of which may wait for it or leave.
#[derive(Clone)]
pub(crate) struct Flight<T>(Arc<Landed<T>>);

impl<T: Clone + Send + Sync + 'static> Flight<T> {
    /// Does work to its end although everybody who waits for it is gone.
    pub(crate) fn begin(
        clock: &dyn Clock,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Self {
        let (flight, pilot) = Self::announced();
        pilot.begin(clock, work);
        flight
    }

    /// Makes a flight that can be waited for, and what begins it.
    pub(crate) fn announced() -> (Self, Pilot<T>) {
        let landed = Arc::default();
        (Self(Arc::clone(&landed)), Pilot(landed))
    }

    /// Waits for the end of the work.
    pub(crate) async fn landed(&self) -> Result<T, Error> {
        self.0.wait().await.clone()
    }

    /// Whether the work has ended.
    pub(crate) fn is_over(&self) -> bool {
        self.0.is_initialized()
    }
}

/// Tells those who wait how the work ended, also where its runtime drops it or it panics.
pub(crate) struct Pilot<T>(Arc<Landed<T>>);

impl<T: Send + Sync + 'static> Pilot<T> {
    pub(crate) fn begin(
        self,
        clock: &dyn Clock,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) {
        clock.spawn(Box::pin(async move { self.land(work.await) }));
    }
}

impl<T> Pilot<T> {
    fn land(&self, result: Result<T, Error>) {
        // It lands once, so the cell is never contended; a second result is that of the drop.
        let _ = self.0.set_blocking(result);
    }
}

impl<T> Drop for Pilot<T> {
    fn drop(&mut self) {
        self.land(Err(Error::Abandoned));
    }
}
