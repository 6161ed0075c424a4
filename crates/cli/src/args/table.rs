//! The options of every table.

use clap::builder::PossibleValuesParser;
use clap::{Arg, Args};

use crate::exit::Failure;
use crate::table::Columns;

// How a table is shown.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct TableArgs {
    /// The columns of the table, or of csv, in this order
    #[arg(long, value_delimiter = ',', value_name = "NAME,...")]
    columns: Vec<String>,
    /// Leave out the line with the names of the columns
    #[arg(long)]
    pub(crate) no_header: bool,
}

/// Lets `--columns` know the columns of a table, for its help, its errors and its completions.
pub(super) fn of(columns: Columns) -> impl FnOnce(Arg) -> Arg {
    |arg| arg.value_parser(PossibleValuesParser::new(columns.iter().map(|(name, _)| *name)))
}

impl TableArgs {
    /// Whether a table is asked for in so many words.
    pub(crate) fn is_said(&self) -> bool {
        self.no_header || !self.columns.is_empty()
    }

    /// Refuses the options where there are no columns.
    pub(crate) fn only_where(&self, has_columns: bool) -> Result<(), Failure> {
        if has_columns || !self.is_said() {
            return Ok(());
        }
        Err(Failure::usage("--columns and --no-header are for tables and csv")
            .with_hint("leave them out: JSON names its members"))
    }

    /// Leaves out a column where none are asked for.
    pub(crate) fn hiding(&self, columns: Columns, hidden: &str) -> Self {
        let mut table = self.clone();
        if table.columns.is_empty() {
            let usual = columns.iter().map(|(name, _)| *name).filter(|name| *name != hidden);
            table.columns.extend(usual.map(str::to_owned));
        }
        table
    }

    /// Makes the lines of a table of a header and rows that have all columns.
    pub(crate) fn lines<C: Clone>(
        &self,
        columns: Columns,
        header: Vec<C>,
        rows: impl Iterator<Item = Vec<C>>,
    ) -> impl Iterator<Item = Vec<C>> {
        let index = |name: &String| columns.iter().position(|(known, _)| known == name);
        let mut shown: Vec<usize> = self.columns.iter().filter_map(index).collect();
        if shown.is_empty() {
            shown.extend(0..columns.len());
        }
        let header = (!self.no_header).then_some(header);
        header
            .into_iter()
            .chain(rows)
            .map(move |line| shown.iter().filter_map(|index| line.get(*index).cloned()).collect())
    }
}
