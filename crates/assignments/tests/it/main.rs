//! Listings against the emulator, in one process and without waiting.

mod listing;
mod pace;
mod support;
