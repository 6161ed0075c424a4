//! Listings against the emulator, in one process and without waiting.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a panic is how a test fails")]

mod listing;
mod pace;
mod support;
