//! Support for the tests across crates: where their cases are and how they are counted.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails, in its support code too")]

mod cases;
pub mod indented;
mod tally;

pub use cases::{Corpus, committed, committed_and_corpora, corpus, text};
pub use tally::{Difference, Tally};
