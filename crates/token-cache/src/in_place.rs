//! Files that are not replaced but written where they are: journals, and values that may be lost.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};

use crate::CacheFile;
use crate::directory::create_private;

/// The largest shared value, in bytes.
const MAX_VALUE: u64 = 4096;

impl CacheFile {
    /// Adds `data` at the end of the file, in one write: a reader sees all of it or none, unless the
    /// machine fails. The caller holds the lock where others may append.
    ///
    /// # Errors
    /// Fails where there is no file or it cannot be written; it is as long as before then.
    pub fn append(&self, data: &[u8]) -> io::Result<()> {
        let mut file = OpenOptions::new().append(true).open(self.path())?;
        let length = file.metadata()?.len();
        // A disk that fills up takes a part, and what is appended later would follow that.
        file.write_all(data).inspect_err(|_| drop(file.set_len(length)))
    }

    /// Changes a small value that processes share and that may be lost: `change` gets what the file
    /// holds, nothing where there is none, and returns what it is to hold. `None` where another
    /// process changes it at this moment.
    ///
    /// Here the file itself is locked; it is never replaced.
    ///
    /// # Errors
    /// Fails where the file cannot be written or the system has no locks.
    pub fn exchange<T>(&self, change: impl FnOnce(&[u8]) -> (Vec<u8>, T)) -> io::Result<Option<T>> {
        create_private(self.directory())?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        if std::fs::metadata(self.path()).is_ok_and(|metadata| !metadata.is_file()) {
            return Err(io::Error::other("not a regular file")); // a FIFO would block for ever
        }
        let mut file = options.open(self.path())?;
        match file.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => return Ok(None),
            Err(std::fs::TryLockError::Error(error)) => return Err(error),
        }
        let mut old = Vec::new();
        Read::by_ref(&mut file).take(MAX_VALUE).read_to_end(&mut old)?;
        let (new, result) = change(&old);
        write_over(&mut file, &new)?;
        Ok(Some(result))
    }
}

fn write_over(file: &mut File, data: &[u8]) -> io::Result<()> {
    file.rewind()?;
    file.write_all(data)?;
    file.set_len(data.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CacheKey, Directory};

    #[test]
    fn a_journal_grows_and_keeps_its_mode() {
        let root = tempfile::tempdir().unwrap();
        let file = Directory::new(root.path().join("d")).file(&CacheKey::for_session("dev"));
        assert!(file.append(b"x").is_err(), "there is none yet");
        file.replace(b"one\n").unwrap();
        file.append(b"two\n").unwrap();
        assert_eq!(file.load().unwrap().as_deref(), Some(&b"one\ntwo\n"[..]));
    }

    #[test]
    fn a_value_is_changed_by_one_at_a_time() {
        let root = tempfile::tempdir().unwrap();
        let file = CacheFile::at(root.path().join("d/value"));
        let changed = file.exchange(|old| {
            assert_eq!(old, b"");
            assert!(matches!(file.exchange(|_| (Vec::new(), ())), Ok(None)), "it is locked");
            (b"a longer one".to_vec(), 1)
        });
        assert_eq!(changed.unwrap(), Some(1));
        file.exchange(|old| (old[..8].to_vec(), ())).unwrap().unwrap();
        assert_eq!(file.load().unwrap().as_deref(), Some(&b"a longer"[..]));
        let directory = CacheFile::at(root.path());
        assert!(directory.exchange(|_| (Vec::new(), ())).is_err(), "no file");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(file.path()).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
