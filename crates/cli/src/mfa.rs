//! Codes of MFA devices, from the person at the terminal.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use providers::{TokenCodeError, TokenCodeFuture, TokenProvider};
use wire::Secret;

use crate::exit::{Exit, Failure};
use crate::prompt;

/// Asks a person, with the keys that a shell knows, and never gives out a code twice.
#[derive(Default)]
pub(crate) struct Person {
    /// The devices and codes that were given out.
    spent: Mutex<Vec<(String, Secret<String>)>>,
    interrupted: AtomicBool,
}

impl Person {
    /// How many codes the person has typed.
    pub(crate) fn answers(&self) -> usize {
        self.spent().len()
    }

    /// Whether the person pressed Ctrl-C instead of typing a code.
    pub(crate) fn has_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    fn spent(&self) -> MutexGuard<'_, Vec<(String, Secret<String>)>> {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an answer as a code that has not been used.
    fn check(&self, serial_number: &str, answer: &str) -> Result<Secret<String>, TokenCodeError> {
        let code = TokenCodeError::check(answer)?;
        if self.spent().contains(&(serial_number.to_owned(), code.clone())) {
            return Err(TokenCodeError::new("that code was used"));
        }
        Ok(code)
    }

    fn failed(&self, failure: &Failure) -> TokenCodeError {
        self.interrupted.store(failure.exit == Exit::Interrupted, Ordering::Relaxed);
        TokenCodeError::new(failure.error.to_string())
    }

    async fn ask(&self, serial_number: &str) -> Result<Secret<String>, TokenCodeError> {
        let question = format!("MFA code of {}: ", wire::printable(serial_number));
        let was_asked = self.spent().iter().any(|(device, _)| device == serial_number);
        let mut hint =
            was_asked.then(|| "Each code counts once: wait for the next one.".to_owned());
        loop {
            let asked = hint.map_or_else(|| question.clone(), |hint| format!("{hint}\n{question}"));
            let answer = prompt::line_beside(asked).await.map_err(|error| self.failed(&error))?;
            if answer.expose().trim().is_empty() {
                return Err(TokenCodeError::new("none was typed"));
            }
            match self.check(serial_number, answer.expose()) {
                Ok(code) => {
                    self.spent().push((serial_number.to_owned(), code.clone()));
                    return Ok(code);
                }
                Err(error) => hint = Some(format!("{error}.")),
            }
        }
    }
}

impl TokenProvider for Person {
    fn token_code<'a>(&'a self, serial_number: &'a str) -> TokenCodeFuture<'a> {
        Box::pin(self.ask(serial_number))
    }
}
