use std::time::Duration;

use token_cache::{CacheFile, Lock, Locking};

use crate::{Context, Error};

impl Context {
    /// Locks a cache file, asking again every 5 to 50 ms; `None` where there are no locks. A wait of
    /// over two seconds is told, with who holds the lock.
    ///
    /// # Errors
    /// Fails with [`Error::Busy`] where another process holds the lock for longer than the patience
    /// of the context.
    ///
    /// # Cancel safety
    /// The future may be dropped at any moment: nothing is locked then.
    pub async fn lock(&self, file: &CacheFile) -> Result<Option<Lock>, Error> {
        let what = || {
            let by = file.locked_by().map(|holder| format!(", held by {holder}"));
            format!("the lock beside {}{}", file.path().display(), by.unwrap_or_default())
        };
        self.told(what, ask_for_lock(file, self)).await
    }
}

async fn ask_for_lock(file: &CacheFile, context: &Context) -> Result<Option<Lock>, Error> {
    let begun_at = context.clock.elapsed();
    let waited = || context.clock.elapsed().saturating_sub(begun_at);
    for attempt in 0_u32.. {
        match file.try_lock() {
            Locking::Held(lock) => {
                context.did("locked the file beside", file);
                return Ok(Some(lock));
            }
            Locking::Unsupported => {
                context.did("no lock beside", file);
                return Ok(None);
            }
            Locking::Busy if waited() >= context.patience => break,
            Locking::Busy => context.clock.sleep(pause(std::process::id(), attempt)).await,
        }
    }
    Err(Error::Busy { path: file.path().to_owned() })
}

/// Spreads the processes that wait for one lock: between 5 and 50 ms, by process and attempt.
fn pause(process: u32, attempt: u32) -> Duration {
    let mixed = process.wrapping_mul(2_654_435_761).wrapping_add(attempt.wrapping_mul(40_503));
    Duration::from_millis(u64::from(5 + (mixed >> 8) % 46))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_lie_between_5_and_50_ms_and_differ() {
        let pauses: Vec<_> = (0..100).map(|attempt| pause(4711, attempt).as_millis()).collect();
        assert!(pauses.iter().all(|pause| (5..=50).contains(pause)));
        assert_ne!(pause(1, 0), pause(2, 0));
    }
}
