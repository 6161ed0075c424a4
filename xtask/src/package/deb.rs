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
    if !release.needs("deb", "cargo-deb", DEB) {
        return Ok(());
    }
    let directory = release.staged().join("deb").join(target.triple);
    fs::create_dir_all(&directory)?;
    let manifest = directory.join("Cargo.toml");
    write(&directory.join("empty.rs"), "")?;
    write(&manifest, crate_of(release, target, &directory)?)?;
    let deb = release.directory.join(format!("keyfob_{}-1_{machine}.deb", release.version));
    let mut command = cargo(&["deb", "--no-build", "--no-strip", "--quiet"]);
    command.args(["--target", target.triple, "--manifest-path"]).arg(manifest);
    command.arg("--output").arg(deb).env("SOURCE_DATE_EPOCH", &release.epoch);
    output(&mut command).map(drop)
}

/// Returns a `Cargo.toml` with what that of keyfob says of the package, and the table of files.
fn crate_of(release: &Release, target: &Target, directory: &Path) -> Result<String> {
    let ours: Table = toml::from_str(&fs::read_to_string(root().join("crates/cli/Cargo.toml"))?)?;
    let ours = ours.get("package").ok_or("no [package]")?;
    let description = ours.get("description").ok_or("no description")?;
    let deb = ours.get("metadata").and_then(|metadata| metadata.get("deb")?.as_table());
    let mut deb = deb.cloned().ok_or("no [package.metadata.deb]")?;

    let changelog = directory.join("changelog.Debian");
    let maintainer = deb.get("maintainer").and_then(Value::as_str).unwrap_or_default();
    write(&changelog, debian_changelog(release, maintainer)?)?;
    let copyright = directory.join("copyright");
    write(&copyright, debian_copyright()?)?;

    let tree = release.staged().join(release.stem(target));
    let overrides = fs::canonicalize(root().join("packaging/lintian-overrides"))?;
    let assets = FILES
        .iter()
        .filter_map(|file| Some(asset(&tree.join(file.name), file.deb?, file.mode())))
        .chain([asset(&overrides, "/usr/share/lintian/overrides/keyfob", "644")])
        .collect();
    deb.insert("assets".to_owned(), Value::Array(assets));
    deb.insert("license-file".to_owned(), copyright.display().to_string().into());
    deb.insert("changelog".to_owned(), changelog.display().to_string().into());

    let homepage =
        release.address.as_ref().map_or(String::new(), |url| format!("homepage = {url:?}\n"));
    Ok(format!(
        "workspace = {{}}\nlib = {{ path = \"empty.rs\" }}\n\n[package]\nname = \"keyfob\"\n\
         version = {:?}\ndescription = {description}\nlicense = \"MIT OR Apache-2.0\"\n{homepage}\n\
         [package.metadata.deb]\n{}",
        release.version,
        toml::to_string(&deb)?
    ))
}

fn asset(source: &Path, place: &str, mode: &str) -> Value {
    Value::Array(vec![source.display().to_string().into(), place.into(), mode.into()])
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
