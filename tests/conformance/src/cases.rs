use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// One folder of cases.
#[derive(Clone, Debug)]
pub struct Corpus(PathBuf);

impl Corpus {
    /// Returns the path of a file.
    pub fn path(&self, file: &str) -> PathBuf {
        self.0.join(file)
    }

    /// Reads a file.
    pub fn read(&self, file: &str) -> Vec<u8> {
        let path = self.path(file);
        fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Reads a JSON file.
    pub fn json(&self, file: &str) -> Value {
        let json = with_whole_surrogates(&String::from_utf8(self.read(file)).unwrap());
        serde_json::from_str(&json)
            .unwrap_or_else(|error| panic!("{}: {error}", self.path(file).display()))
    }

    /// Returns the files of a folder that have an extension, by name.
    pub fn files(&self, folder: &str, extension: &str) -> Vec<PathBuf> {
        let mut files: Vec<_> = fs::read_dir(self.path(folder))
            .unwrap_or_else(|error| panic!("{}: {error}", self.path(folder).display()))
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|found| found == extension))
            .collect();
        files.sort();
        files
    }
}

/// Finds a corpus of others below the folder that `KEYFOB_CORPORA` names; without the variable
/// there is none, and the suite says that it is skipped.
///
/// A relative folder is one of the workspace.
///
/// # Panics
/// Panics where the folder or the corpus does not exist.
pub fn corpus(name: &str) -> Option<Corpus> {
    let corpus = find(name);
    #[expect(clippy::print_stdout, reason = "test output")]
    if corpus.is_none() {
        println!("{name}: skipped, KEYFOB_CORPORA is not set");
    }
    corpus
}

fn find(name: &str) -> Option<Corpus> {
    let corpus = Corpus(corpora()?.join(name));
    assert!(corpus.0.is_dir(), "there is no {}", corpus.0.display());
    Some(corpus)
}

/// Returns a corpus of our own that is committed whole.
pub fn committed(name: &str) -> Corpus {
    Corpus(Path::new(env!("CARGO_MANIFEST_DIR")).join("cases").join(name))
}

/// Reads the cases of a corpus of our own, which is committed in the same shape: those, then the
/// ones that only the full corpus has. Each comes with the folder that it is from.
///
/// # Panics
/// Panics where the file is no array of cases with an `id`.
pub fn committed_and_corpora(name: &str, file: &str) -> Vec<(Corpus, Value)> {
    let mut seen = HashSet::new();
    [Some(committed(name)), find(name)]
        .into_iter()
        .flatten()
        .flat_map(|corpus| {
            let cases = corpus.json(file).as_array().unwrap().clone();
            cases.into_iter().map(move |case| (corpus.clone(), case))
        })
        .filter(|(_, case)| seen.insert(text(case, "id").to_owned()))
        .collect()
}

/// Returns a member that is a text.
///
/// # Panics
/// Panics where it is missing or something else.
pub fn text<'a>(case: &'a Value, member: &str) -> &'a str {
    case[member].as_str().unwrap_or_else(|| panic!("no text `{member}` in {case}"))
}

#[expect(clippy::disallowed_methods, reason = "the one place where tests read the environment")]
fn corpora() -> Option<PathBuf> {
    let folder = std::env::var_os("KEYFOB_CORPORA").filter(|folder| !folder.is_empty())?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    assert!(folder.is_dir(), "KEYFOB_CORPORA names {}, which does not exist", folder.display());
    Some(folder)
}

/// Replaces the halves of surrogate pairs that Python writes and serde_json refuses.
fn with_whole_surrogates(json: &str) -> String {
    let unit = |text: &str| {
        let digits = text.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut whole = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        whole.push_str(before);
        let (length, is_whole) = match (unit(escape), escape.get(6..).and_then(unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => (12, true),
            (Some(0xd800..=0xdfff), _) => (6, false),
            (Some(_), _) => (6, true),
            (None, _) => (2, true),
        };
        let (escape, behind) = escape.split_at(length);
        whole.push_str(if is_whole { escape } else { "\\ufffd" });
        rest = behind;
    }
    whole + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_surrogate_pair_becomes_a_replacement_character() {
        let json = r#""\ud83d\ude02 \ud83d \\ud83d \n\ude02""#;
        let parsed: String = serde_json::from_str(&with_whole_surrogates(json)).unwrap();
        assert_eq!(parsed, "\u{1f602} \u{fffd} \\ud83d \n\u{fffd}");
    }
}
