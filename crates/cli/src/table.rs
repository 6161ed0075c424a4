//! Tables for people.

use std::io::{self, Write};

use tabwriter::TabWriter;

/// The columns of a table: the name by which each is asked for, and its header.
pub(crate) type Columns = &'static [(&'static str, &'static str)];

/// No column is made narrower than this.
const NARROWEST: usize = 6;

/// What stands between two columns.
const GAP: usize = 2;

/// Returns the header of a table.
pub(crate) fn header<C: From<&'static str>>(columns: Columns) -> Vec<C> {
    columns.iter().map(|(_, header)| C::from(header)).collect()
}

/// Writes rows in columns for stdout; on a terminal lines are made to
/// fit, by leaving out the middle of what is longest.
pub(crate) fn for_stdout<C: AsRef<str>>(rows: impl Iterator<Item = Vec<C>>) -> String {
    let size = terminal_size::terminal_size_of(io::stdout());
    let rows = rows.map(|row| cells(&row)).collect();
    aligned(match size {
        Some((width, _)) => fitted(rows, usize::from(width.0)),
        None => rows,
    })
}

/// Writes rows in columns, as wide as they are.
pub(crate) fn table<C: AsRef<str>>(rows: impl Iterator<Item = Vec<C>>) -> String {
    aligned(rows.map(|row| cells(&row)).collect())
}

fn cells<C: AsRef<str>>(row: &[C]) -> Vec<String> {
    row.iter().map(|cell| wire::printable(cell.as_ref())).collect()
}

fn aligned(rows: Vec<Vec<String>>) -> String {
    let mut writer = TabWriter::new(Vec::new());
    for row in rows {
        let _ = writeln!(writer, "{}", row.join("\t")); // into memory
    }
    let table = writer.into_inner().unwrap_or_default();
    let lines = String::from_utf8_lossy(&table);
    // Blanks that align nothing, where the last cells are empty.
    lines.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

fn fitted(mut rows: Vec<Vec<String>>, room: usize) -> Vec<Vec<String>> {
    let mut widths = Vec::new();
    for row in &rows {
        widths.resize(row.len().max(widths.len()), 0);
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let gaps = GAP * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > room {
        match widths.iter_mut().max() {
            Some(widest) if *widest > NARROWEST => *widest -= 1,
            _ => break,
        }
    }
    for (cell, width) in rows.iter_mut().flat_map(|row| row.iter_mut().zip(&widths)) {
        shorten(cell, *width);
    }
    rows
}

/// Leaves out the middle: names differ at their ends.
fn shorten(cell: &mut String, width: usize) {
    let count = cell.chars().count();
    if count <= width {
        return;
    }
    let kept = width.saturating_sub(1);
    let (head, tail) = (kept.div_ceil(2), kept / 2);
    let begin = cell.chars().take(head);
    *cell = begin.chain(['\u{2026}']).chain(cell.chars().skip(count - tail)).collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Vec<String>> {
        let rows = [["ACCOUNT", "NAME", "ROLE"], ["111122223333", "a-very-long-name-1", "Admin"]];
        rows.iter().map(|row| cells(row)).collect()
    }

    #[test]
    fn lines_fit_by_leaving_out_the_middle_of_the_longest_cells() {
        assert_eq!(
            aligned(fitted(rows(), 80)),
            "ACCOUNT       NAME                ROLE\n111122223333  a-very-long-name-1  Admin\n"
        );
        assert_eq!(
            aligned(fitted(rows(), 33)),
            "ACCOUNT       NAME          ROLE\n111122223333  a-very\u{2026}ame-1  Admin\n"
        );
        for room in 24..80 {
            let table = aligned(fitted(rows(), room));
            assert!(table.lines().all(|line| line.chars().count() <= room), "{room}: {table}");
        }
        let narrow = aligned(fitted(rows(), 5));
        assert!(narrow.contains("111\u{2026}33  a-v\u{2026}-1  Admin"), "{narrow}");
    }
}
