//! `Hyper` against servers that behave and servers that do not.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod deadlines;
mod exchanges;
mod proxies;
mod retries;
mod support;
mod tls;
