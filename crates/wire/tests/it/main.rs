//! What a user of the crate relies on, through its public interface.
#![expect(clippy::unwrap_used, reason = "tests")]

mod call;
mod props;
