//! `keyfob accounts`

use crate::args::List;
use crate::exit::Failure;
use crate::listing;
use crate::rows::Columns;

pub(crate) fn run(arguments: &List) -> Result<(), Failure> {
    listing::show(arguments, Columns::Account)
}
