//! `keyfob --version --verbose`: how this binary was built.

use std::ffi::OsString;

use clap::error::ErrorKind;

use crate::exit::Failure;
use crate::ui::print;

/// Whether clap was to print the version, and the line asks for more.
pub(crate) fn is_asked(error: &clap::Error, arguments: &[OsString]) -> bool {
    let mut words = arguments.iter().filter_map(|word| word.to_str());
    error.kind() == ErrorKind::DisplayVersion
        && words.any(|word| match word.strip_prefix('-') {
            Some(letters) if !letters.starts_with('-') => letters.contains('v'),
            _ => word == "--verbose",
        })
}

pub(crate) fn tell() -> Result<(), Failure> {
    let is_static = cfg!(target_feature = "crt-static");
    let lines = [
        ("keyfob", Some(env!("CARGO_PKG_VERSION"))),
        ("target:", Some(env!("KEYFOB_TARGET"))),
        ("linking:", Some(if is_static { "static" } else { "dynamic" })),
        ("compiler:", Some(env!("KEYFOB_COMPILER"))),
        ("commit:", option_env!("KEYFOB_COMMIT")), // a package has no history
        ("audit data:", Some(if IS_AUDITABLE { "yes" } else { "no" })),
    ];
    let known = lines.iter().filter_map(|(name, value)| value.map(|value| (name, value)));
    let text: String = known.map(|(name, value)| format!("{name} {value}\n")).collect();
    print(text.as_bytes())
}

/// `cargo auditable` tells by this what it was called with, and puts a list of the crates into the
/// binary, which `cargo audit bin` reads.
const IS_AUDITABLE: bool = option_env!("CARGO_AUDITABLE_ORIG_ARGS").is_some();
