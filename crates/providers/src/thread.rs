use std::sync::{Arc, Mutex, PoisonError};

/// Does on a thread what blocks, or here where the system has no more threads.
pub(crate) fn run(work: impl FnOnce() + Send + 'static) {
    let work = Arc::new(Mutex::new(Some(work)));
    let once = move || {
        let work = work.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(work) = work {
            work();
        }
    };
    if std::thread::Builder::new().spawn(once.clone()).is_err() {
        once();
    }
}
