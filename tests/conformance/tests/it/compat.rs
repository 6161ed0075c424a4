//! `docs/compat.md` and the tables of differences say the same.

use std::collections::HashSet;

use conformance::Difference;

const COMPAT: &str = include_str!("../../../../docs/compat.md");

const TABLES: [&[Difference]; 12] = [
    crate::config_choices::OF_OTHERS,
    crate::config_choices::OWN,
    crate::config_sso::DIFFERENCES,
    crate::error_bodies::DIFFERENCES,
    crate::go_shared_config::DIFFERENCES,
    crate::oracle_requests::DIFFERENCES,
    crate::oracle_responses::DIFFERENCES,
    crate::profile_parser::DIFFERENCES,
    crate::refresh_states::DIFFERENCES,
    crate::start_urls::DIFFERENCES,
    crate::token_files::CHOSEN,
    crate::token_files::DIFFERENCES,
];

/// The row of a name: the table line that holds its anchor.
fn row(name: &str) -> Option<&'static str> {
    COMPAT.lines().find(|line| line.contains(&format!("<a id=\"{name}\"></a>")))
}

#[test]
fn every_difference_stands_in_its_row() {
    for difference in TABLES.into_iter().flatten() {
        let Difference { id, row: name, .. } = difference;
        let row = row(name).unwrap_or_else(|| panic!("docs/compat.md has no row `{name}`"));
        assert!(row.contains(&format!("`{id}`")), "row `{name}` does not name the case `{id}`");
    }
}

#[test]
fn every_row_has_a_name_of_its_own() {
    let mut names = HashSet::new();
    for line in COMPAT.lines().filter(|line| line.starts_with("| <a")) {
        let name = line.split('"').nth(1).unwrap();
        assert!(names.insert(name), "two rows are named `{name}`");
        assert_eq!(line.matches('|').count(), 6, "a cell of row `{name}` has a bar in it");
    }
    assert!(!names.is_empty());
}
