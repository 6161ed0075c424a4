#![doc = include_str!("../README.md")]

mod form;
mod marker;
mod name_format;
mod plan;
mod region;
mod role;

pub use form::Form;
pub use name_format::{NameFormat, NameFormatError};
pub use plan::{Conflict, Options, Outcome, Plan, PlanError, plan};
pub use region::short_region;
pub use role::AssignedRole;
pub use shared_config;
