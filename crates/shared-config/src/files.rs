use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::Locations;

/// The largest configuration file that is read, in bytes.
pub const MAX_FILE: u64 = 32 << 20;

/// One of the two configuration files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there are two")]
pub enum FileKind {
    /// `~/.aws/config`
    Config,
    /// `~/.aws/credentials`
    Credentials,
}

/// The texts of both configuration files; a file that does not exist is empty.
#[derive(Clone, Debug, Default)]
pub struct Files {
    config: (PathBuf, String),
    credentials: (PathBuf, String),
}

/// A configuration file exists and cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {}", path.display())]
#[non_exhaustive]
pub struct LoadError {
    /// The file.
    pub path: PathBuf,
    /// Why.
    #[source]
    pub source: io::Error,
}

impl Files {
    /// Reads both files.
    ///
    /// # Errors
    /// Fails where one exists and cannot be read, is no file, is over [`MAX_FILE`] or not UTF-8.
    pub fn load(locations: &Locations) -> Result<Self, LoadError> {
        let read = |path: &Path| match read_text(path) {
            Ok(text) => Ok((path.to_owned(), text)),
            Err(source) => Err(LoadError { path: path.to_owned(), source }),
        };
        Ok(Self { config: read(&locations.config)?, credentials: read(&locations.credentials)? })
    }

    /// Takes the texts of both files as they are.
    pub fn from_texts(config: &str, credentials: &str) -> Self {
        Self {
            config: ("~/.aws/config".into(), config.to_owned()),
            credentials: ("~/.aws/credentials".into(), credentials.to_owned()),
        }
    }

    /// Returns the path of a file.
    pub fn path(&self, kind: FileKind) -> &Path {
        match kind {
            FileKind::Config => &self.config.0,
            FileKind::Credentials => &self.credentials.0,
        }
    }

    /// Returns the text of a file, without a byte order mark.
    pub fn text(&self, kind: FileKind) -> &str {
        let text = match kind {
            FileKind::Config => &self.config.1,
            FileKind::Credentials => &self.credentials.1,
        };
        text.strip_prefix('\u{feff}').unwrap_or(text)
    }

    /// Whether a file begins with a byte order mark, which several SDKs do not read.
    pub fn has_byte_order_mark(&self, kind: FileKind) -> bool {
        match kind {
            FileKind::Config => self.config.1.starts_with('\u{feff}'),
            FileKind::Credentials => self.credentials.1.starts_with('\u{feff}'),
        }
    }
}

/// Reads a file as a whole; one that does not exist is empty.
pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    let size = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
        Err(error) => return Err(error),
        Ok(metadata) if !is_readable_kind(&metadata.file_type()) => {
            return Err(io::Error::other("it is not a file"));
        }
        Ok(metadata) => metadata.len().min(MAX_FILE),
    };
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1);
    File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is over 32 MiB"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let line = 1 + memchr::memchr_iter(b'\n', valid).count();
        io::Error::new(io::ErrorKind::InvalidData, format!("line {line} is not UTF-8"))
    })
}

/// Regular files, and devices because of `/dev/null`. A FIFO would block the open for ever.
fn is_readable_kind(kind: &fs::FileType) -> bool {
    #[cfg(unix)]
    let is_device = std::os::unix::fs::FileTypeExt::is_char_device(kind);
    #[cfg(not(unix))]
    let is_device = false;
    kind.is_file() || is_device
}
