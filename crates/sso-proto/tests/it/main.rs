//! The portal API as its users see it: what is sent, and what comes of each answer.
#![expect(clippy::unwrap_used, reason = "tests")]

mod answers;
mod requests;
