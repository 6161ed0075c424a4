use std::fs::{File, FileTimes, TryLockError};
use std::io;
use std::time::SystemTime;

/// An advisory lock, freed when it is dropped or its process ends in any way.
///
/// It is on a file that stays there: deleting it would let two processes hold "the" lock.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

/// What an attempt to lock came to.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "held, not held, or no such thing here")]
pub enum Locking<L = Lock> {
    /// Somebody else holds the lock.
    Busy,
    /// The lock is ours.
    Held(L),
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

    pub(crate) fn wait_on(file: File) -> io::Result<Self> {
        file.lock()?;
        Ok(Self { file })
    }

    /// Notes a time, which outlives the lock.
    pub fn mark(&self, time: SystemTime) {
        // Without the note the next process merely tries again sooner.
        let _ = self.file.set_times(FileTimes::new().set_modified(time));
    }
}
