//! No secret where it does not belong. Every run of every test of the binary is looked at.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{OWN_CACHE, Run, TestEnv, files, mode};

/// Where secrets belong, under the home.
fn caches(env: &TestEnv) -> [PathBuf; 3] {
    let assumed_roles = env.path(OWN_CACHE).join("assumed-roles");
    [env.path(".aws/sso/cache"), env.path(".aws/cli/cache"), assumed_roles]
}

/// The commands that are asked for credentials.
const PROVIDING: [&str; 5] = ["credential-process", "demo", "exec", "export", "switch"];

/// Every secret that was in a cache file before or after a run.
pub(crate) struct Secrets {
    /// Access tokens, refresh tokens and secrets of clients.
    sign_in: BTreeSet<String>,
    /// What signs requests.
    credentials: BTreeSet<String>,
    /// The files that were there before the run.
    before: BTreeSet<u64>,
}

impl Secrets {
    pub(crate) fn of(env: &TestEnv) -> Self {
        let before = all_files(env.home.path()).iter().map(|path| inode(path)).collect();
        let mut secrets = Self { sign_in: BTreeSet::new(), credentials: BTreeSet::new(), before };
        secrets.learn(env);
        secrets
    }

    /// Adds those that are in the files now.
    pub(crate) fn learn(&mut self, env: &TestEnv) {
        for path in caches(env).iter().flat_map(|directory| files(directory)) {
            let text = fs::read_to_string(path).unwrap_or_default();
            let Ok(json) = serde_json::from_str::<Value>(&text) else { continue };
            let texts = |names: &[&str]| -> Vec<String> {
                let found = names.iter().flat_map(|name| [&json[name], &json["Credentials"][name]]);
                found.filter_map(Value::as_str).map(str::to_owned).collect()
            };
            self.sign_in.extend(texts(&["accessToken", "refreshToken", "clientSecret"]));
            self.credentials.extend(texts(&["SecretAccessKey", "SessionToken"]));
        }
    }

    /// Looks at all that a run left behind.
    pub(crate) fn assert_kept(&self, env: &TestEnv, arguments: &[&str], run: &Run) {
        let both = || self.sign_in.iter().chain(&self.credentials);
        for secret in both() {
            assert!(!run.stderr.contains(secret), "{arguments:?}: a secret in {}", run.stderr);
        }
        let provides = arguments.first().is_some_and(|command| PROVIDING.contains(command));
        let belongs = |secret: &&String| provides && self.credentials.contains(*secret);
        for secret in both().filter(|secret| !belongs(secret)) {
            assert!(!run.stdout.contains(secret), "{arguments:?}: a secret in {}", run.stdout);
        }
        let caches = caches(env);
        for path in all_files(env.home.path()) {
            let shown = path.display();
            if caches.iter().any(|cache| path.starts_with(cache)) {
                let is_ours = !self.before.contains(&inode(&path));
                assert!(!is_ours || mode(&path) == 0o600, "{arguments:?}: {shown}");
                continue;
            }
            let text = fs::read(&path).unwrap_or_default();
            let text = String::from_utf8_lossy(&text);
            for secret in both() {
                assert!(!text.contains(secret), "{arguments:?}: a secret in {shown}");
            }
        }
    }
}

/// What tells a file from another one of the same name.
#[cfg(windows)]
fn inode(path: &Path) -> u64 {
    std::os::windows::fs::MetadataExt::creation_time(&fs::symlink_metadata(path).unwrap())
}

#[cfg(unix)]
fn inode(path: &Path) -> u64 {
    std::os::unix::fs::MetadataExt::ino(&fs::symlink_metadata(path).unwrap())
}

fn all_files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in files(directory) {
        match path.symlink_metadata() {
            Ok(metadata) if metadata.is_dir() => found.extend(all_files(&path)),
            Ok(metadata) if metadata.is_file() => found.push(path),
            _ => {}
        }
    }
    found
}

/// Writes a program that notes its arguments and its environment in a file of the home.
#[cfg(unix)]
fn witness(env: &TestEnv, name: &str, answer: &str) -> String {
    let (program, notes) = (env.path(name), env.path(&format!("{name}.seen")));
    let text = format!("#!/bin/sh\n(env; echo \"$@\") > {}\n{answer}\n", notes.display());
    fs::write(&program, text).unwrap();
    fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    program.display().to_string()
}

#[cfg(unix)]
#[test]
fn programs_that_keyfob_runs_see_no_secret_that_is_not_for_them() {
    let mut env = TestEnv::with_person();
    env.set("PATH", "/usr/bin:/bin");
    let browser = witness(&env, "browser", "");
    let code = witness(&env, "code", "echo 123456");
    let keys = witness(
        &env,
        "keys",
        r#"echo '{"Version":1,"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"k"}'"#,
    );
    let config = fs::read_to_string(env.path(".aws/config")).unwrap();
    env.write_config(&format!(
        "{config}[profile mfa]\nrole_arn = arn:aws:iam::222233334444:role/Hub\n\
         source_profile = dev\nmfa_serial = arn:aws:iam::111122223333:mfa/ci\n\
         mfa_process = {code}\n\
         [profile keys]\ncredential_process = {keys}\n"
    ));
    env.set("BROWSER", &browser);
    let mut login = env.start(&["login", "--device-code"]);
    let url = login.wait_for_url();
    env.approve_device(&url);
    assert_eq!(login.finish().code, 0);
    for profile in ["mfa", "keys", "dev"] {
        // Whatever comes of it, `run` has looked at what the programs noted.
        env.run(&["credential-process", "--profile", profile]);
        env.run(&["whoami", "--profile", profile]);
        env.run(&["exec", "--profile", profile, "--", "true"]);
    }
    for name in ["browser", "code", "keys"] {
        // A browser is not waited for.
        let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while !env.path(&format!("{name}.seen")).exists() {
            assert!(std::time::Instant::now() < end, "{name} was not run");
            std::thread::yield_now();
        }
    }
    env.run(&["status"]);
}

#[test]
fn every_command_keeps_secrets_to_itself() {
    let env = TestEnv::new();
    env.sign_in();
    let commands: [&[&str]; 17] = [
        &["credential-process", "--profile", "dev", "--debug"],
        &["status"],
        &["status", "--output", "json"],
        &["accounts"],
        &["roles", "--output", "json"],
        &["search", "prod"],
        &["profiles", "--output", "json"],
        &["explain", "--profile", "dev"],
        &["explain", "--profile", "dev", "--output", "json"],
        &["whoami", "--profile", "dev", "--output", "json"],
        &["export", "--profile", "dev", "--unset"],
        &["exec", "--profile", "dev", "--", env!("CARGO_BIN_EXE_keyfob"), "--version"],
        &[
            "configure",
            "profile",
            "new",
            "--sso-session",
            "work",
            "--account-id",
            "111122223333",
            "--role-name",
            "ReadOnly",
            "--credential-process",
        ],
        &["configure", "migrate", "--profile", "old", "--dry-run"],
        &["login", "--device-code", "--no-browser"],
        &["logout"],
        &["credential-process", "--profile", "dev", "--debug"],
    ];
    for command in commands {
        let run = env.run(command);
        assert!([0, 1].contains(&run.code), "{command:?}: {run:?}");
    }
    assert!(env.path(".aws/sso/keyfob-credential-process-log.txt").exists());
}
