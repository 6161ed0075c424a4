//! `cargo xtask bench`

use std::path::PathBuf;
use std::process::Command;

use crate::{Result, cargo, dist, root, run};

/// The clients from PyPI that keyfob is timed beside.
const CLIENTS: [&str; 2] = ["boto3==1.43.*", "aws-sso-util==4.33.*"];
/// It does not run with a newer botocore.
const EXPORT_CREDENTIALS: [&str; 2] = ["aws-export-credentials==0.18.*", "botocore==1.34.*"];

/// Times what the crates do, then whole commands beside those of others, which it installs.
pub(crate) fn run_all() -> Result {
    for package in ["shared-config", "token-cache", "sts-proto", "assignments"] {
        run(&mut cargo(&["bench", "-p", &format!("keyfob-{package}"), "--bench", "*"]))?;
    }
    let peers = root().join("benches/peers");
    let manifest = peers.join("Cargo.toml").display().to_string();
    run(&mut cargo(&["run", "--release", "--manifest-path", &manifest, "--bin", "parser"]))?;
    run(&mut cargo(&["build", "--release", "--manifest-path", &manifest, "--bin", "provider"]))?;

    let clients = venv("clients", &CLIENTS)?;
    let export_credentials = venv("export-credentials", &EXPORT_CREDENTIALS)?;
    let installed = Command::new(root().join("tests/interop/install.sh")).output()?;
    let interop = String::from_utf8(installed.stdout)?;
    run(Command::new("python3")
        .arg(peers.join("clients.py"))
        .args([dist::for_host()?, peers.join("target/release/provider"), clients.join("python")])
        .arg(export_credentials.join("aws-export-credentials"))
        .args(["aws", "go-client"].map(|client| format!("{}/{client}", interop.trim()))))
}

/// Installs packages into a virtual environment; returns the directory of its programs.
fn venv(name: &str, packages: &[&str]) -> Result<PathBuf> {
    let directory = root().join("target/peers").join(name);
    run(Command::new("python3").args(["-m", "venv"]).arg(&directory))?;
    let programs = directory.join("bin");
    run(Command::new(programs.join("pip")).args(["install", "--quiet"]).args(packages))?;
    Ok(programs)
}
