//! What a registry asks of the packages.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::tidy::{metadata, root};

/// The packages of the workspace with their directories.
fn members() -> Vec<(Value, String)> {
    let metadata = metadata();
    let root = root().canonicalize().unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .filter(|package| package["source"].is_null())
        .map(|package| {
            let manifest = Path::new(package["manifest_path"].as_str().unwrap());
            let directory = manifest.parent().unwrap().strip_prefix(&root).unwrap();
            (package.clone(), directory.display().to_string())
        })
        .collect()
}

#[test]
fn packages_have_what_a_registry_asks_for() {
    let is_filled = |value: &Value| match value {
        Value::Array(values) => (1..=5).contains(&values.len()),
        Value::String(text) => !text.is_empty(),
        _ => false,
    };
    for (package, directory) in members() {
        let Some(folder) = directory.strip_prefix("crates/") else {
            assert_eq!(package["publish"], serde_json::json!([]), "{directory} stays here");
            continue;
        };
        let is_library = folder != "cli";
        let name = if is_library { format!("keyfob-{folder}") } else { "keyfob".to_owned() };
        assert_eq!(package["name"], name.as_str());
        assert!(package["publish"].is_null(), "{name} can be published");
        let library = folder.replace('-', "_");
        let mut targets = package["targets"].as_array().unwrap().iter();
        assert_eq!(targets.any(|target| target["name"] == library.as_str()), is_library, "{name}");
        let fields = ["description", "keywords", "categories", "license", "rust_version", "readme"];
        let documentation = is_library.then_some("documentation"); // a program is its README
        for field in fields.into_iter().chain(documentation) {
            assert!(is_filled(&package[field]), "{field} of {name}: {}", package[field]);
        }
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            let [own, common] =
                [&directory, "."].map(|folder| std::fs::read(root().join(folder).join(licence)));
            assert_eq!(own.unwrap(), common.unwrap(), "{licence} of {name}");
        }
    }
}

#[test]
fn packages_can_be_published_one_after_the_other() {
    let members = members();
    let mut missing: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (package, directory) in &members {
        let name = package["name"].as_str().unwrap();
        let of_workspace = package["dependencies"].as_array().unwrap().iter();
        let of_workspace = of_workspace.filter(|dependency| dependency["path"].is_string());
        let names = of_workspace.map(|dependency| {
            let other = dependency["name"].as_str().unwrap();
            // What tests share is not published; cargo leaves it out of a package.
            let is_for_tests = other == "test-support"
                && (dependency["kind"] == "dev" || !package["publish"].is_null());
            let has_version = dependency["req"] != "*";
            assert!(has_version || is_for_tests, "{directory} names a version of {other}");
            other
        });
        missing.insert(name, names.collect());
    }
    while !missing.is_empty() {
        let ready: Vec<&str> =
            missing.iter().filter(|(_, needs)| needs.is_empty()).map(|(name, _)| *name).collect();
        assert!(!ready.is_empty(), "a circle, with development dependencies: {missing:?}");
        missing.retain(|name, _| !ready.contains(name));
        missing.values_mut().for_each(|needs| needs.retain(|need| !ready.contains(need)));
    }
}

#[test]
fn dependencies_are_sorted_and_named_once() {
    let manifests = members().into_iter().map(|(_, directory)| root().join(directory));
    for manifest in manifests.chain([root()]).map(|directory| directory.join("Cargo.toml")) {
        let text = std::fs::read_to_string(&manifest).unwrap();
        for table in text.split("\n[").filter(|table| {
            table.split(']').next().is_some_and(|header| header.ends_with("dependencies"))
        }) {
            let (header, lines) = table.split_once('\n').unwrap();
            for block in lines.trim_end().split("\n\n") {
                let name =
                    |line: &str| line.split(['.', ' ']).next().unwrap_or_default().to_owned();
                let names: Vec<String> = block.lines().map(name).collect();
                let manifest = manifest.display();
                assert!(names.iter().all(|name| !name.is_empty()), "[{header} of {manifest}");
                assert!(names.is_sorted_by(|a, b| a < b), "[{header} of {manifest}: {names:?}");
            }
        }
    }
}
