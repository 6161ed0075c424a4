//! What package managers of others want to know: where the archives are, and their hashes.

use std::collections::BTreeMap;
use std::fs;

use regex_lite::{Captures, Regex};

use super::{Release, write};
use crate::{Result, root};

/// The templates, which `packaging` holds in the words of each package manager.
const MANIFESTS: [&str; 6] = [
    "aur/PKGBUILD",
    "homebrew/keyfob.rb",
    "scoop/keyfob.json",
    "winget/Keyfob.Keyfob.yaml",
    "winget/Keyfob.Keyfob.installer.yaml",
    "winget/Keyfob.Keyfob.locale.en-US.yaml",
];

/// Fills the templates in whose archives there are.
pub(super) fn make(release: &mut Release, sums: &str) -> Result {
    let Some(address) = release.address.clone() else {
        let set = "set `repository` in Cargo.toml, or give --address URL";
        release.skipped.push(format!("manifests: they name an address, and there is none; {set}"));
        return Ok(());
    };
    let values = values(release, &address, sums);
    for name in MANIFESTS {
        let template = fs::read_to_string(root().join("packaging").join(name))?;
        let path = release.directory.join("manifests").join(name);
        match filled(&template, &values) {
            Ok(text) => {
                fs::create_dir_all(path.parent().ok_or("no directory")?)?;
                write(&path, text)?;
            }
            Err(missing) => release.skipped.push(format!("{name}: there is no {missing}")),
        }
    }
    Ok(())
}

/// What stands for the names in templates.
fn values(release: &Release, address: &str, sums: &str) -> BTreeMap<String, String> {
    let mut values = BTreeMap::from([
        ("VERSION".to_owned(), release.version.clone()),
        ("HOMEPAGE".to_owned(), address.to_owned()),
        ("URL".to_owned(), release.downloads(address)),
    ]);
    let begin = format!("keyfob-v{}-", release.version);
    for (sum, name) in sums.lines().filter_map(|line| line.split_once("  ")) {
        let rest = name.strip_prefix(&begin);
        let of = rest
            .and_then(|rest| rest.strip_suffix(".tar.gz").or_else(|| rest.strip_suffix(".zip")));
        if let Some(of) = of {
            values.insert(format!("SHA256 {of}"), sum.to_owned());
        }
    }
    values
}

/// Puts the values into a template, or tells which is missing.
fn filled(
    template: &str,
    values: &BTreeMap<String, String>,
) -> std::result::Result<String, String> {
    #[expect(clippy::unwrap_used, reason = "a constant")]
    let placeholder = Regex::new("@([A-Z0-9]+(?: [a-z0-9_-]+)?)@").unwrap();
    let mut missing = None;
    let text = placeholder.replace_all(template, |found: &Captures<'_>| {
        let name = found.get(1).map_or("", |name| name.as_str());
        let value = values.get(name);
        if value.is_none() {
            missing = Some(name.to_owned());
        }
        value.cloned().unwrap_or_default()
    });
    missing.map_or_else(|| Ok(text.into_owned()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_filled_in_or_says_what_is_missing() {
        let mut values = BTreeMap::from([("VERSION".to_owned(), "1.2.3".to_owned())]);
        let template = "v@VERSION@ @SHA256 source@ ${all[@]}";
        assert_eq!(filled(template, &values).unwrap_err(), "SHA256 source");
        values.insert("SHA256 source".to_owned(), "abc".to_owned());
        assert_eq!(filled(template, &values).unwrap(), "v1.2.3 abc ${all[@]}");
    }

    #[test]
    fn binstall_and_the_manifests_look_in_the_same_place() {
        let text = fs::read_to_string(root().join("crates/cli/Cargo.toml")).unwrap();
        let manifest: toml::Table = toml::from_str(&text).unwrap();
        let address = manifest["package"]["metadata"]["binstall"]["pkg-url"].as_str().unwrap();
        let release = Release {
            version: "{ version }".to_owned(),
            epoch: String::new(),
            address: None,
            directory: root(),
            skipped: Vec::new(),
        };
        let place = release.downloads("{ repo }");
        let name = "{ name }-v{ version }-{ target }{ archive-suffix }";
        assert_eq!(address, format!("{place}/{name}"));
    }
}
