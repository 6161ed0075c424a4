//! Nushell, which the engine does not know.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;

use clap::Command;
use clap_complete::engine::{CompletionCandidate, complete};
use clap_complete::env::EnvCompleter;
use serde_json::{Value, json};

/// What nushell reads at its start. It takes no script from a program there, so this one does not
/// depend on the version of keyfob.
pub(crate) const SCRIPT: &str = r#"def "complete keyfob" [words: list<string>] {
    with-env {COMPLETE: nushell} { ^keyfob -- ...$words } | from json
}

@complete "complete keyfob"
extern keyfob []
"#;

/// A JSON array is what its scripts read.
pub(super) struct Nushell;

impl EnvCompleter for Nushell {
    fn name(&self) -> &'static str {
        "nushell"
    }

    fn is(&self, name: &str) -> bool {
        matches!(name, "nu" | "nushell")
    }

    fn write_registration(
        &self,
        _variable: &str,
        _name: &str,
        _program: &str,
        _completer: &str,
        script: &mut dyn Write,
    ) -> io::Result<()> {
        script.write_all(SCRIPT.as_bytes())
    }

    fn write_complete(
        &self,
        command: &mut Command,
        words: Vec<OsString>,
        directory: Option<&Path>,
        answer: &mut dyn Write,
    ) -> io::Result<()> {
        let index = words.len().saturating_sub(1);
        let candidates = complete(command, words, index, directory)?;
        let candidates: Vec<Value> = candidates.iter().map(suggestion).collect();
        writeln!(answer, "{}", Value::from(candidates))
    }
}

fn suggestion(candidate: &CompletionCandidate) -> Value {
    let help = candidate.get_help().map(ToString::to_string).unwrap_or_default();
    let help = help.lines().next().unwrap_or_default();
    json!({"value": quoted(&candidate.get_value().to_string_lossy()), "description": help})
}

/// Nushell puts into the line what it is told; a string of JSON is one of nushell, too.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_=+,.@:/\\~".contains(c);
    if word.chars().all(is_plain) { word.to_owned() } else { Value::from(word).to_string() }
}
