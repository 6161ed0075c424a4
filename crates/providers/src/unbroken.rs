use std::sync::Arc;

use async_lock::{RwLock, RwLockReadGuardArc};

/// Work that must not be broken off in its middle: a refresh token is spent, or a person has signed
/// in, and the answer is not stored yet.
///
/// A program that ends awaits [`Unbroken::settled`] first, for a time that it chooses, while its
/// runtime goes on to run the work.
#[derive(Clone, Debug, Default)]
pub struct Unbroken(Arc<RwLock<()>>);

/// Such work is under way until this is dropped.
#[derive(Debug)]
pub struct Unfinished {
    _guard: RwLockReadGuardArc<()>,
}

impl Unbroken {
    /// Begins such work.
    ///
    /// # Cancel safety
    /// The future may be dropped at any moment: nothing has begun then.
    pub async fn begin(&self) -> Unfinished {
        Unfinished { _guard: self.0.read_arc().await }
    }

    /// Waits until no such work is under way; none begins meanwhile.
    ///
    /// # Cancel safety
    /// The future may be dropped at any moment, as for a limit of the time.
    pub async fn settled(&self) {
        drop(self.0.write().await);
    }
}
