//! Cases that others wrote, or that other SDKs answered, run against keyfob's crates.
//!
//! A suite describes what is expected and what is seen in words and compares these; where keyfob
//! differs on purpose, a `DIFFERENCES` table says how and which row of `docs/compat.md` says why.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a panic is how a test fails, in its support code too"
)]

#[cfg(unix)] // it runs a script
mod account_ids;
mod cli_keys;
mod compat;
mod config_cases;
mod config_choices;
mod config_files;
mod config_sso;
mod endpoint_rules;
mod endpoint_urls;
mod error_bodies;
mod file_locations;
mod go_shared_config;
mod go_ssocreds;
mod indented_files;
mod leak;
mod one_profile;
mod oracle_requests;
mod oracle_responses;
mod packages;
mod profile_parser;
mod refresh_states;
mod scenario;
mod scenario_folders;
mod session;
mod sigv4;
mod start_urls;
mod sts_errors;
mod tidy;
mod token_files;
mod token_refresh;
mod token_resolution;
