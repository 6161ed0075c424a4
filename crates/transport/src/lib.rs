#![doc = include_str!("../README.md")]

mod ahead;
mod client;
mod connect;
mod error;
mod proxies;
mod retry;
mod roots;
mod tls;
mod tokio_clock;

pub use client::{Config, Hyper};
pub use error::{Culprit, Failure};
pub use proxies::{Proxies, Proxy, ProxyError};
pub use retry::RetryPolicy;
pub use roots::Roots;
pub use tokio_clock::TokioClock;
