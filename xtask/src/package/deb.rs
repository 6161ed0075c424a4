//! The package for Debian and its kin, by `cargo deb`.

use std::fs;
use std::path::Path;
use std::process::Command;

use toml::{Table, Value};

use super::files::FILES;
use super::targets::Target;
use super::{Release, output, write};
use crate::{Result, cargo, root};

const DEB: &str = "cargo install --locked cargo-deb@3.8.0";

/// Makes the package of a target, where there is the tool.
pub(super) fn make(release: &mut Release, target: &Target, machine: &str) -> Result {
    let directory = release.staged().join("deb").join(target.triple);
    fs::create_dir_all(&directory)?;
    let tree = release.staged().join(release.stem(target));
    let manifest = manifest(release, &tree, &directory)?;
    let version = release.version.clone();
    if release.needs("deb", "cargo-deb", DEB) {
        let deb = release.directory.join(format!("keyfob_{version}-1_{}.deb", machine));
        let mut command = cargo(&["deb"]);
        command.env("SOURCE_DATE_EPOCH", &release.epoch).args([
            "--no-build",
            "--no-strip",
            "--quiet",
            "--target",
            target.triple,
        ]);
        command.arg("--manifest-path").arg(&manifest).arg("--output").arg(deb);
        output(&mut command)?;
    }
    Ok(())
}

/// Writes a `Cargo.toml` with what `crates/cli/Cargo.toml` says of packages and the table of files.
fn manifest(release: &Release, tree: &Path, directory: &Path) -> Result<std::path::PathBuf> {
    let ours: Table = toml::from_str(&fs::read_to_string(root().join("crates/cli/Cargo.toml"))?)?;
    let ours = ours.get("package").and_then(Value::as_table).ok_or("no [package]")?;
    let deb = ours.get("metadata").and_then(|metadata| metadata.get("deb")?.as_table());
    let mut deb = deb.cloned().ok_or("no [package.metadata.deb]")?;
    let maintainer = deb.get("maintainer").and_then(Value::as_str).unwrap_or_default().to_owned();

    let changelog = directory.join("changelog.Debian");
    write(&changelog, debian_changelog(release, &maintainer)?)?;
    let copyright = directory.join("copyright");
    write(&copyright, debian_copyright()?)?;
    let overrides = root().join("packaging/lintian-overrides");

    let mut assets: Vec<Value> = FILES
        .iter()
        .filter_map(|file| Some(asset(&tree.join(file.name), file.deb?, file.mode())))
        .collect();
    assets.push(asset(&fs::canonicalize(overrides)?, "/usr/share/lintian/overrides/keyfob", "644"));
    deb.insert("assets".to_owned(), Value::Array(assets));
    deb.insert("license-file".to_owned(), copyright.display().to_string().into());
    deb.insert("changelog".to_owned(), changelog.display().to_string().into());

    let mut metadata = Table::new();
    metadata.insert("deb".to_owned(), deb.into());
    let mut package = Table::new();
    package.insert("name".to_owned(), "keyfob".into());
    package.insert("version".to_owned(), release.version.clone().into());
    package.insert("license".to_owned(), "MIT OR Apache-2.0".into());
    package.insert(
        "description".to_owned(),
        ours.get("description").cloned().ok_or("no description")?,
    );
    package.insert("metadata".to_owned(), metadata.into());
    let mut library = Table::new();
    library.insert("path".to_owned(), "empty.rs".into());
    let mut all = Table::new();
    all.insert("package".to_owned(), package.into());
    all.insert("lib".to_owned(), library.into());
    all.insert("workspace".to_owned(), Table::new().into());
    write(&directory.join("empty.rs"), "")?;
    let path = directory.join("Cargo.toml");
    write(&path, toml::to_string(&all)?)?;
    Ok(path)
}

fn asset(source: &Path, destination: &str, mode: &str) -> Value {
    let mut asset = Table::new();
    asset.insert("source".to_owned(), source.display().to_string().into());
    asset.insert("dest".to_owned(), destination.into());
    asset.insert("mode".to_owned(), mode.into());
    asset.into()
}

fn debian_changelog(release: &Release, maintainer: &str) -> Result<String> {
    let time = format!("@{}", release.epoch);
    let date = output(Command::new("date").args(["--utc", "--rfc-email", "--date", &time]))?;
    Ok(format!(
        "keyfob ({}-1) unstable; urgency=medium\n\n  * New version; changelog.gz tells what is new.\n\n \
         -- {maintainer}  {date}",
        release.version
    ))
}

/// What Debian wants to know of the licences, in its form.
fn debian_copyright() -> Result<String> {
    let mit = fs::read_to_string(root().join("LICENSE-MIT"))?;
    let holders = mit.lines().find_map(|line| line.strip_prefix("Copyright (c) "));
    let terms: String = mit
        .lines()
        .skip_while(|line| !line.starts_with("Permission"))
        .map(|line| if line.is_empty() { " .\n".to_owned() } else { format!(" {line}\n") })
        .collect();
    Ok(format!(
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\
         Upstream-Name: keyfob\n\
         Comment: The binary contains libraries of others. Their licences are in\n \
         /usr/share/doc/keyfob/THIRD-PARTY.\n\n\
         Files: *\n\
         Copyright: {}\n\
         License: MIT or Apache-2.0\n\n\
         License: MIT\n{terms}\n\
         License: Apache-2.0\n \
         The text is in /usr/share/common-licenses/Apache-2.0.\n",
        holders.ok_or("LICENSE-MIT names no holder")?
    ))
}
