#![doc = include_str!("../README.md")]

mod ahead;
mod client;
mod config;
mod connect;
mod error;
mod issuer;
mod proxies;
mod retry;
mod roots;
mod tls;
mod tokio_clock;

pub use client::Hyper;
pub use config::Config;
pub use error::{Culprit, Failure};
pub use http;
pub use issuer::Issuer;
pub use proxies::{Proxies, Proxy, ProxyError};
pub use retry::RetryPolicy;
pub use roots::Roots;
pub use tokio_clock::TokioClock;
pub use wire;
