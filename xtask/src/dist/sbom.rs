//! The list of what the binary is made of, as CycloneDX writes it.

use std::env;
use std::fs;
use std::path::PathBuf;

use super::{copy, recipe};
use crate::{Result, cargo, root, run_at};

/// Writes `target/dist/<target>/keyfob.cdx.json`: crates, versions, licences and checksums. The same
/// commit gives the same bytes.
pub(crate) fn write(target: &str) -> Result<PathBuf> {
    recipe::needs("a list of what it is made of", &[recipe::CYCLONEDX])?;
    // It puts a file beside each manifest, and the folder into each name.
    let folder = root().canonicalize()?.join("target/dist-sbom");
    copy::of_workspace(&folder)?;
    let mut list = cargo(&["cyclonedx", "--quiet", "--manifest-path", "crates/cli/Cargo.toml"]);
    list.args(["--format", "json", "--spec-version", "1.5", "--override-filename", "keyfob.cdx"]);
    list.args(["--no-build-deps", "--target", target]);
    // With it there is no random number in the list.
    list.env("SOURCE_DATE_EPOCH", epoch()?);
    run_at(&folder, &mut list)?;
    let text = fs::read_to_string(folder.join("crates/cli/keyfob.cdx.json"))?;
    let text = text.replace(&format!("file://{}/", folder.display()), "file:///keyfob/");
    let file = super::dist().join(target).join("keyfob.cdx.json");
    fs::create_dir_all(file.with_file_name(""))?;
    crate::home::write(&file, &text)?;
    Ok(file)
}

/// When the commit was made, unless somebody says otherwise.
#[expect(clippy::disallowed_methods, reason = "the variable is for programs that build")]
fn epoch() -> Result<String> {
    let folder = root().display().to_string();
    let said = env::var("SOURCE_DATE_EPOCH");
    said.or_else(|_| recipe::answer("git", &["-C", &folder, "log", "-1", "--format=%ct"]))
}
