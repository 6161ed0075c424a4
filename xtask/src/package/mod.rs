//! `cargo xtask package`: what users download, made of the binaries of `cargo xtask dist`.

mod archive;
mod deb;
mod files;
mod manifests;
mod rpm;
mod targets;
mod third_party;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde::de::DeserializeOwned;
pub(crate) use targets::{TARGETS, Target};

use crate::{Result, cargo, root, run};

/// The checksums, in the form of `sha256sum`.
pub(crate) const SUMS: &str = "SHA256SUMS";

/// What is released, and as of when.
pub(crate) struct Release {
    pub(crate) version: String,
    /// The time of all files in archives, so that they are the same whenever they are made.
    pub(crate) epoch: String,
    /// The public repository, once there is one.
    pub(crate) address: Option<String>,
    /// Where the finished files lie.
    pub(crate) directory: PathBuf,
    /// What could not be made here, and what makes it possible.
    pub(crate) skipped: Vec<String>,
}

impl Release {
    /// Begins with an empty directory.
    pub(crate) fn new(address: Option<&str>) -> Result<Self> {
        let manifest: toml::Table =
            toml::from_str(&fs::read_to_string(root().join("Cargo.toml"))?)?;
        let of_workspace = |key: &str| -> Option<String> {
            Some(manifest.get("workspace")?.get("package")?.get(key)?.as_str()?.to_owned())
        };
        let version =
            of_workspace("version").ok_or("Cargo.toml has no version of the workspace")?;
        let address = address.map(str::to_owned).or_else(|| of_workspace("repository"));
        let directory = fs::canonicalize(root())?.join("target/packages");
        match fs::remove_dir_all(&directory) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            _ => fs::create_dir_all(&directory)?,
        }
        Ok(Self { version, epoch: epoch()?, address, directory, skipped: Vec::new() })
    }

    /// The name of an archive without its suffix, and of the one directory in it.
    pub(crate) fn stem(&self, target: &Target) -> String {
        format!("keyfob-v{}-{}", self.version, target.triple)
    }

    /// Where people download the files from; `pkg-url` of cargo-binstall says the same.
    pub(crate) fn downloads(&self, address: &str) -> String {
        format!("{}/releases/download/v{}", address.trim_end_matches('/'), self.version)
    }

    /// Where things lie while they are made.
    pub(crate) fn staged(&self) -> PathBuf {
        self.directory.join("staged")
    }

    /// Notes what is left out for want of a tool.
    fn skip(&mut self, what: &str, tool: &str, install: &str) {
        self.skipped.push(format!("{what}: there is no {tool}; {install}"));
    }

    fn needs(&mut self, what: &str, tool: &str, install: &str) -> bool {
        let found = Command::new(tool).arg("--version").stdout(Stdio::null()).status().is_ok();
        if !found {
            self.skip(what, tool, install);
        }
        found
    }
}

/// Packages the binaries of these targets, or of all that are built.
pub(crate) fn run_all(arguments: &[&str]) -> Result {
    let (address, triples) = match arguments {
        ["--address", address, triples @ ..] => (Some(*address), triples),
        triples => (None, triples),
    };
    let mut release = Release::new(address)?;
    let targets: Vec<&Target> = if triples.is_empty() {
        TARGETS.iter().collect()
    } else {
        triples.iter().map(|triple| Target::find(triple)).collect::<Result<_>>()?
    };
    make(&mut release, &targets)?;
    tell(&release)
}

/// Makes the archive and the packages of each target, and what is the same for all.
pub(crate) fn make(release: &mut Release, targets: &[&Target]) -> Result {
    let common = release.staged().join("common");
    files::common(&common)?;
    for target in targets {
        let binary = root().join("target/dist").join(target.triple).join(target.binary());
        let bytes = match fs::read(&binary) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let built = format!("cargo xtask dist --target {}", target.triple);
                release.skipped.push(format!("{}: it is not built; {built}", target.triple));
                continue;
            }
            Err(error) => return Err(format!("{}: {error}", binary.display()).into()),
        };
        let tree = release.staged().join(release.stem(target));
        run(Command::new("cp").arg("-R").args([&common, &tree]))?;
        write(&tree.join(target.binary()), bytes)?;
        set_modes(&tree)?;
        archive::make(release, target)?;
        let parts = binary.with_file_name("keyfob.cdx.json"); // as `dist --sbom` lists them
        if parts.exists() {
            let name = format!("{}.cdx.json", release.stem(target));
            write(&release.directory.join(name), fs::read(parts)?)?;
        }
        if let Some(names) = &target.linux {
            deb::make(release, target, names.debian)?;
            rpm::make(release, target, names.rpm)?;
        }
    }
    archive::source(release)?;
    let names = finished(release)?;
    let sums = output(Command::new("sha256sum").args(names).current_dir(&release.directory))?;
    write(&release.directory.join(SUMS), &sums)?;
    manifests::make(release, &sums)
}

/// Tells what there is and what there is not.
#[expect(clippy::print_stdout, reason = "a chore talks to whoever runs it")]
pub(crate) fn tell(release: &Release) -> Result {
    print!("{}", fs::read_to_string(release.directory.join(SUMS))?);
    for skipped in &release.skipped {
        println!("skipped: {skipped}");
    }
    let made = finished(release)?.len();
    println!("{made} files made, {} skipped, in target/packages", release.skipped.len());
    Ok(())
}

/// The names of the files that are offered, sorted.
pub(crate) fn finished(release: &Release) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(&release.directory)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Everybody may read, the owner may write, and only the binary may be run, whatever the umask is.
fn set_modes(tree: &Path) -> Result {
    run(Command::new("chmod").args(["-R", "u=rwX,go=rX"]).arg(tree))?;
    run(Command::new("find").arg(tree).args(["-type", "f", "-exec", "chmod", "644", "{}", "+"]))?;
    run(Command::new("find").arg(tree).args([
        "-maxdepth",
        "1",
        "-name",
        "keyfob*",
        "-exec",
        "chmod",
        "755",
        "{}",
        "+",
    ]))
}

#[expect(clippy::disallowed_methods, reason = "packagers say the time by a variable")]
fn epoch() -> Result<String> {
    if let Ok(epoch) = std::env::var("SOURCE_DATE_EPOCH") {
        return Ok(epoch);
    }
    let epoch = output(Command::new("git").args(["log", "-1", "--format=%ct"]))?;
    Ok(epoch.trim().to_owned())
}

/// What `cargo metadata` tells of packages, as far as a `P` has it.
pub(crate) fn packages<P: DeserializeOwned>(options: &[&str]) -> Result<Vec<P>> {
    #[derive(Deserialize)]
    struct Metadata<P> {
        packages: Vec<P>,
    }
    let mut metadata = cargo(&["metadata", "--format-version=1", "--locked"]);
    let metadata: Metadata<P> = serde_json::from_str(&output(metadata.args(options))?)?;
    Ok(metadata.packages)
}

/// Runs a command at the root of the workspace; returns what it prints.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    if command.get_current_dir().is_none() {
        command.current_dir(root());
    }
    let output = command.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("{command:?}: {}", output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

#[expect(clippy::disallowed_methods, reason = "a new file in a directory of our own")]
pub(crate) fn write(path: &Path, content: impl AsRef<[u8]>) -> Result {
    Ok(fs::write(path, content).map_err(|error| format!("{}: {error}", path.display()))?)
}
