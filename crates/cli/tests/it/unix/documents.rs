//! The commands that the documents show.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::TestEnv;

#[test]
fn commands_that_the_guides_show_are_accepted() {
    let env = TestEnv::new();
    let mut shown = 0;
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        let lines = code(&text).into_iter().filter(|line| !line.starts_with("sed "));
        for command in lines.flat_map(commands) {
            let run = env.run(&with_help(&command));
            assert_eq!(run.code, 0, "{}: {command:?}: {}", document.display(), run.stderr);
            shown += 1;
        }
    }
    assert!(shown > 150, "only {shown} commands were found");
}

fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = fs::read_dir(root.join("docs/coming-from")).unwrap();
    let mut documents: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    documents.push(root.join("GUIDE.md"));
    documents
}

/// The lines of blocks, of those for a terminal what is typed, and the spans within sentences.
fn code(text: &str) -> Vec<&str> {
    let mut code = Vec::new();
    let mut block = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), block) {
            (Some(_), Some(_)) => block = None,
            (Some(kind), None) => block = Some(kind),
            (None, Some("console")) => code.extend(line.strip_prefix("$ ")),
            (None, Some(_)) => code.push(line),
            (None, None) => code.extend(line.split('`').skip(1).step_by(2)),
        }
    }
    code
}

/// The words behind `keyfob` of each command of a line, without what a shell or a reader fills in.
fn commands(line: &str) -> Vec<Vec<&str>> {
    let ends = |c: char| "|;>()\"".contains(c);
    let parts = line.split(ends).filter(|part| !part.contains(['$', '…', '[', '{']));
    let words = parts.map(|part| part.split_whitespace().collect::<Vec<_>>());
    let is_keyfob = |word: &&str| *word == "keyfob" || word.ends_with("/keyfob");
    let behind = |words: Vec<_>| Some(words[words.iter().position(is_keyfob)? + 1..].to_vec());
    words.filter_map(behind).filter(|words| !words.is_empty()).collect()
}

/// Asks for the help, which clap gives once it has understood everything before it.
fn with_help<'a>(command: &[&'a str]) -> Vec<&'a str> {
    const FLAGS: [&str; 4] = ["--force-refresh", "--login", "--no-login", "--server"];
    let own = command.iter().take_while(|word| **word != "--");
    let mut words: Vec<&str> = own.map(|word| word.trim_matches('\'')).collect();
    let mut place = words.len();
    if words.first() == Some(&"exec") {
        // Behind the first word all is the command's.
        place = 1;
        while words.get(place).is_some_and(|word| word.starts_with('-')) {
            place += if FLAGS.contains(&words[place]) { 1 } else { 2 };
        }
    }
    words.insert(place, "--help");
    words
}
