#![doc = include_str!("../README.md")]

mod form;
mod marker;
mod name_format;
mod options;
mod plan;
mod region;
mod role;

pub use form::Form;
pub use name_format::{NameFormat, NameFormatError};
pub use options::Options;
pub use plan::{Conflict, Outcome, Plan, PlanError, plan};
pub use region::short_region;
pub use role::AssignedRole;
pub use shared_config;
