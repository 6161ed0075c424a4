use wire::Timestamp;

use crate::random::Random;
use crate::scenario::Scenario;

/// The emulated instance: who and what it contains, and where its ids and tokens come from.
pub(crate) struct Instance {
    pub(crate) random: Random,
    pub(crate) scenario: Scenario,
    /// The address of the person who signs in where no page asks.
    pub(crate) user: String,
}

impl Instance {
    pub(crate) fn new(scenario: Scenario) -> Self {
        Self {
            random: Random::new(scenario.seed),
            user: scenario.users.first().map(|user| user.email.clone()).unwrap_or_default(),
            scenario,
        }
    }

    /// The time by the clock of the service.
    pub(crate) fn time(&self, now: Timestamp) -> Timestamp {
        Timestamp::from_unix(now.unix().saturating_add(self.scenario.clock_offset))
    }
}
