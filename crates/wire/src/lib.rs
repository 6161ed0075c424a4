#![doc = include_str!("../README.md")]

mod call;
mod clock;
mod endpoint;
mod error;
mod log;
mod mask;
mod members;
mod operation;
mod percent;
mod retry;
mod retry_after;
mod secret;
mod session_credentials;
mod text;
mod time;
mod transport;

pub use call::{call, call_blocking};
pub use clock::{Clock, Sleep, SystemTimes, Work};
pub use endpoint::{
    EndpointError, EndpointVariant, PARTITIONS, Partition, custom_endpoint, is_loopback, partition,
    partition_of, regional_endpoint, validate_region,
};
pub use error::{CallError, DecodeError, EncodeError, ServiceError};
pub use log::{Log, NoLog};
pub use members::{Members, ParseMembersError};
pub use operation::{MAX_BODY, Operation, uri};
pub use percent::percent_encode;
pub use retry::{Attempts, Delay, Retry, RetryRule};
pub use retry_after::retry_after;
pub use secret::Secret;
pub use session_credentials::SessionCredentials;
pub use text::{is_hidden, printable};
pub use time::{ParseTimestampError, SystemTimeRangeError, Timestamp};
pub use transport::{ResponseFuture, Transport, TransportError};

pub use http;
pub use zeroize::Zeroize;
