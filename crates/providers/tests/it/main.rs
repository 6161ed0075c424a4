//! Tokens and roles against the emulator in this process, with a clock that only moves when
//! somebody waits.

mod cached;
mod refresh;
mod support;
