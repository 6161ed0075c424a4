use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::size::too_large;
use crate::{FileKind, Locations, MAX_FILE, excerpt};

/// The texts of both configuration files; a file that does not exist is empty.
#[derive(Clone, Debug, Default)]
pub struct Files {
    config: (PathBuf, Arc<String>),
    credentials: (PathBuf, Arc<String>),
    is_excerpt: bool,
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
            Ok(text) => Ok((path.to_owned(), Arc::new(text))),
            Err(source) => Err(LoadError { path: path.to_owned(), source }),
        };
        let (config, credentials) = (read(&locations.config)?, read(&locations.credentials)?);
        Ok(Self { config, credentials, is_excerpt: false })
    }

    /// Reads of large files what [`crate::Sections::for_profile`] needs; the lines keep their
    /// numbers.
    ///
    /// # Errors
    /// As [`Files::load`], but what is not read need not be UTF-8.
    pub fn load_for_profile(locations: &Locations, name: &str) -> Result<Self, LoadError> {
        let mut is_excerpt = false;
        let mut read = |path: &Path, file| {
            let read = open(path).and_then(|opened| match opened {
                Some((source, size)) if size > excerpt::WINDOW as u64 => {
                    is_excerpt = true;
                    utf8(excerpt::read(source, file, name)?)
                }
                opened => whole(opened),
            });
            let located = |source| LoadError { path: path.to_owned(), source };
            read.map(|text| (path.to_owned(), Arc::new(text))).map_err(located)
        };
        let config = read(&locations.config, FileKind::Config)?;
        let credentials = read(&locations.credentials, FileKind::Credentials)?;
        Ok(Self { config, credentials, is_excerpt })
    }

    /// Whether sections are missing that [`Files::load`] has.
    pub fn is_excerpt(&self) -> bool {
        self.is_excerpt
    }

    /// Takes the texts of both files as they are.
    pub fn from_texts(config: &str, credentials: &str) -> Self {
        Self {
            config: ("~/.aws/config".into(), Arc::new(config.to_owned())),
            credentials: ("~/.aws/credentials".into(), Arc::new(credentials.to_owned())),
            is_excerpt: false,
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
        let text = self.whole(kind);
        text.strip_prefix('\u{feff}').unwrap_or(text)
    }

    /// Whether a file begins with a byte order mark, which several SDKs do not read.
    pub fn has_byte_order_mark(&self, kind: FileKind) -> bool {
        self.whole(kind).starts_with('\u{feff}')
    }

    fn whole(&self, kind: FileKind) -> &Arc<String> {
        match kind {
            FileKind::Config => &self.config.1,
            FileKind::Credentials => &self.credentials.1,
        }
    }

    /// Reads a file again, by the path that its link leads to; where it is as it was, its text is not
    /// kept twice.
    pub(crate) fn read_again(&self, kind: FileKind, path: &Path) -> io::Result<Arc<String>> {
        let known = self.whole(kind);
        let mut opened = open(path)?;
        if let Some((file, size)) = &mut opened
            && *size == known.len() as u64
        {
            if is_still(file, known.as_bytes())? {
                return Ok(known.clone());
            }
            file.rewind()?;
        }
        whole(opened).map(Arc::new)
    }
}

/// Whether the rest of a file is the same as before.
fn is_still(file: &mut File, before: &[u8]) -> io::Result<bool> {
    let mut buffer = vec![0; 64 * 1024];
    let mut rest = before;
    loop {
        let read = match file.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        match rest.strip_prefix(buffer.get(..read).unwrap_or_default()) {
            Some(behind) if read > 0 => rest = behind,
            Some(behind) => return Ok(behind.is_empty()),
            None => return Ok(false),
        }
    }
}

/// Reads a file as a whole; one that does not exist is empty.
pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    whole(open(path)?)
}

/// Opens a file that exists; returns its size with it.
fn open(path: &Path) -> io::Result<Option<(File, u64)>> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
        Ok(metadata) if !is_readable_kind(&metadata.file_type()) => {
            Err(io::Error::other("it is not a file"))
        }
        Ok(metadata) => Ok(Some((File::open(path)?, metadata.len()))),
    }
}

fn whole(opened: Option<(File, u64)>) -> io::Result<String> {
    let Some((file, size)) = opened else { return Ok(String::new()) };
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(MAX_FILE)).unwrap_or(0) + 1);
    file.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(too_large());
    }
    utf8(bytes)
}

fn utf8(bytes: Vec<u8>) -> io::Result<String> {
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

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "files of the tests' own")]
mod tests {
    use super::*;
    use crate::Environment;

    #[test]
    fn a_file_over_64_kib_is_read_in_part() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join(".aws")).unwrap();
        let variables = [("HOME", home.path().to_str().unwrap())];
        let locations = Locations::from_env(&Environment::from_pairs(variables)).unwrap();
        let (whole, part) = (format!("[profile a]\n{}", "#".repeat(65_524)), "[profile a]\n\n");
        fs::write(&locations.config, &whole).unwrap();
        let files = Files::load_for_profile(&locations, "b").unwrap();
        assert_eq!((files.text(FileKind::Config), files.is_excerpt()), (&*whole, false));
        fs::write(&locations.config, format!("{whole}#")).unwrap();
        let files = Files::load_for_profile(&locations, "b").unwrap();
        assert_eq!((files.text(FileKind::Config), files.is_excerpt()), (part, true));
    }
}
