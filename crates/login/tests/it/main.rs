//! Sign-ins at the emulator, in one process and without waiting; only the browser's way back to the
//! listener is a real one.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a panic is how a test fails")]

mod former_session;
mod registrations;
mod sign_in;
mod support;
