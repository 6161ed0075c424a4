#![doc = include_str!("../README.md")]

mod destination;
mod get_signin_token;
mod services;
mod shortcut;
mod sign_in_url;

pub use destination::{ConsoleUrl, Destination, DestinationError};
pub use get_signin_token::{GetSigninToken, MAX_SESSION_DURATION, MIN_SESSION_DURATION};
pub use services::{SERVICES, Service, service};
pub use shortcut::shortcut_url;
pub use sign_in_url::{endpoint, sign_in_url, sign_out_url};

pub use http;
pub use wire;
