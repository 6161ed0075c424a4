#![doc = include_str!("../README.md")]

mod component_names;
mod form;
mod marker;
mod name_format;
mod naming;
mod options;
mod owned;
mod plan;
mod region;
mod role;

pub use component_names::{ComponentError, ComponentNames, NameCase};
pub use form::{Existing, Form};
pub use name_format::{NameFormat, NameFormatError};
pub use naming::Naming;
pub use options::Options;
pub use plan::{Conflict, Outcome, Plan, PlanError, plan, plan_in};
pub use region::short_region;
pub use role::AssignedRole;
pub use shared_config;
