#![doc = include_str!("../README.md")]

mod authorization_code;
mod browser;
mod choose;
mod device_code;
mod error;
mod listener;
mod registration;
mod sign_in;
mod start_url;

pub use browser::Browser;
pub use choose::{Choice, choose};
pub use error::LoginError;
pub use sign_in::{Login, Page, SignedIn, Ui};
