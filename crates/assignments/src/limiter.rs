//! The pace of all processes of a machine.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_lock::Mutex as AsyncMutex;
use providers::Clock;
use token_cache::CacheFile;

/// The published quota of the portal, in requests a second.
const QUOTA: f64 = 20.0;

/// The slowest pace.
const FLOOR: f64 = 0.5;

/// A pace that was halved is back after this time; a second halving doubles the way back.
const RECOVERY: f64 = 2.0;

/// The longest wait that a server is granted.
const PATIENCE: Duration = Duration::from_secs(60);

/// A turn further away than this was written under another clock.
const HORIZON: Duration = Duration::from_secs(120);

/// How long another process is waited for that is changing the state, which takes microseconds.
const TRIES: u32 = 200;
const PAUSE: Duration = Duration::from_millis(5);

/// Gives turns, one request each, that are shared by all processes through a small file. Where it
/// cannot be written, the process keeps the pace by itself.
pub(crate) struct Limiter {
    file: CacheFile,
    alone: Mutex<State>,
    /// Held by whoever waits for a turn: a process has one turn ahead of itself, not more, so that
    /// processes share, and a change of the pace counts at once.
    queue: AsyncMutex<()>,
}

/// What the processes share: four numbers in a line.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct State {
    /// When the next turn is, in microseconds since the epoch.
    next: u64,
    /// When the pace was halved last, 0 where it never was.
    slowed_at: u64,
    /// The pace at that moment, in requests a second.
    pace: f64,
    /// When this was written, 0 where that is not known.
    written_at: u64,
}

impl Limiter {
    pub(crate) fn new(file: CacheFile) -> Self {
        Self { file, alone: Mutex::default(), queue: AsyncMutex::new(()) }
    }

    /// Waits for a turn; returns when it is.
    pub(crate) async fn turn(&self, clock: &dyn Clock) -> Duration {
        let _queue = self.queue.lock().await;
        let now = clock.machine_time();
        let turn = self.exchange(clock, micros(now), |state| state.reserve(micros(now))).await;
        let turn = Duration::from_micros(turn);
        clock.sleep(turn.saturating_sub(now)).await;
        turn
    }

    /// Slows all down, because the request of that turn was throttled.
    pub(crate) async fn slow_down(
        &self,
        clock: &dyn Clock,
        turn: Duration,
        asked: Option<Duration>,
    ) {
        let now = micros(clock.machine_time());
        let asked = micros(asked.unwrap_or_default().min(PATIENCE));
        self.exchange(clock, now, |state| state.slow_down(now, micros(turn), asked)).await;
    }

    async fn exchange<T>(
        &self,
        clock: &dyn Clock,
        now: u64,
        change: impl Fn(&mut State) -> T,
    ) -> T {
        let change = |state: &mut State| {
            state.follow(now);
            change(state)
        };
        for _ in 0..TRIES {
            let exchanged = self.file.exchange(|bytes| {
                let mut state = State::parse(bytes);
                let result = change(&mut state);
                (state.to_line().into_bytes(), result)
            });
            match exchanged {
                Ok(Some(result)) => return result,
                Ok(None) => clock.sleep(PAUSE).await,
                Err(_) => break,
            }
        }
        change(&mut self.alone.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    /// What cannot be read is as good as a first start.
    fn parse(bytes: &[u8]) -> Self {
        let parse = || {
            let mut words = std::str::from_utf8(bytes).ok()?.split_whitespace();
            let next = words.next()?.parse().ok()?;
            let slowed_at = words.next()?.parse().ok()?;
            let pace = words.next()?.parse().ok()?;
            let written_at = words.next().map_or(Ok(0), str::parse).ok()?;
            Some(Self { next, slowed_at, pace, written_at })
        };
        parse().unwrap_or_default()
    }

    fn to_line(self) -> String {
        format!("{} {} {:.3} {}\n", self.next, self.slowed_at, self.pace, self.written_at)
    }

    /// Goes back with a clock that was set back: nobody waits the longer for it. Within two seconds it
    /// is another process, which looked at the clock later and had its turn first.
    fn follow(&mut self, now: u64) {
        let back = self.written_at.saturating_sub(now);
        if (1..2_000_000).contains(&back) {
            return;
        }
        self.next = self.next.saturating_sub(back);
        self.slowed_at = self.slowed_at.saturating_sub(back);
        self.written_at = now;
    }

    /// The pace at a time, in requests a second.
    fn pace(&self, now: u64) -> f64 {
        if self.slowed_at == 0 || now < self.slowed_at {
            return QUOTA;
        }
        #[expect(clippy::cast_precision_loss, reason = "microseconds of minutes")]
        let seconds = (now - self.slowed_at) as f64 / 1e6;
        (self.pace.clamp(FLOOR, QUOTA) * (1.0 + seconds / RECOVERY)).min(QUOTA)
    }

    fn gap(&self, now: u64) -> u64 {
        micros(Duration::from_secs_f64(1.0 / self.pace(now)))
    }

    fn reserve(&mut self, now: u64) -> u64 {
        if self.next > now.saturating_add(micros(HORIZON)) {
            *self = Self::default();
        }
        let turn = self.next.max(now);
        self.next = turn + self.gap(turn);
        turn
    }

    fn slow_down(&mut self, now: u64, turn: u64, asked: u64) {
        // What was sent before the pace was halved says nothing about the new pace.
        if turn >= self.slowed_at {
            self.pace = (self.pace(now) / 2.0).max(FLOOR);
            self.slowed_at = now;
        }
        self.next = self.next.max(now.saturating_add(asked.max(self.gap(now))));
    }
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: u64 = 1_767_323_045_000_000;

    #[test]
    fn turns_are_a_twentieth_of_a_second_apart() {
        let mut state = State::default();
        let turns: Vec<_> = (0..3).map(|_| state.reserve(START) - START).collect();
        assert_eq!(turns, [0, 50_000, 100_000]);
        // What was not used is not made up for: there is no burst.
        assert_eq!(state.reserve(START + 9_000_000), START + 9_000_000);
        assert_eq!(state.reserve(START + 9_000_000), START + 9_050_000);
    }

    #[test]
    fn a_throttling_halves_the_pace_once_and_it_recovers() {
        let mut state = State::default();
        let turns = [state.reserve(START), state.reserve(START)];
        let later = START + 100_000;
        turns.iter().for_each(|turn| state.slow_down(later, *turn, 0));
        assert!((state.pace(later) - 10.0).abs() < 0.01, "{}", state.pace(later));
        assert_eq!(state.reserve(later), later + 100_000);
        assert!((state.pace(later + 1_000_000) - 15.0).abs() < 0.01);
        assert!((state.pace(later + 2_000_000) - 20.0).abs() < 0.01);
        (0..20).for_each(|_| state.slow_down(later, later, 0));
        assert!((state.pace(later) - FLOOR).abs() < 0.01);
    }

    #[test]
    fn the_server_may_ask_for_a_pause() {
        let mut state = State::default();
        let turn = state.reserve(START);
        state.slow_down(START, turn, 7_000_000);
        assert_eq!(state.reserve(START), START + 7_000_000);
    }

    #[test]
    fn a_state_of_another_clock_or_none_at_all_does_not_stop_anybody() {
        let later = START * 2;
        let mut state = State { next: later, slowed_at: later, pace: 0.5, written_at: 0 };
        assert_eq!(state.reserve(START), START);
        for text in ["", "x", "1 2", "NaN NaN NaN", "1 2 NaN", "1 1 -5"] {
            let mut state = State::parse(text.as_bytes());
            assert!(state.gap(START) >= 50_000, "{text}");
            assert_eq!(state.reserve(START), START, "{text}");
        }
        let state = State { next: START, slowed_at: 5, pace: 2.5, written_at: 7 };
        assert_eq!(State::parse(state.to_line().as_bytes()), state);
        assert_eq!(
            State::parse(b"1 2 2.5"),
            State { next: 1, slowed_at: 2, pace: 2.5, written_at: 0 }
        );
    }

    #[test]
    fn nobody_waits_longer_where_the_clock_is_set_back() {
        let mut state = State::default();
        state.follow(START);
        let turn = state.reserve(START);
        state.slow_down(START, turn, 7_000_000);
        let earlier = START - 60_000_000;
        state.follow(earlier);
        assert_eq!(state.reserve(earlier), earlier + 7_000_000);
        assert!(state.pace(earlier + 1_000_000) < QUOTA, "the pace is kept, too");
    }
}
