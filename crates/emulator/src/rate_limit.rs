use std::num::NonZeroU32;

use wire::Timestamp;

/// A token bucket that holds the requests of one second.
pub(crate) struct RateLimit {
    filled_at: Option<Timestamp>,
    per_second: u32,
    tokens: u32,
}

impl RateLimit {
    pub(crate) fn new(per_second: NonZeroU32) -> Self {
        Self { filled_at: None, per_second: per_second.get(), tokens: per_second.get() }
    }

    /// Takes a token for one request; `false` means that the request is throttled.
    pub(crate) fn admit(&mut self, now: Timestamp) -> bool {
        // A second refills the whole bucket, and a second is the smallest step of the clock.
        if self.filled_at != Some(now) {
            self.filled_at = Some(now);
            self.tokens = self.per_second;
        }
        let admitted = self.tokens > 0;
        self.tokens = self.tokens.saturating_sub(1);
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_second_admits_so_many() {
        let mut limit = RateLimit::new(NonZeroU32::new(2).unwrap());
        let mut admit = |second| limit.admit(Timestamp::from_unix(second));
        assert_eq!([admit(1), admit(1), admit(1)], [true, true, false]);
        assert_eq!([admit(2), admit(2), admit(2)], [true, true, false]);
    }
}
