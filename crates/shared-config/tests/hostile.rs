//! Files that nobody should have: a clear error, in bounded time and memory.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a panic is how a test fails, and files of its own are no shared files"
)]

use std::fs;
use std::path::{Path, PathBuf};

use shared_config::{Environment, Files, LoadError, Locations, MAX_FILE, Sections};

fn home() -> (tempfile::TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join(".aws")).unwrap();
    let config = home.path().join(".aws/config");
    (home, config)
}

fn load(home: &Path) -> Result<Files, LoadError> {
    let variables = [("HOME", home.to_str().unwrap())];
    Files::load(&Locations::from_env(&Environment::from_pairs(variables)).unwrap())
}

/// Loads a config file of these bytes; returns why it cannot be read.
fn refused(bytes: &[u8]) -> String {
    let (home, config) = home();
    fs::write(&config, bytes).unwrap();
    let error = load(home.path()).unwrap_err();
    assert_eq!(error.path, config);
    error.source.to_string()
}

#[test]
fn a_file_over_32_mib_is_refused_without_being_read() {
    let (home, config) = home();
    fs::File::create(&config).unwrap().set_len(MAX_FILE).unwrap();
    assert!(load(home.path()).is_ok());
    fs::File::create(&config).unwrap().set_len(MAX_FILE + 1).unwrap();
    assert_eq!(load(home.path()).unwrap_err().source.to_string(), "it is over 32 MiB");
    let sections = "[a]\n".repeat(10_000_000); // 40 MB
    assert_eq!(refused(sections.as_bytes()), "it is over 32 MiB");
}

#[test]
fn what_is_not_utf_8_is_refused_with_its_line() {
    assert_eq!(refused(b"\xff\xfe[\0d\0e\0f\0"), "line 1 is not UTF-8"); // UTF-16
    assert_eq!(refused(b"[a]\nx = \xed\xa0\x80\n"), "line 2 is not UTF-8"); // a lone surrogate
    assert_eq!(refused(b"[a]\n\nx = caf\xe9\n"), "line 3 is not UTF-8"); // Latin-1
}

#[test]
fn a_line_of_30_mb_and_millions_of_sections_are_read() {
    let long = format!("[default]\nx = {}\n", "y".repeat(30_000_000));
    let files = Files::from_texts(&long, "");
    assert_eq!(
        Sections::parse(&files).profile("default").unwrap().get("x").unwrap().len(),
        30_000_000
    );
    let many: String = (0..1_000_000).map(|number| format!("[profile {number}]\n")).collect();
    let files = Files::from_texts(&many, "");
    assert_eq!(Sections::parse(&files).profiles().count(), 1_000_000);
    assert_eq!(Sections::for_profile(&files, "7").profiles().count(), 1);
}

#[test]
fn nul_bytes_are_no_end_of_anything() {
    let files = Files::from_texts("[profile a]\nx = 1\0 2\n[profile b\0]\ny = 1\n", "");
    let sections = Sections::parse(&files);
    assert_eq!(sections.profile("a").unwrap().get("x"), Some("1\0 2"));
    assert_eq!(sections.profiles().count(), 1);
    assert!(sections.diagnostics().iter().any(|diagnostic| diagnostic.place.line == 3));
}

#[test]
fn a_directory_is_no_file() {
    let (home, config) = home();
    fs::create_dir(&config).unwrap();
    assert_eq!(load(home.path()).unwrap_err().source.to_string(), "it is not a file");
}

#[cfg(unix)]
#[test]
fn a_fifo_a_loop_and_a_device_end_at_once() {
    use std::os::unix::fs::symlink;
    let (home, config) = home();
    let made = std::process::Command::new("mkfifo").arg(&config).status().unwrap();
    assert!(made.success());
    assert_eq!(load(home.path()).unwrap_err().source.to_string(), "it is not a file");
    fs::remove_file(&config).unwrap();
    symlink("config", &config).unwrap();
    assert!(load(home.path()).is_err());
    fs::remove_file(&config).unwrap();
    symlink("/dev/zero", &config).unwrap();
    assert_eq!(load(home.path()).unwrap_err().source.to_string(), "it is over 32 MiB");
    fs::remove_file(&config).unwrap();
    symlink("/dev/null", &config).unwrap();
    assert!(load(home.path()).is_ok());
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let (home, config) = home();
    fs::write(&config, "[default]\n").unwrap();
    fs::set_permissions(&config, fs::Permissions::from_mode(0o000)).unwrap();
    // Who may read everything reads this too.
    let may_read = fs::read(&config).is_ok();
    match load(home.path()) {
        Ok(_) => assert!(may_read),
        Err(error) => {
            assert_eq!(error.source.kind(), std::io::ErrorKind::PermissionDenied);
            assert!(error.to_string().contains(".aws/config"));
        }
    }
}
