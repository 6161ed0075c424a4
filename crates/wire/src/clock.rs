use std::pin::Pin;
use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::Timestamp;

/// The future that [`Clock::sleep`] returns.
pub type Sleep<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// What [`Clock::spawn`] runs.
pub type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where the time comes from, and what runs in it.
pub trait Clock: Send + Sync {
    /// Returns the present time.
    fn now(&self) -> Timestamp;

    /// Returns how long it is since some moment in the past. Setting the clock does not change it:
    /// for how long something is waited for.
    fn elapsed(&self) -> Duration;

    /// Returns the time since the epoch as this machine has it, with all its digits: for pauses that
    /// processes agree on, not to be compared with times of servers.
    fn machine_time(&self) -> Duration;

    /// Waits.
    fn sleep(&self, span: Duration) -> Sleep<'_>;

    /// Runs work to its end beside the caller, whoever waits for it, as `tokio::spawn` does.
    ///
    /// A refresh that has begun is stored by such work although its caller is gone. Work that is
    /// dropped in its middle loses the session.
    fn spawn(&self, work: Work);
}

/// The clocks of this machine: what a [`Clock`] is made of, besides the way in which it waits.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to hold")]
pub struct SystemTimes;

impl SystemTimes {
    /// Returns the present time, as [`Clock::now`] does.
    pub fn now(self) -> Timestamp {
        Timestamp::from(UNIX_EPOCH + self.machine_time())
    }

    /// Returns the time since the first call, as [`Clock::elapsed`] does.
    #[expect(clippy::disallowed_methods, reason = "the one place where it is read")]
    pub fn elapsed(self) -> Duration {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        START.elapsed()
    }

    /// Returns the time since the epoch, as [`Clock::machine_time`] does.
    #[expect(clippy::disallowed_methods, reason = "the one place where it is read")]
    pub fn machine_time(self) -> Duration {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_of_this_machine_go_on() {
        #[expect(clippy::disallowed_methods, reason = "it is what the times are compared with")]
        let now = Instant::now;
        let times = SystemTimes;
        let first = times.elapsed();
        let begin = now();
        while now() == begin {}
        assert!(times.elapsed() > first);
        let written = Timestamp::parse("2026-01-01T00:00:00Z").unwrap();
        assert!(times.now() > written, "the clock of this machine is wrong");
        assert!(Timestamp::from(UNIX_EPOCH + times.machine_time()) > written);
    }
}
