//! `cargo xtask release`: everything that a release consists of, and where it goes. It publishes nothing.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use serde::Deserialize;

use crate::package::{self, Release, TARGETS, Target, output};
use crate::{Result, cargo, root, run};

const USAGE: &str = "usage: cargo xtask release [--dry-run] [--address URL] [--sign COMMAND]";

/// Checks, builds, packages, signs, and prints what remains to be done by whoever may do it.
#[expect(clippy::print_stdout, reason = "what it is for")]
pub(crate) fn prepare(arguments: &[&str]) -> Result {
    let (mut dry, mut address, mut sign) = (false, None, None);
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match *word {
            "--dry-run" => dry = true,
            "--address" => address = Some(*words.next().ok_or(USAGE)?),
            "--sign" => sign = Some(*words.next().ok_or(USAGE)?),
            _ => return Err(USAGE.into()),
        }
    }
    let changed = output(Command::new("git").args(["status", "--porcelain"]))?;
    if !changed.is_empty() {
        return Err(format!("there is what is not committed:\n{changed}").into());
    }
    let mut release = Release::new(address)?;
    let version = release.version.clone();
    let changelog = fs::read_to_string(root().join("CHANGELOG.md"))?;
    section(&changelog, &version, dry)?;
    let crates = crates(&version, dry)?;
    if !dry {
        ready(&release, sign)?;
    }

    let mut built: Vec<&Target> = Vec::new();
    for target in &TARGETS {
        let dist = ["xtask", "dist", "--target", target.triple];
        match run(&mut cargo(&dist)) {
            Ok(()) => built.push(target),
            Err(_) => release.skipped.push(format!("{}: see above why", target.triple)),
        }
        if run(cargo(&dist).arg("--sbom")).is_err() {
            release.skipped.push(format!("what {} is made of: see above why", target.triple));
        }
    }
    package::make(&mut release, &built)?;
    if !dry && !release.skipped.is_empty() {
        return Err(format!("not everything could be made:\n{}", release.skipped.join("\n")).into());
    }
    if let Some(command) = sign {
        signed(&release, command)?;
    }
    package::tell(&release)?;

    println!("\nNothing is published. What is left to do, in this order:\n");
    println!(
        "git tag --annotate v{version} --message 'keyfob {version}'\ngit push origin v{version}"
    );
    for name in crates {
        println!("cargo publish --locked -p {name}");
    }
    match &release.address {
        None => println!("there is no address to upload files to: `repository` in Cargo.toml"),
        Some(address) => {
            println!("upload to {}:", release.downloads(address));
            for name in package::finished(&release)? {
                println!("  target/packages/{name}");
            }
            println!("hand in target/packages/manifests, as docs/releasing.md says");
        }
    }
    Ok(())
}

/// What a dry run may do without.
fn ready(release: &Release, sign: Option<&str>) -> Result {
    if release.address.is_none() {
        return Err("there is no `repository` in Cargo.toml".into());
    }
    if sign.is_none() {
        return Err("nothing would be signed; --sign COMMAND".into());
    }
    let tag = format!("v{}", release.version);
    let tags = output(Command::new("git").args(["tag", "--points-at", "HEAD"]))?;
    if tags.lines().any(|name| name == tag) {
        return Ok(());
    }
    Err(format!("there is no tag {tag} here; git tag --annotate {tag}").into())
}

/// Refuses a changelog whose first section is not that of the version, with its day.
fn section(changelog: &str, version: &str, dry: bool) -> Result {
    let heading = changelog.lines().find_map(|line| line.strip_prefix("## ")).unwrap_or_default();
    let day = heading.strip_prefix(version).and_then(|rest| rest.strip_prefix(", "));
    match day {
        Some("not released yet") if dry => Ok(()),
        Some(day) if day.len() == 10 && day.split('-').all(|part| part.parse::<u16>().is_ok()) => {
            Ok(())
        }
        _ => Err(format!(
            "CHANGELOG.md begins with `## {heading}`, and the version in Cargo.toml is {version}; \
             `## {version}, YYYY-MM-DD`"
        )
        .into()),
    }
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    publish: Option<Vec<String>>,
    repository: Option<String>,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    req: String,
    path: Option<String>,
}

/// The crates that are published, each behind those that it stands on.
fn crates(version: &str, dry: bool) -> Result<Vec<String>> {
    let known: Vec<Package> = package::packages(&["--no-deps"])?;
    let public: BTreeMap<String, Package> = known
        .into_iter()
        .filter(|package| package.publish.is_none())
        .map(|package| (package.name.clone(), package))
        .collect();
    if let Some(other) = public.values().find(|package| package.version != version) {
        return Err(format!("{} is {}, and not {version}", other.name, other.version).into());
    }
    if let Some(one) = public.values().find(|package| package.repository.is_none() && !dry) {
        return Err(format!("{} has no `repository.workspace = true`", one.name).into());
    }
    in_order(&public)
}

fn in_order(public: &BTreeMap<String, Package>) -> Result<Vec<String>> {
    let mut order: Vec<String> = Vec::new();
    while order.len() < public.len() {
        // What a test alone needs of the workspace has no version, and is left out by cargo.
        let waits = |dependency: &&Dependency| {
            dependency.path.is_some() && dependency.req != "*" && !order.contains(&dependency.name)
        };
        let next = public.values().find(|package| {
            !order.contains(&package.name) && !package.dependencies.iter().any(|one| waits(&one))
        });
        let next = next.ok_or("the crates stand on each other in a circle")?.name.clone();
        order.push(next);
    }
    Ok(order)
}

/// Has each file signed: the command gets its path, and leaves the signature beside it.
fn signed(release: &Release, command: &str) -> Result {
    for name in package::finished(release)? {
        let path = release.directory.join(&name);
        let shell = format!("{command} \"$1\"");
        run(Command::new("sh").args(["-c", &shell, "sh"]).arg(&path))?;
        let begin = format!("{name}.");
        if !package::finished(release)?.iter().any(|made| made.starts_with(&begin)) {
            return Err(format!("`{command}` has left no {name}.something").into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changelog_without_the_version_or_its_day_is_refused() {
        let of =
            |heading: &str| format!("# Changelog\n\n{heading}\n\n- new\n\n## 1.0.0, 2026-01-02\n");
        for (heading, dry, holds) in [
            ("## 1.2.0, 2026-11-22", false, true),
            ("## 1.2.0, not released yet", true, true),
            ("## 1.2.0, not released yet", false, false),
            ("## 1.2.0", true, false),
            ("## 1.2.01, 2026-11-22", false, false),
            ("## 1.1.0, 2026-11-22", true, false),
            ("## Unreleased", true, false),
        ] {
            assert_eq!(section(&of(heading), "1.2.0", dry).is_ok(), holds, "{heading} {dry}");
        }
        assert!(section("", "1.2.0", true).is_err());
    }

    #[test]
    fn a_crate_is_published_behind_those_it_stands_on() {
        let order = crates(env!("CARGO_PKG_VERSION"), true).unwrap();
        let place = |name: &str| order.iter().position(|one| one == name).unwrap();
        assert!(place("keyfob-wire") < place("keyfob-sso-proto"));
        assert!(place("keyfob-login") < place("keyfob"));
        assert!(place("keyfob-emulator") < place("keyfob"));
        assert!(!order.iter().any(|name| name == "xtask" || name == "test-support"), "{order:?}");
        assert!(crates("9.9.9", true).is_err(), "a version that differs");
    }

    #[test]
    fn the_changelog_is_one_that_can_be_released() {
        let changelog = fs::read_to_string(root().join("CHANGELOG.md")).unwrap();
        section(&changelog, env!("CARGO_PKG_VERSION"), true).unwrap();
    }
}
