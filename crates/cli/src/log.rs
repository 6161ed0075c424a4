//! Where notes go: warnings to stderr, or everything to the log of `credential-process`.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use providers::Log;

use crate::exit::printable;
use crate::ui;

/// Warnings on stderr, for commands that a person runs. One that is repeated is told once.
#[derive(Default)]
pub(crate) struct StderrLog {
    told: Mutex<BTreeSet<String>>,
}

impl StderrLog {
    fn tell_once(&self, text: String) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if !told.contains(&text) {
            ui::say(&text);
            told.insert(text);
        }
    }
}

impl Log for StderrLog {
    fn debug(&self, _: &str) {}

    fn warn(&self, text: &str) {
        self.tell_once(format!("warning: {text}"));
    }

    fn waiting(&self, what: &str) {
        self.tell_once(format!("Waiting for {what} (Ctrl-C to stop) ..."));
    }
}

/// Everything, in a file that only its owner can read.
pub(crate) struct FileLog(Mutex<File>);

impl FileLog {
    /// Begins the file anew. Notes hold no secrets, but names of accounts and hosts.
    pub(crate) fn create(path: &Path) -> std::io::Result<Self> {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false); // not before it is known what it is
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            // A FIFO that nobody reads does not keep us waiting.
            options.mode(0o600).custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
        }
        let file = options.open(path)?;
        if !file.metadata()?.is_file() {
            return Err(std::io::Error::other("not a regular file"));
        }
        file.set_len(0)?;
        #[cfg(unix)] // also where the file was there before
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        Ok(Self(Mutex::new(file)))
    }

    fn write(&self, level: &str, text: &str) {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A log that cannot be written must not keep credentials from anybody.
        let now = providers::Clock::now(&crate::env::SystemClock);
        let _ = writeln!(file, "{now} {level} {}", printable(text));
    }
}

impl Log for FileLog {
    fn debug(&self, text: &str) {
        self.write("debug", text);
    }

    fn warn(&self, text: &str) {
        self.write("warning", text);
    }
}
