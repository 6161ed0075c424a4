//! SSO OIDC as its users see it: what is sent, what comes of each answer, and the two flows.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod answers;
mod callback;
mod polling;
mod requests;
mod start_url;
