//! `keyfob search`

use assignments::{Request, Search};

use crate::args;
use crate::env::World;
use crate::exit::Failure;
use crate::labels::Labels;
use crate::listing;
use crate::rows::{Kind, Row, sort, to_vec};

pub(crate) fn run(arguments: &args::Search) -> Result<(), Failure> {
    let args::Search { words, listed } = arguments;
    let labels = Labels::load(&World::capture()?)?;
    let everything = Request::all().with_renew(listed.refresh);
    // Which is best is known only when all are known.
    let at_once = |_: &_| Vec::new();
    listing::print(listed, &labels, &everything, at_once, |all| {
        let mut rows: Vec<_> = all.iter().flat_map(|one| Row::of_roles(one, &labels)).collect();
        sort(&mut rows);
        let found = Search::new(&words.join(" ")).best(rows, Row::write_searched);
        to_vec(&found, Kind::Role, listed)
    })
}
