//! `cargo xtask fuzz`

use std::fs;

use crate::{Result, cargo, root};

/// Fuzzes a target, beginning with its seeds; what is found stays in `fuzz/artifacts`.
pub(crate) fn run(target: &str, seconds: &str) -> Result {
    let fuzz = root().canonicalize()?.join("fuzz");
    let seeds = fuzz.join("seeds").join(target);
    if !seeds.is_dir() {
        return Err(format!("there is no target {target}: see fuzz/seeds").into());
    }
    let corpus = fuzz.join("corpus").join(target);
    fs::create_dir_all(&corpus)?;
    let mut command = cargo(&["fuzz", "run", "--features", "libfuzzer", target]);
    command.args([corpus, seeds]).args(["--", "-timeout=5"]);
    command.arg(format!("-max_total_time={seconds}"));
    // The compiler's coverage flags are unstable; this opens them on stable.
    crate::run(command.env("RUSTC_BOOTSTRAP", "1"))
}
