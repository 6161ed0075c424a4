//! What a binary is, by its own header.

use std::fs;
use std::path::Path;

use object::{Architecture, BinaryFormat, Object};

use crate::Result;

/// What comes with every Windows; all else would have to be shipped beside the binary.
const COMPILERS_OWN: [&str; 3] = ["libgcc", "libstdc++", "libwinpthread"];

/// Where cargo-auditable puts what the binary is made of.
const AUDIT: &str = ".dep-v0";

/// Refuses a binary that is for another machine, or that needs a file which is not everywhere.
pub(super) fn check(path: &Path, target: &str) -> Result {
    let content = fs::read(path)?;
    let wrong = |what: String| format!("{}: {what}", path.display());
    let file = object::File::parse(&*content).map_err(|error| wrong(error.to_string()))?;

    let found = (file.format(), file.architecture());
    if Some(found) != expected(target) {
        return Err(wrong(format!("{found:?} is not for {target}")).into());
    }
    if file.section_by_name(".interp").is_some() {
        return Err(wrong("it is not static: a loader starts it".to_owned()).into());
    }
    for import in file.imports()? {
        let library = String::from_utf8_lossy(import?.library()).into_owned();
        if COMPILERS_OWN.iter().any(|own| library.starts_with(own)) {
            return Err(wrong(format!("it is not static: it loads {library}")).into());
        }
    }
    // The list of what it is made of: `cargo audit bin` reads it, and scanners of images do.
    if file.section_by_name(AUDIT).is_none() {
        return Err(
            wrong(format!("there is no section {AUDIT}: cargo-auditable did not run")).into()
        );
    }
    Ok(())
}

fn expected(target: &str) -> Option<(BinaryFormat, Architecture)> {
    let architecture = match target.split('-').next()? {
        "aarch64" => Architecture::Aarch64,
        "x86_64" => Architecture::X86_64,
        _ => return None,
    };
    let format = if target.contains("-windows-") { BinaryFormat::Pe } else { BinaryFormat::Elf };
    Some((format, architecture))
}

#[cfg(test)]
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod tests {
    use super::check;

    fn refusal(target: &str) -> String {
        check(&std::env::current_exe().unwrap(), target).unwrap_err().to_string()
    }

    #[test]
    fn a_binary_of_another_machine_or_system_is_refused() {
        for target in
            ["aarch64-unknown-linux-musl", "x86_64-pc-windows-gnu", "riscv64gc-unknown-none"]
        {
            assert!(refusal(target).ends_with(&format!("is not for {target}")), "{target}");
        }
    }

    #[test]
    fn a_binary_that_a_loader_starts_is_refused() {
        assert!(refusal("x86_64-unknown-linux-gnu").contains("not static"));
    }
}
