//! What a program does with cache files, on a real disk.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;

use token_cache::{CacheFile, CacheKey, Directory};
use wire::Timestamp;

fn cache() -> (tempfile::TempDir, Directory, CacheFile) {
    let root = tempfile::tempdir().unwrap();
    let directory = Directory::new(root.path().join("sso/cache"));
    let file = directory.file(&CacheKey::for_session("dev"));
    (root, directory, file)
}

#[test]
fn a_directory_lists_its_json_files_and_those_only() {
    let (_root, directory, file) = cache();
    assert_eq!(directory.files().unwrap(), []);
    let other = directory.file(&CacheKey::for_session("other"));
    file.replace(b"{}").unwrap();
    other.replace_unsynced(b"{}").unwrap();
    file.beside("refused").replace(b"{}").unwrap();
    let mut files = vec![file, other];
    files.sort_by_key(|file| file.path().to_owned());
    assert_eq!(directory.files().unwrap(), files);
}

#[test]
fn a_directory_that_cannot_be_read_is_no_empty_one() {
    let file = tempfile::NamedTempFile::new().unwrap();
    assert!(Directory::new(file.path()).files().is_err());
}

#[test]
fn what_is_replaced_is_read() {
    let (_root, _, file) = cache();
    assert_eq!(file.load().unwrap(), None);
    file.replace(b"{}").unwrap();
    assert_eq!(file.load().unwrap().as_deref(), Some(&b"{}"[..]));
    file.replace_unsynced(b"{\"a\":1}").unwrap();
    assert_eq!(file.load().unwrap().as_deref(), Some(&b"{\"a\":1}"[..]));
    assert_eq!(file.load_at_most(7).unwrap().as_deref(), Some(&b"{\"a\":1}"[..]));
    assert!(file.load_at_most(6).is_err());
}

#[test]
fn a_file_that_is_removed_is_gone() {
    let (_root, _, file) = cache();
    assert!(!file.remove().unwrap());
    file.replace(b"{}").unwrap();
    assert!(file.remove().unwrap());
    assert_eq!(file.load().unwrap(), None);
}

#[test]
fn a_file_that_is_set_aside_is_kept_under_another_name() {
    let (root, directory, file) = cache();
    assert!(!file.set_aside().unwrap());
    file.replace(b"{ torn").unwrap();
    assert!(file.set_aside().unwrap());
    assert_eq!(file.load().unwrap(), None);
    let kept: Vec<_> = fs::read_dir(root.path().join("sso/cache"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "corrupt"))
        .collect();
    assert_eq!(kept.len(), 1);
    assert_eq!(fs::read(&kept[0]).unwrap(), b"{ torn");
    assert_eq!(directory.files().unwrap(), []);
}

#[test]
fn a_file_tells_when_it_was_written() {
    let (_root, _, file) = cache();
    assert_eq!(file.written_at(), None);
    file.replace(b"{}").unwrap();
    let at = Timestamp::from_unix(1_767_323_045);
    let opened = fs::File::options().write(true).open(file.path()).unwrap();
    opened
        .set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_767_323_045))
        .unwrap();
    assert_eq!(file.written_at(), Some(at));
    // As where a file system keeps no times.
    opened.set_modified(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(file.written_at(), None);
}

#[test]
fn lines_are_added_at_the_end() {
    let (_root, _, file) = cache();
    file.replace(b"{}\n").unwrap();
    file.append(b"{\"a\":1}\n").unwrap();
    assert_eq!(file.load().unwrap().as_deref(), Some(&b"{}\n{\"a\":1}\n"[..]));
}

#[test]
fn a_small_value_is_changed_by_what_it_was() {
    let (_root, _, file) = cache();
    let add = |old: &[u8]| ([old, b"x"].concat(), old.len());
    assert_eq!(file.exchange(add).unwrap(), Some(0));
    assert_eq!(file.exchange(add).unwrap(), Some(1));
    assert_eq!(file.load().unwrap().as_deref(), Some(&b"xx"[..]));
}

/// Only root can make files of another user; for others this test says nothing.
#[cfg(target_os = "linux")]
#[test]
fn a_directory_of_our_own_takes_nothing_that_another_user_put_there() {
    use std::os::unix::fs::chown;
    const STRANGER: u32 = 65_534;
    let (_root, directory, file) = cache();
    file.replace(b"{}").unwrap();
    file.beside("refused").replace(b"{}").unwrap();
    let theirs = [directory.path().to_owned(), file.path().to_owned()];
    let refused = file.beside("refused").path().to_owned();
    if theirs.iter().chain([&refused]).any(|path| chown(path, Some(STRANGER), None).is_err()) {
        return;
    }
    assert!(file.load().is_ok(), "a shared directory is theirs to fill");
    let own = directory.with_own_files();
    let file = own.file(&CacheKey::for_session("dev"));
    assert!(file.load().is_err());
    assert!(file.beside("refused").load().is_err());
    assert!(own.files().unwrap()[0].load().is_err());
}
