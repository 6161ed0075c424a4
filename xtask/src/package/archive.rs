//! Archives: the same bytes whoever makes them, of the same files.

use std::process::Command;

use super::targets::Target;
use super::{Release, output};
use crate::{Result, run};

/// Packs the staged tree of a target.
pub(super) fn make(release: &mut Release, target: &Target) -> Result {
    let stem = release.stem(target);
    let archive = release.directory.join(format!("{stem}.{}", target.suffix()));
    let staged = release.staged();
    let time = format!("@{}", release.epoch);
    if target.linux.is_some() {
        let tar = archive.with_extension(""); // without gz
        run(Command::new("tar")
            .args(["--create", "--sort=name", "--format=ustar", "--owner=0", "--group=0"])
            .args(["--numeric-owner", "--mtime", &time, "--directory"])
            .arg(&staged)
            .arg("--file")
            .arg(&tar)
            .arg(&stem))?;
        return run(Command::new("gzip").args(["-9", "--no-name"]).arg(tar));
    }
    if !release.needs(&stem, "zip", "apt-get install zip") {
        return Ok(());
    }
    let tree = staged.join(&stem);
    run(Command::new("find").arg(&tree).args(["-exec", "touch", "--date", &time, "{}", "+"]))?;
    let mut names: Vec<String> =
        output(Command::new("find").args([&stem, "-type", "f"]).current_dir(&staged))?
            .lines()
            .map(str::to_owned)
            .collect();
    names.sort();
    // The times in it are local ones.
    let mut zip = Command::new("zip");
    zip.args(["-9", "-X", "-q"]).arg(archive).args(names).env("TZ", "UTC").current_dir(staged);
    output(&mut zip).map(drop)
}

/// Packs what is committed, for those who build it themselves.
pub(super) fn source(release: &Release) -> Result {
    let version = &release.version;
    let tar = release.directory.join(format!("keyfob-v{version}-source.tar"));
    let prefix = format!("--prefix=keyfob-{version}/");
    let mut archive = Command::new("git");
    archive.args(["archive", "--format=tar", &prefix, "--output"]).arg(&tar).arg("HEAD");
    run(&mut archive)?;
    run(Command::new("gzip").args(["-9", "--no-name"]).arg(tar))
}
