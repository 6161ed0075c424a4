use std::time::{Duration, UNIX_EPOCH};

use wire::Timestamp;

/// An advisory lock on one key, freed when it is dropped or its process ends in any way.
///
/// The lock is on an empty file `<stem>.lock` beside the cache file, which stays there: deleting it
/// would let two processes hold "the" lock. Its modification time remembers the last attempt to
/// refresh.
#[derive(Debug)]
pub struct Lock(private_file::Lock);

/// What an attempt to lock came to.
pub type Locking = private_file::Locking<Lock>;

impl Lock {
    pub(crate) fn new(lock: private_file::Lock) -> Self {
        Self(lock)
    }

    /// Remembers that a refresh is attempted at `now`.
    pub fn mark_attempt(&self, now: Timestamp) {
        let since_epoch = Duration::from_secs(u64::try_from(now.unix()).unwrap_or(0));
        self.0.mark(UNIX_EPOCH + since_epoch);
    }
}
