//! What is kept, and what is left alone.
#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use private_file::{Locking, PrivateFile};

const LIMIT: u64 = 1 << 20;

fn file() -> (tempfile::TempDir, PrivateFile) {
    let root = tempfile::tempdir().unwrap();
    let file = PrivateFile::at(root.path().join("sso/cache/stem.json"));
    (root, file)
}

fn directory(file: &PrivateFile) -> &Path {
    file.path().parent().unwrap()
}

fn count(directory: &Path) -> usize {
    fs::read_dir(directory).unwrap().count()
}

#[test]
fn a_file_is_private_and_its_directory_too() {
    let (_root, file) = file();
    assert_eq!(file.load(LIMIT).unwrap(), None);
    file.replace(b"one").unwrap();
    file.replace(b"two").unwrap();
    assert_eq!(file.load(LIMIT).unwrap().as_deref(), Some(&b"two"[..]));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(file.path()), 0o600);
        assert_eq!(mode(directory(&file)), 0o700);
    }
    assert_eq!(count(directory(&file)), 1, "no temporary file is left");
    assert!(file.remove().unwrap());
    assert!(!file.remove().unwrap());
}

#[test]
fn what_was_prepared_and_not_written_leaves_the_old_file() {
    let (_root, file) = file();
    file.replace(b"old").unwrap();
    drop(file.prepare().unwrap());
    assert!(!file.prepare().unwrap().write_if(b"new", || Ok(false)).unwrap());
    assert_eq!(file.load(LIMIT).unwrap().as_deref(), Some(&b"old"[..]));
    assert_eq!(count(directory(&file)), 1);
}

#[cfg(unix)] // a directory with an open file cannot be removed on Windows
#[test]
fn what_was_removed_meanwhile_is_stored_all_the_same() {
    let (_root, file) = file();
    let first = file.prepare().unwrap();
    let second = file.prepare().unwrap();
    first.write(b"one").unwrap();
    fs::remove_dir_all(directory(&file)).unwrap();
    second.write(b"two").unwrap();
    assert_eq!(file.load(LIMIT).unwrap().as_deref(), Some(&b"two"[..]));
    assert_eq!(count(directory(&file)), 1);
}

#[test]
fn temporary_files_of_killed_processes_go() {
    let (_root, file) = file();
    file.replace(b"x").unwrap();
    let create = |name: &str, age: u64| {
        let path = directory(&file).join(name);
        let age = Duration::from_secs(age);
        File::create(&path).unwrap().set_modified(SystemTime::now() - age).unwrap();
        path
    };
    let kept = [create(".other.partial-1.tmp", 0), create(".unrelated.tmp", 7200)];
    let gone = [create(".stem.partial-2.tmp", 0), create(".other.partial-3.tmp", 7200)];
    file.replace(b"x").unwrap();
    assert!(kept.iter().all(|path| path.exists()));
    assert!(!gone.iter().any(|path| path.exists()));
}

#[test]
fn what_nobody_can_read_is_kept_under_another_name() {
    let (_root, file) = file();
    assert!(!file.set_aside("corrupt").unwrap());
    file.replace(b"").unwrap();
    File::options().write(true).open(file.path()).unwrap().set_len(LIMIT + 1).unwrap();
    assert!(file.load(LIMIT).is_err());
    assert!(file.set_aside("corrupt").unwrap());
    assert_eq!(fs::metadata(file.sibling("stem.json.corrupt").path()).unwrap().len(), LIMIT + 1);
    assert_eq!(file.load(LIMIT).unwrap(), None);
}

#[test]
fn a_lock_is_held_by_one_and_remembers_a_time() {
    let (_root, file) = file();
    let Locking::Held(lock) = file.try_lock() else { panic!("locks work here") };
    assert!(matches!(file.try_lock(), Locking::Busy));
    assert_eq!(file.marked_at(), Some(SystemTime::UNIX_EPOCH));
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045);
    lock.mark(time);
    drop(lock);
    assert!(matches!(file.try_lock(), Locking::Held(_)));
    assert_eq!(file.marked_at(), Some(time));
}

#[test]
fn a_journal_grows_and_a_value_is_changed_by_one_at_a_time() {
    let (_root, file) = file();
    assert!(file.append(b"x").is_err(), "there is none yet");
    file.replace(b"one\n").unwrap();
    file.append(b"two\n").unwrap();
    assert_eq!(file.load(LIMIT).unwrap().as_deref(), Some(&b"one\ntwo\n"[..]));

    let value = file.sibling("value");
    let changed = value.exchange(|old| {
        assert_eq!(old, b"");
        assert!(matches!(value.exchange(|_| (Vec::new(), ())), Ok(None)), "it is locked");
        (b"a longer one".to_vec(), 1)
    });
    assert_eq!(changed.unwrap(), Some(1));
    value.exchange(|old| (old.get(..8).unwrap().to_vec(), ())).unwrap().unwrap();
    assert_eq!(value.load(LIMIT).unwrap().as_deref(), Some(&b"a longer"[..]));
}

#[test]
fn only_regular_files_are_replaced() {
    let (_root, file) = file();
    fs::create_dir_all(file.path()).unwrap();
    assert!(file.load(LIMIT).is_err());
    assert!(file.prepare().is_err());
    assert!(file.begin().is_err());
    assert!(file.exchange(|_| (Vec::new(), ())).is_err());
}

#[cfg(unix)]
mod owners {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, lchown, symlink};

    use private_file::{Refusal, is_open_to_others, refusal, stranger};

    use super::*;

    /// Somebody who is neither root nor the user of the tests.
    const STRANGER: u32 = 65_533;

    #[expect(clippy::print_stderr, reason = "a test that shows nothing says so")]
    fn is_root() -> bool {
        let is_root = chown(tempfile::tempdir().unwrap().path(), Some(STRANGER), None).is_ok();
        if !is_root {
            eprintln!("SKIPPED: files are given to another user by root alone");
        }
        is_root
    }

    fn refused(error: std::io::Error) -> Refusal {
        error.downcast().unwrap()
    }

    #[test]
    fn links_of_the_user_are_followed_and_stay() {
        let (root, file) = file();
        let elsewhere = root.path().join("dotfiles");
        fs::create_dir_all(&elsewhere).unwrap();
        symlink("dotfiles", root.path().join("sso")).unwrap();
        fs::create_dir(elsewhere.join("cache")).unwrap();
        symlink("../../dotfiles/token", file.path()).unwrap();
        file.replace(b"one").unwrap();
        file.replace(b"two").unwrap();
        assert!(fs::symlink_metadata(file.path()).unwrap().is_symlink());
        assert_eq!(fs::read(elsewhere.join("token")).unwrap(), b"two");
        assert_eq!(file.resolved().unwrap().path(), elsewhere.join("token"));
        let refused = file.prepare_if(|old| old != b"two").unwrap_err().downcast();
        assert!(matches!(refused, Ok(Refusal::OtherContent(_))));
        // A secret is gone only where its file is.
        assert!(file.remove().unwrap());
        assert!(!elsewhere.join("token").exists());
        fs::remove_file(file.path()).unwrap();
        symlink("stem.json", file.path()).unwrap();
        assert!(file.replace(b"x").is_err(), "a link to itself");
    }

    #[test]
    fn files_that_are_written_where_they_are_are_no_links() {
        let (root, file) = file();
        let victim = root.path().join("victim");
        fs::write(&victim, "mine").unwrap();
        fs::create_dir_all(directory(&file)).unwrap();
        symlink(&victim, file.path()).unwrap();
        symlink(&victim, file.path().with_extension("lock")).unwrap();
        let before = fs::metadata(&victim).unwrap().modified().unwrap();
        assert!(matches!(
            refused(file.exchange(|_| (vec![b'x'], ())).unwrap_err()),
            Refusal::Link(_)
        ));
        assert!(file.append(b"x").is_err());
        assert!(matches!(file.try_lock(), Locking::Unsupported));
        drop(file.begin().unwrap());
        assert!(!fs::symlink_metadata(file.path()).unwrap().is_symlink());

        fs::remove_file(file.path()).unwrap();
        fs::hard_link(&victim, file.path()).unwrap();
        let error = file.exchange(|_| (vec![b'x'], ())).unwrap_err();
        assert!(matches!(refused(error), Refusal::HardLink(_)));
        assert!(matches!(refused(file.append(b"x").unwrap_err()), Refusal::HardLink(_)));
        file.replace(b"other").unwrap();
        assert_eq!(fs::read(&victim).unwrap(), b"mine");
        assert_eq!(fs::metadata(&victim).unwrap().modified().unwrap(), before);
    }

    #[test]
    fn nothing_waits_for_a_pipe() {
        let (_root, file) = file();
        fs::create_dir_all(directory(&file)).unwrap();
        let made = std::process::Command::new("mkfifo").arg(file.path()).status().unwrap();
        assert!(made.success());
        assert!(file.load(LIMIT).is_err());
        assert!(file.prepare().is_err());
        assert!(file.append(b"x").is_err());
        assert!(file.exchange(|_| (Vec::new(), ())).is_err());
        drop(file.begin().unwrap());
        assert_eq!(file.load(LIMIT).unwrap().as_deref(), Some(&b""[..]));
    }

    #[test]
    fn nothing_is_made_or_removed_in_the_directory_of_another_user() {
        if !is_root() {
            return;
        }
        let (root, file) = file();
        file.replace(b"theirs").unwrap();
        for path in [file.path(), directory(&file), root.path()] {
            chown(path, Some(STRANGER), Some(STRANGER)).unwrap();
        }
        let before = count(directory(&file));
        let error = refused(file.replace(b"x").unwrap_err());
        assert!(matches!(&error, Refusal::Stranger { path, owner: STRANGER, user: 0, .. }
            if path == directory(&file)));
        assert!(file.remove().is_err());
        assert!(file.set_aside("corrupt").is_err());
        assert!(file.append(b"x").is_err());
        assert!(file.begin().is_err());
        assert!(matches!(file.try_lock(), Locking::Unsupported));
        assert!(PrivateFile::at(root.path().join("new/file")).replace(b"x").is_err());
        assert_eq!(count(directory(&file)), before);
        assert_eq!(count(root.path()), 1);
        assert_eq!(
            file.load(LIMIT).unwrap().as_deref(),
            Some(&b"theirs"[..]),
            "reading is allowed"
        );
        assert_eq!(refusal(&root.path().join("a/b")), stranger(root.path()));
        assert!(stranger(root.path()).is_some());
    }

    #[test]
    fn links_of_another_user_lead_nowhere() {
        if !is_root() {
            return;
        }
        let (root, file) = file();
        let mine = root.path().join("mine");
        fs::create_dir(&mine).unwrap();
        fs::write(mine.join("stem.json"), "mine").unwrap();
        // In place of the directory, and of the file in a directory that all may write to.
        fs::create_dir(root.path().join("sso")).unwrap();
        let links = [
            (directory(&file).to_owned(), mine.clone()),
            (root.path().join("sso/f"), mine.join("stem.json")),
        ];
        for (link, target) in &links {
            symlink(target, link).unwrap();
            lchown(link, Some(STRANGER), Some(STRANGER)).unwrap();
        }
        for file in [file, PrivateFile::at(root.path().join("sso/f"))] {
            assert!(matches!(refused(file.replace(b"x").unwrap_err()), Refusal::Stranger { .. }));
            assert!(file.remove().is_err());
            assert!(file.resolved().is_err());
        }
        assert_eq!(count(&mine), 1);
        assert_eq!(fs::read(mine.join("stem.json")).unwrap(), b"mine");
    }

    #[test]
    fn what_another_user_put_there_is_not_read_or_replaced() {
        if !is_root() {
            return;
        }
        let (_root, file) = file();
        file.replace(b"theirs").unwrap();
        chown(file.path(), Some(STRANGER), Some(STRANGER)).unwrap();
        assert!(matches!(refused(file.load(LIMIT).unwrap_err()), Refusal::Stranger { .. }));
        assert!(matches!(refused(file.replace(b"x").unwrap_err()), Refusal::Stranger { .. }));
        let read = private_file::read(file.path(), LIMIT).unwrap();
        assert_eq!(read.as_deref(), Some(&b"theirs"[..]));
    }

    #[test]
    fn a_directory_is_open_where_others_can_write_to_it() {
        let root = tempfile::tempdir().unwrap();
        for (mode, is_open) in [(0o700, false), (0o755, false), (0o777, true), (0o1777, true)] {
            fs::set_permissions(root.path(), fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(is_open_to_others(root.path()), is_open, "{mode:o}");
        }
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o770)).unwrap();
        let found = fs::metadata(root.path()).unwrap();
        let has_members = found.gid() == 0 || found.gid() != found.uid();
        assert_eq!(is_open_to_others(root.path()), has_members);
        assert!(!is_open_to_others(&root.path().join("absent")));
    }
}
