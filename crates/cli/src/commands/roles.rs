//! `keyfob roles`

use crate::args::Roles;
use crate::exit::Failure;
use crate::listing;
use crate::rows::Kind;

pub(crate) fn run(arguments: &Roles) -> Result<(), Failure> {
    listing::show(&arguments.list, Kind::Role)
}
