//! Threads for what blocks.

use std::sync::mpsc::{self, Sender};

type Work = Box<dyn FnOnce() + Send>;

/// A thread that waits for one piece of work, and ends with it or without it.
pub(crate) struct Worker(Option<Sender<Work>>);

impl Worker {
    /// Starts the thread, unless the system has no more of them.
    pub(crate) fn start() -> Self {
        let (sender, receiver) = mpsc::channel::<Work>();
        let thread = std::thread::Builder::new().spawn(move || {
            if let Ok(work) = receiver.recv() {
                work();
            }
        });
        Self(thread.is_ok().then_some(sender))
    }

    /// Does the work there, or here where there is no thread.
    pub(crate) fn run(self, work: impl FnOnce() + Send + 'static) {
        match self.0 {
            Some(sender) => {
                if let Err(back) = sender.send(Box::new(work)) {
                    (back.0)();
                }
            }
            None => work(),
        }
    }
}
