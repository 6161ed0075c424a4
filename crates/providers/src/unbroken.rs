use std::sync::Arc;

use async_lock::{RwLock, RwLockReadGuardArc};

/// Work that must not be broken off in its middle: a refresh token is spent, and the answer is not
/// stored yet.
///
/// A program that ends on a signal awaits [`Unbroken::settled`] first, for a time that it chooses,
/// while it goes on to poll the work.
#[derive(Clone, Debug, Default)]
pub struct Unbroken(Arc<RwLock<()>>);

impl Unbroken {
    /// Begins such work; it ends when the guard is dropped.
    pub(crate) async fn begin(&self) -> RwLockReadGuardArc<()> {
        self.0.read_arc().await
    }

    /// Waits until no such work is under way; none begins meanwhile.
    pub async fn settled(&self) {
        drop(self.0.write().await);
    }
}
