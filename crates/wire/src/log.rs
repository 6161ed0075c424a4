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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn what_is_waited_for_is_a_step_unless_a_log_knows_better() {
        #[derive(Default)]
        struct Steps(Mutex<Vec<String>>);
        impl Log for Steps {
            fn debug(&self, text: &str) {
                self.0.lock().unwrap().push(text.to_owned());
            }

            fn warn(&self, _: &str) {}
        }
        let steps = Steps::default();
        steps.waiting("the browser");
        assert_eq!(*steps.0.lock().unwrap(), ["waiting for the browser"]);
    }
}
