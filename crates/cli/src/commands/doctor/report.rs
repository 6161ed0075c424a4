//! What was found, what mends it, and what is as it should be.

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use shared_config::Place;

use super::mend::Mend;
use crate::color::Color;
use crate::paste::quote;

/// How much a finding hurts, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Severity {
    /// Something does not work.
    Error,
    /// Something may not work, or not as it is meant.
    Warning,
    /// Something to know when something else is odd.
    Note,
}

/// Something that is not as it should be.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) severity: Severity,
    check: &'static str,
    text: String,
    /// What mends it, or tells more.
    command: String,
    mend: Option<Mend>,
}

/// All that was looked at.
#[derive(Debug)]
pub(super) struct Report {
    home: PathBuf,
    findings: Vec<Finding>,
    fine: Vec<(&'static str, String)>,
}

impl Report {
    pub(super) fn new(home: &Path) -> Self {
        Self { home: home.to_owned(), findings: Vec::new(), fine: Vec::new() }
    }

    pub(super) fn error(
        &mut self,
        check: &'static str,
        text: impl fmt::Display,
        command: impl Into<String>,
    ) {
        self.add(Severity::Error, check, &text, command.into(), None);
    }

    pub(super) fn warning(
        &mut self,
        check: &'static str,
        text: impl fmt::Display,
        command: impl Into<String>,
    ) {
        self.add(Severity::Warning, check, &text, command.into(), None);
    }

    /// A warning whose command can be run without a person who thinks about it.
    pub(super) fn fixable(
        &mut self,
        check: &'static str,
        text: impl fmt::Display,
        command: impl Into<String>,
        mend: Mend,
    ) {
        self.add(Severity::Warning, check, &text, command.into(), Some(mend));
    }

    pub(super) fn note(
        &mut self,
        check: &'static str,
        text: impl fmt::Display,
        command: impl Into<String>,
    ) {
        self.add(Severity::Note, check, &text, command.into(), None);
    }

    /// Something is as it should be.
    pub(super) fn fine(&mut self, check: &'static str, text: impl fmt::Display) {
        self.fine.push((check, self.without_home(&text.to_string())));
    }

    /// Whether nothing was found by a check so far.
    pub(super) fn is_clean(&self, check: &str) -> bool {
        self.findings.iter().all(|finding| finding.check != check)
    }

    fn add(
        &mut self,
        severity: Severity,
        check: &'static str,
        text: &dyn fmt::Display,
        command: String,
        mend: Option<Mend>,
    ) {
        let text = self.without_home(&text.to_string());
        self.findings.push(Finding { severity, check, text, command, mend });
    }

    /// A name of a person has no place in a ticket.
    fn without_home(&self, text: &str) -> String {
        match self.home.to_str().filter(|home| home.len() > 1) {
            Some(home) => text.replace(&format!("{home}/"), "~/"),
            None => text.to_owned(),
        }
    }

    /// Writes a path for a shell.
    pub(super) fn quoted(&self, path: &Path) -> String {
        match path.strip_prefix(&self.home) {
            Ok(rest) if rest.as_os_str().is_empty() => "~".to_owned(),
            Ok(rest) => format!("~/{}", quote(&rest.display().to_string())),
            Err(_) => quote(&path.display().to_string()),
        }
    }

    /// Writes the command that opens a file at a line.
    pub(super) fn edit(&self, place: &Place) -> String {
        self.edit_at(&place.path, place.line)
    }

    pub(super) fn edit_at(&self, path: &Path, line: usize) -> String {
        format!("\"${{EDITOR:-vi}}\" +{line} {}", self.quoted(path))
    }

    /// Puts what hurts most first, and otherwise keeps the order.
    pub(super) fn sorted(mut self) -> Self {
        self.findings.sort_by_key(|finding| finding.severity);
        self
    }

    pub(super) fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// What can be done without a person who thinks about it, with its commands.
    pub(super) fn mends(&self) -> impl Iterator<Item = (&Mend, &str)> {
        self.findings
            .iter()
            .filter_map(|finding| Some((finding.mend.as_ref()?, finding.command.as_str())))
    }

    pub(super) fn text(&self, is_colored: bool) -> String {
        let mut text = about() + "\n\n";
        for finding in &self.findings {
            let Finding { severity, check, text: found, command, .. } = finding;
            let (begin, end) = match severity.color().filter(|_| is_colored) {
                Some(color) => color.escapes(),
                None => ("", ""),
            };
            text += &format!("{begin}{severity}{end}: {check}: {}\n", wire::printable(found));
            text += &format!("    {}\n", wire::printable(command));
        }
        for (check, found) in &self.fine {
            text += &format!("ok: {check}: {}\n", wire::printable(found));
        }
        text
    }

    pub(super) fn json(&self) -> Value {
        let findings = self.findings.iter().map(|finding| {
            json!({
                "severity": finding.severity.to_string(),
                "check": finding.check,
                "text": finding.text,
                "command": finding.command,
                "fixable": finding.mend.is_some(),
            })
        });
        let fine = self.fine.iter().map(|(check, text)| json!({ "check": check, "text": text }));
        json!({
            "program": about(),
            "findings": findings.collect::<Vec<_>>(),
            "ok": fine.collect::<Vec<_>>(),
        })
    }
}

/// What runs where.
fn about() -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!("keyfob {version}, {} {}", std::env::consts::OS, std::env::consts::ARCH)
}

impl Severity {
    fn color(self) -> Option<Color> {
        match self {
            Self::Error => Some(Color::Red),
            Self::Warning => Some(Color::Yellow),
            Self::Note => None,
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        })
    }
}
