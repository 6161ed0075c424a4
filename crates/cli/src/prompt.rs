//! Questions to a person at a terminal.

use std::cell::RefCell;
use std::io::{IsTerminal, stderr, stdin};

use assignments::Search;
use inquire::validator::Validation;
use inquire::{Confirm, InquireError, Select, Text};

use crate::exit::{Exit, Failure};

/// Whether there is a person to ask; the questions stand on stderr, stdout may be a file.
pub(crate) fn is_possible() -> bool {
    stdin().is_terminal() && stderr().is_terminal()
}

/// Asks for a text until `check` accepts it.
pub(crate) fn text(
    question: &str,
    check: impl Fn(&str) -> Result<(), String> + Clone,
) -> Result<String, Failure> {
    let validator = move |text: &str| {
        Ok(match check(text.trim()) {
            Ok(()) => Validation::Valid,
            Err(reason) => Validation::Invalid(reason.into()),
        })
    };
    let answer = Text::new(question).with_validator(validator).prompt().map_err(failure)?;
    Ok(answer.trim().to_owned())
}

/// Asks a question that Enter answers with yes.
pub(crate) fn confirm(question: &str) -> Result<bool, Failure> {
    Confirm::new(&wire::printable(question)).with_default(true).prompt().map_err(failure)
}

/// Lets the person choose one of several lines, which servers may have written, by typing parts of
/// it; returns its index.
pub(crate) fn choose(question: &str, lines: Vec<String>) -> Result<usize, Failure> {
    // Every line is asked for every key: the words are prepared once.
    let prepared = RefCell::new((String::new(), Search::new("")));
    let scorer = |input: &str, _: &String, line: &str, _: usize| {
        let (words, search) = &mut *prepared.borrow_mut();
        if words != input {
            input.clone_into(words);
            *search = Search::new(input);
        }
        search.score(line).map(i64::from)
    };
    let lines = lines.iter().map(|line| wire::printable(line)).collect();
    let chosen = Select::new(question, lines).with_scorer(&scorer).raw_prompt().map_err(failure)?;
    Ok(chosen.index)
}

fn failure(error: InquireError) -> Failure {
    match error {
        InquireError::OperationCanceled | InquireError::OperationInterrupted => {
            Failure::new(Exit::Interrupted, "interrupted")
        }
        error => Failure::new(Exit::Other, error),
    }
}
