//! STS as its users see it: what is sent, and what comes of each answer.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a panic is how a test fails")]

mod answers;
mod requests;
