//! What tests of several crates share. It knows the formats and the protocols, and none of what is
//! tested on top of them.
#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a panic is how a test fails")]

mod altered;
mod block_on;
mod clock;
mod notes;
mod recorder;
mod signed_in;

pub use altered::{Alter, Altered};
pub use block_on::block_on;
pub use clock::TestClock;
pub use notes::Notes;
pub use recorder::{Recorder, json_answer};
pub use signed_in::{START, SignedIn, directory};
