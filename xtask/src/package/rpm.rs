//! The package for Fedora, SUSE and their kin, by `rpmbuild`: the crate that would do without it cannot say
//! yet that a directory is the package's own, and rpm would leave those behind.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::files::{FILES, File};
use super::targets::Target;
use super::{Release, output, write};
use crate::{Result, root, run};

/// What `rpmbuild` would add: another machine's name and time, dependencies, and changes to the files.
const SETTINGS: [&str; 8] = [
    "_buildhost localhost",
    "use_source_date_epoch_as_buildtime 1",
    "clamp_mtime_to_source_date_epoch 1",
    "_build_id_links none",
    "debug_package %{nil}",
    "__os_install_post %{nil}",
    "_binary_payload w19.zstdio",
    "_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm",
];

/// Makes the package of a target, where there is the tool.
pub(super) fn make(release: &mut Release, target: &Target, machine: &str) -> Result {
    if !release.needs("rpm", "rpmbuild", "apt-get install rpm") {
        return Ok(());
    }
    let directory = release.staged().join("rpm").join(target.triple);
    let tree = release.staged().join(release.stem(target));
    let copy = directory.join("copy");
    for (file, place) in packaged() {
        install(&tree.join(file.name), &copy, place, file.mode())?;
    }
    let template = fs::read_to_string(root().join("packaging/rpm/keyfob.spec"))?;
    let files: String = packaged().map(|(file, place)| entry(file, place)).collect();
    let url = release.address.as_ref().map_or(String::new(), |url| format!("URL: {url}\n"));
    let spec = template
        .replace("@VERSION@", &release.version)
        .replace("@URL@\n", &url)
        .replace("@COPY@", &copy.display().to_string())
        .replace("@FILES@\n", &files);
    write(&directory.join("keyfob.spec"), spec)?;
    let mut rpmbuild = Command::new("rpmbuild");
    rpmbuild.args(["-bb", "--quiet", "--target", &format!("{machine}-linux")]);
    for setting in SETTINGS {
        rpmbuild.args(["--define", setting]);
    }
    for (name, place) in [("_topdir", &directory), ("_rpmdir", &release.directory)] {
        rpmbuild.args(["--define", &format!("{name} {}", place.display())]);
    }
    rpmbuild.arg(directory.join("keyfob.spec")).env("SOURCE_DATE_EPOCH", &release.epoch);
    output(&mut rpmbuild).map(drop)
}

fn packaged() -> impl Iterator<Item = (&'static File, &'static str)> {
    FILES.iter().filter_map(|file| Some((file, file.rpm?)))
}

/// Copies files, which may be a pattern, to a name or into a directory.
fn install(source: &Path, copy: &Path, place: &str, mode: &str) -> Result {
    let place = format!("{}{place}", copy.display());
    let (directory, name) = place.rsplit_once('/').unwrap_or_default();
    let script = "mkdir -p -- \"$2\" && install --mode=\"$1\" -- $0 \"$2/$3\"";
    run(Command::new("sh").args(["-c", script]).arg(source).args([mode, directory, name]))
}

/// A line of the list of files.
fn entry(file: &File, place: &str) -> String {
    let name =
        if place.ends_with('/') { file.name.rsplit('/').next().unwrap_or_default() } else { "" };
    let kind = match place {
        _ if place.starts_with("/usr/share/doc/") => "%doc ",
        _ if place.starts_with("/usr/share/licenses/") => "%license ",
        _ => "",
    };
    format!("{kind}{place}{name}\n")
}
