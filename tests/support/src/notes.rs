use std::mem::take;
use std::sync::Mutex;

use wire::Log;

/// A log that keeps its notes.
#[derive(Debug, Default)]
pub struct Notes {
    all: Mutex<Vec<String>>,
    warnings: Mutex<Vec<String>>,
}

impl Notes {
    /// Returns all notes, a line each.
    pub fn text(&self) -> String {
        self.all.lock().unwrap().join("\n")
    }

    /// Returns the warnings since the last time.
    pub fn warnings(&self) -> Vec<String> {
        take(&mut *self.warnings.lock().unwrap())
    }
}

impl Log for Notes {
    fn debug(&self, text: &str) {
        self.all.lock().unwrap().push(text.to_owned());
    }

    fn warn(&self, text: &str) {
        self.debug(text);
        self.warnings.lock().unwrap().push(text.to_owned());
    }
}
