#![doc = include_str!("../README.md")]

mod account;
mod calls;
mod former;
mod index;
mod known;
mod limiter;
mod listing;
mod paced;
mod role_credentials;
mod search;

pub use account::{Assigned, AssignedAccount, Roles};
pub use former::{Change, ChangeKind, Changes};
pub use index::{DamagedIndex, Index, Portal};
pub use listing::{Event, Listing, Request};
pub use role_credentials::RoleCredentials;
pub use search::Search;
