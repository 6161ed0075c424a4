//! `cargo xtask fuzz`

use std::fs;
use std::path::PathBuf;

use crate::{Result, cargo, root};

/// Fuzzes a target, beginning with its seeds; what is found stays in `fuzz/artifacts`.
pub(crate) fn run(target: &str, seconds: &str) -> Result {
    let (seeds, corpus) = directories(target)?;
    fuzz(target, &[corpus, seeds], &["-timeout=5", &format!("-max_total_time={seconds}")])
}

/// Adds to the seeds those inputs of the corpus that reach code which no seed reaches, as few as
/// possible.
pub(crate) fn keep(target: &str) -> Result {
    let (seeds, corpus) = directories(target)?;
    fuzz(target, &[seeds, corpus], &["-set_cover_merge=1", "-use_counters=0"])
}

/// The seeds of a target, which are kept, and its corpus, which grows on each machine.
fn directories(target: &str) -> Result<(PathBuf, PathBuf)> {
    let fuzz = root().canonicalize()?.join("fuzz");
    let seeds = fuzz.join("seeds").join(target);
    if !seeds.is_dir() {
        return Err(format!("there is no target {target}: see fuzz/seeds").into());
    }
    let corpus = fuzz.join("corpus").join(target);
    fs::create_dir_all(&corpus)?;
    Ok((seeds, corpus))
}

fn fuzz(target: &str, directories: &[PathBuf], options: &[&str]) -> Result {
    let mut command = cargo(&["fuzz", "run", "--features", "libfuzzer", target]);
    command.args(directories).arg("--").args(options);
    // The compiler's coverage flags are unstable; this opens them on stable.
    crate::run(command.env("RUSTC_BOOTSTRAP", "1"))
}
