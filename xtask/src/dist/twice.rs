//! `cargo xtask dist --check`: a second build, in another folder and by another cargo home, must give
//! the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use object::{Object, ObjectSection};

use super::{copy, recipe::Recipe};
use crate::{Result, root};

#[expect(clippy::print_stdout, reason = "a chore talks to whoever runs it")]
pub(super) fn check(target: &str) -> Result {
    let first = super::build(target)?;
    // Names of other lengths than those of the first build.
    let folder = root().canonicalize()?.join("target/dist-check");
    let workspace = folder.join("a-workspace-of-another-name");
    copy::of_workspace(&workspace)?;
    let home = folder.join("cargo-home");
    copy::of_cargo_home(&home)?;
    let recipe = Recipe::of(target)?;
    let second = recipe.build(&workspace, &workspace.join("target"), &home)?;
    let (first, second) = (fs::read(first)?, fs::read(second)?);
    if first == second {
        println!("{target}: built twice, the same {} bytes", first.len());
        return Ok(());
    }
    let differing = differing(&sections(&first)?, &sections(&second)?);
    Err(format!("{target}: two builds differ:\n  {}", differing.join("\n  ")).into())
}

type Sections = BTreeMap<String, Vec<u8>>;

fn sections(binary: &[u8]) -> Result<Sections> {
    let file = object::File::parse(binary)?;
    let sections =
        file.sections().map(|section| Ok((section.name()?.to_owned(), section.data()?.to_vec())));
    sections.collect()
}

/// What is to be said of each section that is not the same in both.
fn differing(first: &Sections, second: &Sections) -> Vec<String> {
    let names: BTreeSet<&String> = first.keys().chain(second.keys()).collect();
    let describe = |name: &String| {
        let (first, second) = (first.get(name)?, second.get(name)?);
        let at = first.iter().zip(second).position(|(one, other)| one != other);
        let at =
            at.or_else(|| (first.len() != second.len()).then_some(first.len().min(second.len())))?;
        let excerpt = |bytes: &[u8]| {
            let bytes = bytes.get(at.saturating_sub(24)..).unwrap_or_default();
            String::from_utf8_lossy(bytes.get(..64).unwrap_or(bytes)).escape_debug().to_string()
        };
        let (before, after) = (excerpt(first), excerpt(second));
        let sizes = format!("{} and {} bytes", first.len(), second.len());
        Some(format!("{name}: {sizes}, from {at:#x} on:\n    {before}\n    {after}"))
    };
    let mut lines: Vec<String> = names.iter().filter_map(|name| describe(name)).collect();
    for name in names {
        if first.contains_key(name) != second.contains_key(name) {
            lines.push(format!("{name}: in one of them alone"));
        }
    }
    if lines.is_empty() {
        lines.push("the sections are the same; the headers are not".to_owned());
    }
    lines
}
