//! The commands that errors, hints and findings name.

use std::fs;
use std::path::Path;

use clap::Parser;
use regex_lite::Regex;

use crate::args::CommandLine;

/// What is no command line, but the name of one, or of something else.
const NAMES: [&str; 4] =
    ["keyfob {version}, {} {}", "keyfob manual", "keyfob profiles sync --name", "keyfob search"];

/// The text of all sources, each string in one line, and without comments.
fn sources(directory: &Path, text: &mut String) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, text);
        } else if path.file_name().is_some_and(|name| name != "hints.rs") {
            let source = fs::read_to_string(path).unwrap();
            let source = source.split("#[cfg(test)]\nmod tests").next().unwrap();
            let lines = source.lines().filter(|line| !line.trim_start().starts_with("//"));
            text.push_str(&lines.collect::<Vec<_>>().join("\n"));
        }
    }
}

#[test]
fn commands_that_are_named_are_understood() {
    let mut text = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut text);
    let text = Regex::new(r"\\\n\s*").unwrap().replace_all(&text, "");
    let value = Regex::new(r"\{[^}]*\}").unwrap();
    let (mut count, mut wrong) = (0, Vec::new());
    for pattern in ["`(keyfob [^`\"\n]+)`", "\"(keyfob [^`\"\n]+)\""] {
        for named in Regex::new(pattern).unwrap().captures_iter(&text) {
            // What is put in is a word, or the options of a session.
            let command = named[1].replace("{tool}", "granted");
            let is_understood = |put_in: &str| {
                let words = shlex::split(&value.replace_all(&command, put_in)).unwrap();
                CommandLine::try_parse_from(words).is_ok()
            };
            let is_name = NAMES.contains(&&named[1]);
            if !is_name && !is_understood("x") && !is_understood("--sso-session x") {
                wrong.push(named[1].to_owned());
            }
            count += 1;
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(count > 30, "only {count} commands were found");
}
