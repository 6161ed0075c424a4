//! What a user of the crate relies on, through its public interface.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod call;
mod props;
