//! What a person has used, so that it comes first where they choose. The file is theirs alone and
//! holds names, counts and times.

use serde::{Deserialize, Serialize};
use token_cache::CacheFile;
use wire::SystemTimes;

use crate::env::World;

/// How many names are kept.
const KEPT: usize = 500;

/// After so many seconds a use counts half.
const HALF_LIFE: u32 = 7 * 24 * 3600;

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct History {
    used: Vec<Used>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Used {
    name: String,
    /// How often it was used; older uses count less.
    weight: f64,
    /// The last time, in seconds since the epoch.
    at: i64,
}

impl History {
    /// Reads the history; one that cannot be read is none.
    pub(crate) fn load(world: &World) -> Self {
        file(world).load().ok().flatten().map(|bytes| Self::read(&bytes)).unwrap_or_default()
    }

    fn read(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_default()
    }

    /// Notes that something is used. Where it cannot be noted, nothing is lost but an order.
    pub(crate) fn note(world: &World, name: &str) {
        let now = SystemTimes.now().unix();
        let _ = file(world).exchange(|bytes| {
            let mut history = Self::read(bytes);
            history.add(name, now);
            (serde_json::to_vec(&history).unwrap_or_default(), ())
        });
    }

    fn add(&mut self, name: &str, now: i64) {
        let weight = 1.0 + self.weight(name, now);
        self.used.retain(|used| used.name != name);
        self.used.insert(0, Used { name: name.to_owned(), weight, at: now });
        self.used.truncate(KEPT);
    }

    /// When a name was used the last time, in seconds since the epoch.
    pub(crate) fn last_use(&self, name: &str) -> Option<i64> {
        self.used.iter().find(|used| used.name == name).map(|used| used.at)
    }

    /// How much a name was used lately; 0 for one that never was.
    pub(crate) fn weight(&self, name: &str, now: i64) -> f64 {
        let used = self.used.iter().find(|used| used.name == name);
        used.map_or(0.0, |used| {
            let age = u32::try_from((now - used.at).max(0)).unwrap_or(u32::MAX);
            // A straight line between the halves: a power would take one more library at each start.
            let halved = used.weight / f64::from(1_u32 << (age / HALF_LIFE).min(31));
            halved * (1.0 - f64::from(age % HALF_LIFE) / f64::from(HALF_LIFE) / 2.0)
        })
    }
}

fn file(world: &World) -> CacheFile {
    CacheFile::at(world.caches().listings.path().join("history.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_often_or_lately_weighs_more() {
        let mut history = History::default();
        let day = 24 * 3600;
        for at in [0, 1, 2] {
            history.add("often", at);
        }
        history.add("once", 10);
        assert!(history.weight("often", 10) > history.weight("once", 10));
        history.add("lately", 60 * day);
        assert!(history.weight("lately", 60 * day) > history.weight("often", 60 * day));
        assert!(history.weight("never", 0) < history.weight("once", 60 * day));
        let read = History::read(&serde_json::to_vec(&history).unwrap());
        assert_eq!(read.used.len(), 3);
        assert!(History::read(b"no").used.is_empty());
    }
}
