//! bash cuts a line into words at each `=`, and puts what it is told into the line as it is; the engine
//! minds neither.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;

use clap::Command;
use clap_complete::engine::complete;
use clap_complete::env::{self, EnvCompleter};

use crate::env::World;
use crate::paste::quote;

/// The shell of the engine, with these two things mended.
pub(super) struct Bash;

impl EnvCompleter for Bash {
    fn name(&self) -> &'static str {
        env::Bash.name()
    }

    fn is(&self, name: &str) -> bool {
        env::Bash.is(name)
    }

    fn write_registration(
        &self,
        variable: &str,
        name: &str,
        program: &str,
        completer: &str,
        script: &mut dyn Write,
    ) -> io::Result<()> {
        env::Bash.write_registration(variable, name, program, completer, script)
    }

    fn write_complete(
        &self,
        command: &mut Command,
        words: Vec<OsString>,
        directory: Option<&Path>,
        answer: &mut dyn Write,
    ) -> io::Result<()> {
        let environment = World::capture_environment();
        let index = environment.get("_CLAP_COMPLETE_INDEX").and_then(|index| index.parse().ok());
        let separator = environment.get("_CLAP_IFS").unwrap_or("\n");
        let (words, index) = joined(words, index.unwrap_or_default());
        let candidates = complete(command, words, index, directory)?;
        let values =
            candidates.iter().map(|candidate| quoted(&candidate.get_value().to_string_lossy()));
        write!(answer, "{}", values.collect::<Vec<_>>().join(separator))
    }
}

/// Makes two words of the three that bash makes of `--option=value`: the engine then tells values
/// without the option, which is what bash puts behind the `=`. Other words lose their quotes.
fn joined(words: Vec<OsString>, index: usize) -> (Vec<OsString>, usize) {
    let mut joined: Vec<OsString> = Vec::new();
    let mut new_index = index;
    for (at, word) in words.into_iter().enumerate() {
        let is_option =
            joined.last().is_some_and(|last| last.as_encoded_bytes().starts_with(b"--"));
        if word == "=" && is_option && at != index {
            new_index -= usize::from(at < index);
        } else {
            joined.push(unquoted(word));
        }
    }
    (joined, new_index)
}

/// A word whose quotes are not closed yet stays as it is.
fn unquoted(word: OsString) -> OsString {
    match word.to_str().and_then(shlex::split).as_deref() {
        Some([unquoted]) => unquoted.into(),
        _ => word,
    }
}

/// Quotes all but the sign for the home directory, which bash would not know any more.
fn quoted(word: &str) -> String {
    match word.strip_prefix("~/") {
        Some(path) => format!("~/{}", quote(path)),
        None => quote(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_bash_cuts_apart_is_joined() {
        for (line, index, expected, expected_index) in [
            ("keyfob exec --profile d", 3, "keyfob|exec|--profile|d", 3),
            ("keyfob exec --profile = d", 4, "keyfob|exec|--profile|d", 3),
            (
                "keyfob exec --profile = a --role-name = R",
                7,
                "keyfob|exec|--profile|a|--role-name|R",
                5,
            ),
            ("keyfob exec --profile = a --region = r", 4, "keyfob|exec|--profile|a|--region|r", 3),
            ("keyfob exec = a\\ b 'c d' 'e", 3, "keyfob|exec|=|a\\|b|'c|d'|'e", 3),
        ] {
            let words = line.split(' ').map(OsString::from).collect();
            let (words, index) = joined(words, index);
            assert_eq!(words.join("|".as_ref()), expected, "{line}");
            assert_eq!(index, expected_index, "{line}");
        }
        let quotes = |word: &str| unquoted(word.into()).into_string().unwrap();
        assert_eq!(
            ["a\\ b", "'a b'", "'a b", "", "a  b"].map(quotes),
            ["a b", "a b", "'a b", "", "a  b"]
        );
        assert_eq!(
            ["~/a b", "a b", "$(a)", "dev"].map(quoted),
            ["~/'a b'", "'a b'", "'$(a)'", "dev"]
        );
    }
}
