//! `THIRD-PARTY`: the licences of the libraries in the binary.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::output;
use super::targets::TARGETS;
use crate::{Result, cargo, root};

const HEAD: &str = "\
The program keyfob is under the MIT licence or the Apache License 2.0, at your choice.

It contains the libraries of others below, each under the licence that follows it; of several, one is
chosen. None of them was changed. The source of NAME VERSION is https://crates.io/crates/NAME/VERSION.
";

/// What no package of the registry is, and comes with the compiler.
const RUNTIME: &str = include_str!("../../../packaging/runtime-licences.txt");

const RULE: &str =
    "\n--------------------------------------------------------------------------------\n\n";

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    manifest_path: String,
    authors: Vec<String>,
    source: Option<String>,
}

impl Package {
    fn license(&self) -> &str {
        self.license.as_deref().unwrap_or_default()
    }

    /// Whether the Apache License is enough. What has parentheses or an AND is taken as a whole.
    fn may_be_apache(&self) -> bool {
        let license = self.license();
        !license.contains("AND")
            && license
                .split(" OR ")
                .flat_map(|one| one.split('/'))
                .any(|one| one.trim() == "Apache-2.0")
    }

    fn directory(&self) -> &Path {
        Path::new(&self.manifest_path).parent().unwrap_or_else(|| Path::new("/"))
    }
}

pub(super) fn text() -> Result<String> {
    let known: Vec<Package> = super::packages(&[])?;
    let linked = linked()?;
    let packages: Vec<&Package> = known
        .iter()
        .filter(|package| package.source.is_some()) // of others
        .filter(|package| linked.contains(&(package.name.clone(), package.version.clone())))
        .collect();
    let apache = fs::read_to_string(root().join("LICENSE-APACHE"))?;
    let mut of_text: BTreeMap<String, Vec<&Package>> = BTreeMap::new();
    for package in &packages {
        let notices = files_of(package, &["notice"])?;
        let text = if package.may_be_apache() && notices.is_empty() {
            apache.clone()
        } else {
            own_text(package, &packages)?
        };
        of_text.entry(text).or_default().push(package);
    }
    let mut groups: Vec<_> = of_text.into_iter().collect();
    groups.sort_by_key(|(_, packages)| packages.first().map(|package| package.name.clone()));
    let mut all = HEAD.to_owned();
    for package in packages.iter().filter(|package| package.license().contains("MPL")) {
        let Package { name, version, .. } = package;
        all += &format!(
            "That of {name} {version}, under the Mozilla Public License 2.0, is\n\
             https://crates.io/crates/{name}/{version}.\n"
        );
    }
    for (text, packages) in groups {
        all += RULE;
        for package in packages {
            all += &format!("{} {} ({})\n", package.name, package.version, package.license());
        }
        all = all + "\n" + text.trim_end() + "\n";
    }
    Ok(all + RULE + RUNTIME)
}

/// Name and version of what is linked into one of the binaries.
fn linked() -> Result<BTreeSet<(String, String)>> {
    let mut linked = BTreeSet::new();
    for target in &TARGETS {
        let tree = output(
            cargo(&["tree", "--quiet", "--locked", "-p", "keyfob", "--prefix", "none"]).args([
                "--edges",
                "normal,no-proc-macro",
                "--target",
                target.triple,
            ]),
        )?;
        linked.extend(tree.lines().filter_map(|line| {
            let mut words = line.split(' ');
            Some((words.next()?.to_owned(), words.next()?.strip_prefix('v')?.to_owned()))
        }));
    }
    Ok(linked)
}

/// The licence files of a package, or the text that they would have.
fn own_text(package: &Package, packages: &[&Package]) -> Result<String> {
    const NAMES: [&str; 6] = ["licence", "license", "copying", "copyright", "unlicense", "notice"];
    let files = files_of(package, &NAMES)?;
    if !files.is_empty() {
        return Ok(files.join("\n\n"));
    }
    if package.license() == "MIT" {
        let mit = fs::read_to_string(root().join("LICENSE-MIT"))?;
        let authors = if package.authors.is_empty() {
            format!("The authors of {}", package.name)
        } else {
            package.authors.join(", ")
        };
        let ours = mit.lines().find(|line| line.starts_with("Copyright")).unwrap_or_default();
        return Ok(mit.replace(ours, &format!("Copyright (c) {authors}")));
    }
    for other in packages.iter().filter(|other| other.license == package.license) {
        let files = files_of(other, &NAMES)?;
        if !files.is_empty() {
            return Ok(files.join("\n\n"));
        }
    }
    Err(format!("{} {} comes without its licence", package.name, package.version).into())
}

/// The texts of the files whose names begin so, also those of what the package has taken in itself.
fn files_of(package: &Package, names: &[&str]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut directories = vec![package.directory().to_path_buf()];
    while let Some(directory) = directories.pop() {
        let mut entries: Vec<_> = fs::read_dir(directory)?.collect::<std::io::Result<_>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name().to_string_lossy().to_lowercase();
            if entry.file_type()?.is_dir() {
                directories.push(entry.path());
            } else if names.iter().any(|begin| name.starts_with(begin)) && !name.ends_with(".rs") {
                found.push(fs::read_to_string(entry.path())?.replace("\r\n", "\n"));
            }
        }
    }
    found.dedup();
    Ok(found)
}
