use std::num::NonZeroU32;

use wire::Timestamp;

use crate::error::{Service, ServiceError};

/// Throttles the portal: so many requests are answered in each second of the clock.
#[derive(Default)]
pub(crate) struct RateLimit {
    answered: u32,
    per_second: Option<NonZeroU32>,
    second: Option<Timestamp>,
}

impl RateLimit {
    pub(crate) fn new(per_second: Option<NonZeroU32>) -> Self {
        Self { per_second, ..Self::default() }
    }

    /// Counts one request.
    pub(crate) fn admit(&mut self, now: Timestamp) -> Result<(), ServiceError> {
        // A second is the smallest step of the clock.
        if self.second.replace(now) != Some(now) {
            self.answered = 0;
        }
        if self.per_second.is_some_and(|limit| self.answered >= limit.get()) {
            return Err(ServiceError::throttled(Service::Portal));
        }
        self.answered = self.answered.saturating_add(1);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_second_admits_so_many() {
        let mut limit = RateLimit::new(NonZeroU32::new(2));
        let mut admit = |second| limit.admit(Timestamp::from_unix(second)).is_ok();
        assert_eq!([admit(1), admit(1), admit(1)], [true, true, false]);
        assert_eq!([admit(2), admit(2), admit(2)], [true, true, false]);
    }

    #[test]
    fn without_a_limit_all_are_admitted() {
        let mut limit = RateLimit::new(None);
        assert!((0..1000).all(|_| limit.admit(Timestamp::from_unix(1)).is_ok()));
    }
}
