//! `keyfob roles`

mod diff;

use crate::args::{Roles, RolesWhat};
use crate::exit::Failure;
use crate::listing;
use crate::rows::Kind;

pub(crate) fn run(arguments: &Roles) -> Result<(), Failure> {
    match &arguments.what {
        None => listing::show(&arguments.list, Kind::Role),
        Some(RolesWhat::Diff(arguments)) => diff::run(arguments),
    }
}
