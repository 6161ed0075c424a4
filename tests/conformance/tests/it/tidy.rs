//! The rules of the layout that a reader of `ARCHITECTURE.md` relies on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// What each crate may depend on, of the workspace.
const ALLOWED: [(&str, &[&str]); 15] = [
    ("private-file", &[]),
    ("wire", &[]),
    ("oidc-proto", &["wire"]),
    ("signin-proto", &["wire"]),
    ("sso-proto", &["wire"]),
    ("sts-proto", &["wire"]),
    ("shared-config", &["private-file"]),
    ("token-cache", &["private-file", "wire"]),
    (
        "providers",
        &[
            "oidc-proto",
            "private-file",
            "shared-config",
            "sso-proto",
            "sts-proto",
            "token-cache",
            "wire",
        ],
    ),
    ("bulk-profiles", &["shared-config"]),
    ("emulator", &["wire"]),
    ("login", &["oidc-proto", "providers", "shared-config", "token-cache", "wire"]),
    ("assignments", &["providers", "sso-proto", "token-cache", "wire"]),
    ("transport", &["wire"]),
    (
        "keyfob",
        &[
            "assignments",
            "bulk-profiles",
            "emulator",
            "login",
            "oidc-proto",
            "private-file",
            "providers",
            "shared-config",
            "signin-proto",
            "sso-proto",
            "sts-proto",
            "token-cache",
            "transport",
            "wire",
        ],
    ),
];

/// The crates that may bring a runtime, an HTTP client or TLS with them.
const WITH_NETWORK: [&str; 4] = ["emulator", "keyfob", "login", "transport"];
const NETWORK: [&str; 4] = ["hyper", "hyper-rustls", "rustls", "tokio"];

/// Never in the product, however they come.
const BANNED: [&str; 4] = ["openssl", "native-tls", "reqwest", "aws-config"];

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(crate) fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--locked", "--offline"])
        .args(["--filter-platform", &host()]) // the packages of others may not be downloaded
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

/// The normal dependencies of every package, by name; those of the workspace by folder.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = metadata();
    let name_of: BTreeMap<&str, &str> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| (package["id"].as_str().unwrap(), package["name"].as_str().unwrap()))
        .map(|(id, name)| (id, name.strip_prefix("keyfob-").unwrap_or(name)))
        .collect();
    let is_normal = |dependency: &&Value| {
        dependency["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"].is_null())
    };
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for node in metadata["resolve"]["nodes"].as_array().unwrap() {
        let names = node["deps"]
            .as_array()
            .unwrap()
            .iter()
            .filter(is_normal)
            .map(|dependency| name_of[dependency["pkg"].as_str().unwrap()].to_owned());
        let name = name_of[node["id"].as_str().unwrap()].to_owned();
        graph.entry(name).or_default().extend(names);
    }
    graph
}

fn reachable(graph: &BTreeMap<String, BTreeSet<String>>, from: &str) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut stack = vec![from.to_owned()];
    while let Some(name) = stack.pop() {
        for dependency in graph.get(&name).into_iter().flatten() {
            if seen.insert(dependency.clone()) {
                stack.push(dependency.clone());
            }
        }
    }
    seen
}

#[test]
fn dependencies_point_in_the_allowed_directions() {
    let graph = dependencies();
    let members: BTreeSet<&str> = ALLOWED.iter().map(|(name, _)| *name).collect();
    for (name, allowed) in ALLOWED {
        let of_workspace: BTreeSet<&str> =
            graph[name].iter().map(String::as_str).filter(|name| members.contains(name)).collect();
        let allowed: BTreeSet<&str> = allowed.iter().copied().collect();
        assert_eq!(of_workspace, allowed, "the dependencies of {name}");
    }
}

#[test]
fn pure_crates_reach_no_runtime_no_http_client_and_no_tls() {
    let graph = dependencies();
    for (name, _) in ALLOWED {
        let reached = reachable(&graph, name);
        if !WITH_NETWORK.contains(&name) {
            let network: Vec<_> =
                NETWORK.iter().filter(|other| reached.contains(**other)).collect();
            assert!(network.is_empty(), "{name} reaches {network:?}");
        }
        let banned: Vec<_> = BANNED.iter().filter(|other| reached.contains(**other)).collect();
        assert!(banned.is_empty(), "{name} reaches {banned:?}");
    }
}

/// The files of the program that name the runtime: none is reached before a cache has missed.
const WITH_RUNTIME: [&str; 10] = [
    "child.rs",
    "commands/doctor/network.rs",
    "commands/doctor/tools.rs",
    "credential_server.rs",
    "fan_out/output.rs",
    "fan_out/process.rs",
    "fan_out/run.rs",
    "fan_out/stop.rs",
    "net.rs",
    "network_hint.rs",
];

#[test]
fn the_warm_path_names_neither_runtime_nor_transport() {
    let sources = root().join("crates/cli/src");
    for file in rust_files(&sources) {
        let text = std::fs::read_to_string(&file).unwrap();
        let name = file.strip_prefix(&sources).unwrap().display().to_string();
        for word in ["tokio::", "transport::", "rustls"] {
            let allowed = WITH_RUNTIME.contains(&name.as_str());
            assert!(allowed || !text.contains(word), "{name} names {word}");
        }
    }
}

/// The files of the libraries and of the program that read the clock or the environment, or write files
/// past `private-file`. Whoever adds one says so in `ARCHITECTURE.md`.
const WITH_EXCEPTIONS: [&str; 7] = [
    "crates/cli/src/commands/demo.rs", // writes into a new directory of its own
    "crates/cli/src/env.rs",           // the environment
    "crates/private-file/src/replacement.rs", // the age of files
    "crates/transport/src/ahead.rs",   // how old a connection is
    "crates/transport/src/client.rs",  // its own deadlines
    "crates/transport/src/proxies.rs", // the environment, for those who ask for that
    "crates/wire/src/clock.rs",        // the clock
];

#[test]
fn clock_and_environment_are_read_where_the_docs_say() {
    let mut seen = BTreeSet::new();
    for file in rust_files(&root().join("crates")) {
        let name = file.strip_prefix(root()).unwrap().display().to_string().replace('\\', "/");
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        let words = ["disallowed_methods", "Instant::now()", "SystemTime::now()"];
        if name.contains("/src/") && words.iter().any(|word| code.contains(word)) {
            seen.insert(name);
        }
    }
    assert_eq!(seen, WITH_EXCEPTIONS.map(str::to_owned).into());
}

#[test]
fn files_stay_readable() {
    const SMELL: usize = 400;
    const BRIDGES: [&str; 3] =
        ["bridges/aws-credential-types", "bridges/object-store", "bridges/reqsign"];
    for directory in
        [&BRIDGES[..], &["bridges/tests", "crates", "fuzz/src", "tests", "xtask"]].concat()
    {
        for file in rust_files(&root().join(directory)) {
            let lines = std::fs::read_to_string(&file).unwrap().lines().count();
            assert!(lines <= SMELL, "{} has {lines} lines", file.display());
        }
    }
}

#[test]
fn paths_that_the_docs_name_exist() {
    let mut documents = markdown_files(&root());
    documents.extend(markdown_files(&root().join("docs")));
    documents.extend(markdown_files(&root().join("docs/coming-from")));
    assert!(documents.len() > 4);
    for document in documents {
        let text = std::fs::read_to_string(&document).unwrap();
        for word in text.split(|c: char| c.is_whitespace() || "`()[],;".contains(c)) {
            let word = word.trim_end_matches(['.', ':']);
            let starts = ["bridges/", "crates/", "docs/", "fuzz/", "tests/", "xtask/", ".ci/"];
            let is_path = starts.iter().any(|start| word.starts_with(start));
            if is_path && !word.contains(['*', '<', '…', '{']) {
                let word = word.split('#').next().unwrap();
                let path = root().join(word);
                assert!(path.exists(), "{} names {word}", document.display());
            }
        }
    }
}

fn rust_files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

fn markdown_files(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap().flatten().map(|entry| entry.path());
    entries.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect()
}
