//! `cargo xtask public-types`

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::{Result, cargo, root};

/// What every crate may show of others: their types are part of its own interface, and a new major
/// version of theirs is one of ours.
const EVERYWHERE: [&str; 5] = ["alloc", "core", "http", "std", "wire"];

/// What else a crate shows.
const SHOWN: [(&str, &[&str]); 12] = [
    ("assignments", &["providers", "serde_core", "sso_proto"]),
    ("emulator", &["serde_core"]),
    ("login", &["oidc_proto", "providers", "shared_config", "token_cache"]),
    ("oidc_proto", &[]),
    ("private_file", &[]),
    ("providers", &["shared_config", "sts_proto", "token_cache"]),
    ("shared_config", &[]),
    ("sso_proto", &[]),
    ("sts_proto", &[]),
    ("token_cache", &["private_file"]),
    ("transport", &[]),
    ("wire", &["zeroize"]),
];

/// Compares the foreign crates that the public interface of each crate names with [`SHOWN`].
pub(crate) fn run() -> Result {
    let mut documentation = cargo(&["doc", "--workspace", "--no-deps", "--lib", "--quiet"]);
    documentation
        .env("RUSTDOC", root().canonicalize()?.join("xtask/unstable-rustdoc"))
        .env("RUSTDOCFLAGS", "-Zunstable-options --output-format=json");
    crate::run(&mut documentation)?;

    let folder = target_directory()?;
    let mut differences = Vec::new();
    for (name, shown) in SHOWN {
        let text = fs::read(Path::new(&folder).join(format!("doc/{name}.json")))?;
        let seen = foreign_types(&serde_json::from_slice(&text)?);
        let shown: BTreeSet<&str> = shown.iter().copied().collect();
        for (other, places) in &seen {
            if !shown.contains(other.as_str()) && !EVERYWHERE.contains(&other.as_str()) {
                differences.push(format!("{name} shows {other}: {places:?}"));
            }
        }
        let gone = shown.iter().filter(|other| !seen.contains_key(**other));
        differences.extend(gone.map(|other| format!("{name} shows nothing of {other} any more")));
    }
    if differences.is_empty() { Ok(()) } else { Err(differences.join("\n").into()) }
}

/// Where cargo builds.
pub(crate) fn target_directory() -> Result<String> {
    let output =
        cargo(&["metadata", "--no-deps", "--format-version=1"]).current_dir(root()).output()?;
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let directory = metadata.get("target_directory").and_then(Value::as_str);
    Ok(directory.ok_or("no target directory")?.to_owned())
}

/// The types and traits of other crates in what rustdoc tells of one: by crate, with the items that
/// name them.
fn foreign_types(documentation: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let mut seen = BTreeMap::new();
    let items = documentation.get("index").and_then(Value::as_object);
    for item in items.into_iter().flat_map(|items| items.values()) {
        // Such come without being written, from the crates of the traits.
        let is_foreign = item.get("crate_id") != Some(&Value::from(0))
            || item.pointer("/inner/impl/blanket_impl").is_some_and(|of| !of.is_null())
            || item.pointer("/inner/impl/is_synthetic") == Some(&Value::from(true));
        if let Some(inner) = item.get("inner").filter(|_| !is_foreign) {
            let text = |path: &str| item.pointer(path).and_then(Value::as_str);
            let name = text("/name").unwrap_or("an impl");
            let place = format!("{name} in {}", text("/span/filename").unwrap_or_default());
            collect(inner, documentation, &place, &mut seen);
        }
    }
    seen
}

fn collect(
    value: &Value,
    documentation: &Value,
    place: &str,
    seen: &mut BTreeMap<String, BTreeSet<String>>,
) {
    match value {
        Value::Array(values) => {
            values.iter().for_each(|value| collect(value, documentation, place, seen));
        }
        Value::Object(members) => {
            let is_reference = members.contains_key("path") || members.contains_key("source");
            if let Some(id) = members.get("id").filter(|_| is_reference) {
                let crate_id = documentation.pointer(&format!("/paths/{id}/crate_id"));
                let name = crate_id
                    .and_then(|id| documentation.pointer(&format!("/external_crates/{id}/name")));
                if let Some(name) = name.and_then(Value::as_str) {
                    seen.entry(name.to_owned()).or_default().insert(place.to_owned());
                }
            }
            members.values().for_each(|value| collect(value, documentation, place, seen));
        }
        _ => {}
    }
}
