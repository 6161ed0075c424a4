//! Support for the tests across crates: where their cases are, how they are counted, and a world of
//! fakes to run them in.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails, in its support code too")]

mod cases;
mod fake;
pub mod indented;
mod tally;

pub use cases::{Corpus, committed, committed_and_corpora, corpus, text};
pub use fake::{FakeClock, FakeTransport, Notes, answer, block_on};
pub use tally::{Difference, Tally};
