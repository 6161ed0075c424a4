//! Configuration files with what is read from them: cases of our own, and files of others that
//! botocore, Go, Rust and JavaScript were asked about.

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;

use conformance::{Corpus, committed, corpus, text};
use serde_json::{Map, Value, json};
use shared_config::{
    Environment, Files, LoadError, Locations, ProfileError, Section, SectionKind, Sections,
    Severity,
};
use tempfile::NamedTempFile;

pub(crate) struct ConfigCase {
    pub(crate) id: String,
    pub(crate) config: Vec<u8>,
    pub(crate) credentials: Vec<u8>,
    /// `normalised` with the readings of the SDKs, `agreement`, `expected.sso`.
    pub(crate) expected: Value,
}

impl ConfigCase {
    /// Reads the files as a program does, from the disk.
    pub(crate) fn load(&self) -> Result<Files, LoadError> {
        load(&self.config, &self.credentials)
    }
}

/// Loads two files that hold these bytes.
pub(crate) fn load(config: &[u8], credentials: &[u8]) -> Result<Files, LoadError> {
    let file = |bytes| {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        file
    };
    let (config, credentials) = (file(config), file(credentials));
    let variable = |name: &str, value: &Path| (OsString::from(name), value.into());
    let environment = Environment::new([
        variable("HOME", Path::new("/nowhere")),
        variable("AWS_CONFIG_FILE", config.path()),
        variable("AWS_SHARED_CREDENTIALS_FILE", credentials.path()),
    ]);
    Files::load(&Locations::from_env(&environment).unwrap())
}

/// The cases of our own; what is not UTF-8 is committed as hexadecimal digits.
pub(crate) fn own() -> Vec<ConfigCase> {
    let bytes = |case: &Value, file: &str| {
        let hex = case[format!("{file}_hex")].as_str().unwrap_or_default().as_bytes();
        let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
        match case[file].as_str() {
            Some(text) => text.as_bytes().to_vec(),
            None => hex.chunks(2).map(byte).collect(),
        }
    };
    let cases = committed("weird-configs").json("cases.json");
    let read = |case: &Value| ConfigCase {
        id: text(case, "id").to_owned(),
        config: bytes(case, "config"),
        credentials: bytes(case, "credentials"),
        expected: case.clone(),
    };
    cases.as_array().unwrap().iter().map(read).collect()
}

/// The files of others, and how many of them are in no corpus that is there.
pub(crate) fn of_others() -> Option<(Vec<ConfigCase>, usize)> {
    let corpus = corpus("config-differential")?;
    let index = corpus.json("index.json");
    let cases: Vec<_> =
        index.as_array().unwrap().iter().map(|entry| of_index(&corpus, entry)).collect();
    let absent = cases.iter().filter(|case| case.is_none()).count();
    Some((cases.into_iter().flatten().collect(), absent))
}

fn of_index(corpus: &Corpus, entry: &Value) -> Option<ConfigCase> {
    let id = text(entry, "id");
    let bytes = |file: &str| match entry[file].as_str() {
        None => Some(Vec::new()),
        Some(path) => std::fs::read(corpus.path(&format!("../{path}"))).ok(),
    };
    Some(ConfigCase {
        id: id.to_owned(),
        config: bytes("config")?,
        credentials: bytes("credentials")?,
        expected: corpus.json(&format!("expected/{id}.json")),
    })
}

/// The settings of a section, those that are nested under names such as `s3.addressing_style`.
fn flattened(section: Section<'_, '_>) -> Value {
    let mut settings = Map::new();
    for setting in section.settings() {
        let nested = setting.nested();
        if nested.is_empty() {
            settings.insert(setting.name().into_owned(), setting.value().into());
        }
        for nested in nested {
            settings.insert(format!("{}.{}", setting.name(), nested.name), nested.value.into());
        }
    }
    settings.into()
}

/// The text that stands for the settings of a section which is refused because of one of its lines.
const REFUSED: &str = "refused";

/// What keyfob reads, in the shape of the cases: sections without settings are left out, and files
/// of which nothing can be used because of a line are an error.
pub(crate) fn reading(sections: &Sections<'_>) -> Value {
    let spoilt = |error| matches!(error, ProfileError::Syntax(_));
    let settings = |section: Section<'_, '_>| {
        let name = section.name();
        let is_spoilt = match section.header().kind {
            SectionKind::Profile => sections.profile(name).is_err_and(spoilt),
            SectionKind::SsoSession => sections.sso_session(name).is_err_and(spoilt),
            SectionKind::Services => false, // they have no errors of their own
        };
        (name.to_owned(), if is_spoilt { REFUSED.into() } else { flattened(section) })
    };
    let kept = |(_, settings): &(String, Value)| *settings != json!({});
    let kinds = json!({
        "profiles": sections.profiles().map(settings).filter(kept).collect::<Map<_, _>>(),
        "services": sections.services().map(settings).filter(kept).collect::<Map<_, _>>(),
        "sso_sessions": sections.sso_sessions().map(settings).filter(kept).collect::<Map<_, _>>(),
    });
    let nothing_usable =
        kinds.as_object().unwrap().values().all(|sections| {
            sections.as_object().unwrap().values().all(|settings| settings == REFUSED)
        });
    if nothing_usable && worst(sections) == Some(Severity::Error) {
        json!({ "error": true })
    } else {
        kinds
    }
}

/// The worst that is said about a line of the files.
pub(crate) fn worst(sections: &Sections<'_>) -> Option<Severity> {
    sections.diagnostics().iter().map(|diagnostic| diagnostic.severity).max()
}
