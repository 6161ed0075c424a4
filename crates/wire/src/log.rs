/// Takes notes of what happened, for a log or a person. No note holds a secret.
pub trait Log: Send + Sync {
    /// Takes a note of a step.
    fn debug(&self, text: &str);

    /// Takes a note of something that the user should mend, although the work goes on.
    fn warn(&self, text: &str);

    /// Takes a note of what is waited for, once that has taken two seconds.
    fn waiting(&self, what: &str) {
        self.debug(&format!("waiting for {what}"));
    }
}

/// Takes no notes.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to hold")]
pub struct NoLog;

impl Log for NoLog {
    fn debug(&self, _: &str) {}

    fn warn(&self, _: &str) {}
}
