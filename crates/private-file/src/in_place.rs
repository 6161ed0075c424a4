//! Files that are not replaced but written where they are: journals, and values that may be lost.

use std::fs::File;
use std::io::{self, Read, Seek, Write};

use crate::place::{Links, Place};
use crate::{PrivateFile, Refusal};

/// The largest shared value, in bytes.
const MAX_VALUE: u64 = 4096;

impl PrivateFile {
    /// Adds `data` at the end of the file, in one write: a reader sees all of it or none, unless the
    /// machine fails. The caller holds the lock where others may append.
    ///
    /// # Errors
    /// Fails where there is no file, it has another name elsewhere, or it cannot be written; it is as
    /// long as before then.
    pub fn append(&self, data: &[u8]) -> io::Result<()> {
        let place = Place::find(self.path(), Links::Refused)?.own_directory()?;
        let mut file = sole(&place, place.open_to_append()?)?;
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
    /// Fails where the file cannot be written, has another name elsewhere, or the system has no
    /// locks.
    pub fn exchange<T>(&self, change: impl FnOnce(&[u8]) -> (Vec<u8>, T)) -> io::Result<Option<T>> {
        let place = Place::make(self.path(), Links::Refused)?;
        let file = match place.open() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                match place.directory.create(&place.name) {
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => place.open()?,
                    file => file?,
                }
            }
            file => file?,
        };
        let mut file = sole(&place, file)?;
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

/// Refuses a file whose content shows under a second name, which may be that of any file.
fn sole(place: &Place, file: File) -> io::Result<File> {
    #[cfg(unix)]
    if std::os::unix::fs::MetadataExt::nlink(&file.metadata()?) > 1 {
        return Err(Refusal::HardLink(place.path()).into());
    }
    #[cfg(not(unix))]
    let _ = (place, Refusal::HardLink);
    Ok(file)
}

fn write_over(file: &mut File, data: &[u8]) -> io::Result<()> {
    file.rewind()?;
    file.write_all(data)?;
    file.set_len(data.len() as u64)
}
