//! `keyfob search`

use assignments::{Request, Search};

use crate::args;
use crate::exit::Failure;
use crate::listing::list;
use crate::rows::{Columns, Row, print_rows, sort};

pub(crate) fn run(arguments: &args::Search) -> Result<(), Failure> {
    let everything = Request { accounts: &|_| true, renew: arguments.listed.refresh, roles: true };
    // Which is best is known only when all are known.
    let all = list(&arguments.listed, &everything, &mut |_| Ok(true))?;
    let mut rows: Vec<_> = all.iter().flat_map(Row::of_roles).collect();
    sort(&mut rows);
    let found = Search::new(&arguments.words.join(" ")).best(rows, Row::write_searched);
    print_rows(&found, Columns::Role, arguments.listed.output)
}
