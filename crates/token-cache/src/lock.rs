use std::fs::{File, FileTimes, TryLockError};
use std::time::{Duration, UNIX_EPOCH};

use wire::Timestamp;

/// An advisory lock on one key, freed when it is dropped or its process ends in any way.
///
/// The lock is on an empty file `<stem>.lock` beside the cache file, which stays there: deleting it
/// would let two processes hold "the" lock. Its modification time remembers the last attempt to
/// refresh.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

/// What an attempt to lock came to.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "held, not held, or no such thing here")]
pub enum Locking {
    /// Somebody else holds the lock.
    Busy,
    /// The lock is ours.
    Held(Lock),
    /// There are no locks here: a directory that cannot be written, a file system without them. Go
    /// on without, reading again before and adopting after.
    Unsupported,
}

impl Lock {
    pub(crate) fn try_on(file: File) -> Locking {
        match file.try_lock() {
            Ok(()) => Locking::Held(Self { file }),
            Err(TryLockError::WouldBlock) => Locking::Busy,
            Err(TryLockError::Error(_)) => Locking::Unsupported,
        }
    }

    /// Remembers that a refresh is attempted at `now`.
    pub fn mark_attempt(&self, now: Timestamp) {
        let since_epoch = Duration::from_secs(u64::try_from(now.unix()).unwrap_or(0));
        // Without the mark the next process merely tries again sooner.
        let _ = self.file.set_times(FileTimes::new().set_modified(UNIX_EPOCH + since_epoch));
    }
}
