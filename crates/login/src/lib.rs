#![doc = include_str!("../README.md")]

mod authorization_code;
mod browser;
mod choose;
mod device_code;
mod error;
mod listener;
mod portal;
mod registration;
mod sign_in;
mod start_url;
mod ui;

pub use browser::Browser;
pub use choose::{Choice, choose};
pub use error::LoginError;
pub use sign_in::{Login, SignedIn};
pub use start_url::find_region;
pub use ui::{Page, Ui};
pub use wire;
