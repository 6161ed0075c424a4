//! `cargo xtask sums FOLDER [--sign COMMAND]`: what users check a download by.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use sha2::{Digest, Sha256};

use crate::Result;

const SUMS: &str = "SHA256SUMS";

/// Writes `SHA256SUMS` of all files in a folder, in the form of `sha256sum`, and has it signed: the
/// command gets its path as last argument and writes `SHA256SUMS.something` beside it. The key is the
/// caller's.
#[expect(clippy::print_stdout, reason = "a chore talks to whoever runs it")]
pub(crate) fn run(folder: &Path, sign: Option<&str>) -> Result {
    let path = folder.join(SUMS);
    for name in names(folder)?.iter().filter(|name| name.starts_with(SUMS)) {
        fs::remove_file(folder.join(name))?; // a signature of another list
    }
    let mut text = String::new();
    for name in names(folder)? {
        let sum: String = Sha256::digest(fs::read(folder.join(&name))?)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        text += &format!("{sum}  {name}\n");
    }
    if text.is_empty() {
        return Err(format!("{}: there is no file", folder.display()).into());
    }
    crate::home::write(&path, &text)?;
    print!("{text}");
    let Some(command) = sign else { return Ok(()) };
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{command} \"$1\""), "sh"]).arg(fs::canonicalize(&path)?);
    crate::run(&mut shell)?;
    let made = names(folder)?.into_iter().find(|name| name.starts_with(SUMS) && name != SUMS);
    let made =
        made.ok_or_else(|| format!("`{command}` wrote no {SUMS}.something beside {SUMS}"))?;
    println!("{made}");
    Ok(())
}

/// The files in a folder, sorted.
fn names(folder: &Path) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            names.insert(entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(names)
}

#[cfg(all(test, unix))]
mod tests {
    use std::path::Path;
    use std::{env, fs, process};

    use super::run;

    fn folder(name: &str) -> std::path::PathBuf {
        let folder = env::temp_dir().join(format!("keyfob-sums-{}-{name}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::copy("Cargo.toml", folder.join("b c.toml")).unwrap();
        fs::copy("Cargo.toml", folder.join("a.toml")).unwrap();
        folder
    }

    fn sign(folder: &Path, command: &str) -> Result<(), String> {
        run(folder, Some(command)).map_err(|error| error.to_string())
    }

    #[test]
    fn the_sums_are_those_of_the_files_and_are_signed_anew() {
        let folder = folder("signed");
        let command = r#"f() { cp "$1" "$1.sig"; }; f"#;
        sign(&folder, command).unwrap();
        sign(&folder, command).unwrap();
        let text = fs::read_to_string(folder.join("SHA256SUMS")).unwrap();
        assert_eq!(text, fs::read_to_string(folder.join("SHA256SUMS.sig")).unwrap());
        let names: Vec<&str> = text.lines().map(|line| line.get(66..).unwrap()).collect();
        assert_eq!(names, ["a.toml", "b c.toml"]);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_signature_that_was_not_written_is_a_failure() {
        let folder = folder("unsigned");
        assert!(sign(&folder, "true").unwrap_err().contains("`true` wrote no SHA256SUMS"));
        assert!(sign(&folder, "false").is_err());
        fs::remove_dir_all(folder).unwrap();
    }
}
