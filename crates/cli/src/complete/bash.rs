//! bash, which cuts a line into words at each `=`, `:` and `@`, and puts what it is told into the line
//! as it is. The script of the engine minds neither, and gives no sign of the cut before the cursor.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;

use clap::Command;
use clap_complete::engine::complete;
use clap_complete::env::EnvCompleter;

use super::line::{is_cut, joined};
use crate::env::World;
use crate::paste::quote;

/// What bash runs at its start. The answer has a vertical tab between values, for they may hold
/// blanks. Old versions know neither `nosort` nor `compopt`.
const SCRIPT: &str = r#"_keyfob() {
    IFS=$'\v' read -r -d '' -a COMPREPLY < <(
        COMPLETE=bash _KEYFOB_INDEX=$COMP_CWORD _KEYFOB_WORD=$2 KEYFOB -- "${COMP_WORDS[@]}"
    )
    if [[ ${COMPREPLY-} == */ ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
complete -o bashdefault -o nosort -F _keyfob keyfob 2>/dev/null ||
    complete -o bashdefault -F _keyfob keyfob
"#;

pub(super) struct Bash;

impl EnvCompleter for Bash {
    fn name(&self) -> &'static str {
        "bash"
    }

    fn is(&self, name: &str) -> bool {
        name == "bash"
    }

    fn write_registration(
        &self,
        _variable: &str,
        _name: &str,
        _program: &str,
        completer: &str,
        script: &mut dyn Write,
    ) -> io::Result<()> {
        script
            .write_all(SCRIPT.replace("KEYFOB --", &format!("{} --", quote(completer))).as_bytes())
    }

    fn write_complete(
        &self,
        command: &mut Command,
        words: Vec<OsString>,
        directory: Option<&Path>,
        answer: &mut dyn Write,
    ) -> io::Result<()> {
        let environment = World::capture_environment();
        let index = environment.get("_KEYFOB_INDEX").and_then(|index| index.parse().ok());
        let word = environment.get("_KEYFOB_WORD").unwrap_or_default();
        let (words, kept) = before_the_cursor(words, index.unwrap_or_default(), word);
        let words: Vec<_> = words.into_iter().map(OsString::from).collect();
        let index = words.len().saturating_sub(1);
        let candidates = complete(command, words, index, directory)?;
        let values = candidates.iter().filter_map(|candidate| {
            let value = candidate.get_value().to_string_lossy();
            Some(quoted(value.strip_prefix(&kept)?))
        });
        write!(answer, "{}", values.collect::<Vec<_>>().join("\u{b}"))
    }
}

/// Returns the words up to the cursor, without their quotes, and what of the last one stays in the line:
/// bash puts the answer in the place of `word` alone.
fn before_the_cursor(words: Vec<OsString>, index: usize, word: &str) -> (Vec<String>, String) {
    let word = unquoted(word);
    let words = words.into_iter().take(index + 1).enumerate().map(|(at, typed)| {
        let typed = typed.to_string_lossy();
        if at == index && !is_cut(&typed) { word.clone() } else { unquoted(&typed) }
    });
    let words = joined(words);
    let last = words.last().and_then(|last| last.strip_suffix(&word));
    let kept = last.unwrap_or_default().to_owned();
    (words, kept)
}

/// A word whose quotes are not closed yet stays as it is.
fn unquoted(word: &str) -> String {
    match shlex::split(word).as_deref() {
        Some([unquoted]) => unquoted.clone(),
        _ => word.to_owned(),
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
    fn the_line_ends_at_the_cursor_and_bash_replaces_the_last_part() {
        for (line, index, word, expected, kept) in [
            ("keyfob exec --profile d", 3, "d", "keyfob|exec|--profile|d", ""),
            ("keyfob exec --profile = d", 4, "d", "keyfob|exec|--profile=d", "--profile="),
            ("keyfob exec --profile =", 3, "", "keyfob|exec|--profile=", "--profile="),
            ("keyfob exec --profile 1 :", 4, "", "keyfob|exec|--profile|1:", "1:"),
            ("keyfob exec --profile 1 : R", 5, "", "keyfob|exec|--profile|1:", "1:"),
            (
                "keyfob exec --profile = 1 : R -v",
                6,
                "R",
                "keyfob|exec|--profile=1:R",
                "--profile=1:",
            ),
            ("keyfob exec --profile \"tw", 3, "tw", "keyfob|exec|--profile|tw", ""),
            ("keyfob --profile -v", 1, "--pro", "keyfob|--pro", ""),
            ("keyfob ", 1, "", "keyfob|", ""),
        ] {
            let words = line.split(' ').map(OsString::from).collect();
            let (words, found) = before_the_cursor(words, index, word);
            assert_eq!((words.join("|").as_str(), found.as_str()), (expected, kept), "{line}");
        }
    }

    #[test]
    fn quotes_go_and_come() {
        let words = ["a\\ b", "'a b'", "'a b", "", "a  b"];
        assert_eq!(words.map(unquoted), ["a b", "a b", "'a b", "", "a  b"]);
        let words = ["~/a b", "a b", "$(a)", "dev"];
        assert_eq!(words.map(quoted), ["~/'a b'", "'a b'", "'$(a)'", "dev"]);
    }
}
