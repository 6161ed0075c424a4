//! Where notes go: warnings to stderr, or everything to the log of `credential-process`.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use private_file::PrivateFile;
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
    /// Begins the file anew, whatever has its name. Notes hold no secrets, but names of accounts and hosts.
    pub(crate) fn create(path: &Path) -> std::io::Result<Self> {
        Ok(Self(Mutex::new(PrivateFile::at(path).begin()?)))
    }

    fn write(&self, level: &str, text: &str) {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A log that cannot be written must not keep credentials from anybody.
        let now = wire::SystemTimes.now();
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
