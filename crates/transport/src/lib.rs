#![doc = include_str!("../README.md")]

mod client;
mod connect;
mod error;
mod proxies;
mod retry;
mod roots;

pub use client::{Config, Hyper};
pub use error::Failure;
pub use proxies::Proxies;
pub use retry::RetryPolicy;
pub use roots::Roots;
