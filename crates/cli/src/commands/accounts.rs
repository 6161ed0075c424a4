//! `keyfob accounts`

use crate::args::Accounts;
use crate::exit::Failure;
use crate::listing;
use crate::rows::Kind;

pub(crate) fn run(arguments: &Accounts) -> Result<(), Failure> {
    listing::show(&arguments.list, Kind::Account)
}
