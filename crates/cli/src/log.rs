//! Where notes go: warnings to stderr, or everything to the log of `credential-process`.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use private_file::PrivateFile;
use providers::Log;

use crate::exit::printable;
use crate::ui;

/// Warnings on stderr, for commands that a person runs, and notes for those who want them. A warning
/// that is repeated is told once.
#[derive(Default)]
pub(crate) struct StderrLog {
    told: Mutex<BTreeSet<String>>,
}

impl StderrLog {
    fn tell_once(&self, text: String, tell: fn(&str)) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if !told.contains(&text) {
            tell(&text);
            told.insert(text);
        }
    }
}

impl Log for StderrLog {
    fn debug(&self, text: &str) {
        ui::note(text);
    }

    fn warn(&self, text: &str) {
        self.tell_once(format!("warning: {text}"), ui::say);
    }

    fn waiting(&self, what: &str) {
        self.tell_once(format!("Waiting for {what} (Ctrl-C to stop) ..."), ui::talk);
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

/// Two logs that take the same notes.
pub(crate) struct Both(pub(crate) Arc<dyn Log>, pub(crate) Arc<dyn Log>);

impl Log for Both {
    fn debug(&self, text: &str) {
        self.0.debug(text);
        self.1.debug(text);
    }

    fn warn(&self, text: &str) {
        self.0.warn(text);
        self.1.warn(text);
    }

    fn waiting(&self, what: &str) {
        self.0.waiting(what);
        self.1.waiting(what);
    }
}
