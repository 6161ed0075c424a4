//! Questions to a person at a terminal.

use std::io::{IsTerminal, stderr, stdin};

use inquire::validator::Validation;
use inquire::{Confirm, InquireError, Select, Text};
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

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
    Confirm::new(question).with_default(true).prompt().map_err(failure)
}

/// Lets the person choose one of several lines by typing parts of it; returns its index.
pub(crate) fn choose(question: &str, lines: Vec<String>) -> Result<usize, Failure> {
    let scorer = |input: &str, _: &String, line: &str, _: usize| score(input, line);
    let chosen = Select::new(question, lines).with_scorer(&scorer).raw_prompt().map_err(failure)?;
    Ok(chosen.index)
}

/// How well a line fits what was typed, `None` where it does not.
fn score(input: &str, line: &str) -> Option<i64> {
    let pattern = Pattern::parse(input, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    pattern.score(Utf32Str::new(line, &mut buffer), &mut matcher).map(i64::from)
}

fn failure(error: InquireError) -> Failure {
    match error {
        InquireError::OperationCanceled | InquireError::OperationInterrupted => {
            Failure::new(Exit::Interrupted, "interrupted")
        }
        error => Failure::new(Exit::Other, error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_words_find_a_line_in_any_order() {
        let line = "222233334444  Staging  team@example.com";
        assert!(score("stag", line).is_some());
        assert!(score("team 2222", line).is_some());
        assert!(score("stgng", line) < score("staging", line));
        assert_eq!(score("prod", line), None);
    }
}
