//! What ends with keyfob, on Windows: a command, and all that it began.

use tokio::process::Child;
use win32job::{ExtendedLimitInfo, Job};

/// A command ends when this is dropped, also by the end of the process.
#[derive(Debug)]
pub(crate) struct Leash(Option<Job>);

impl Leash {
    /// Takes a command. What it began in the moment before is free, and all is free where the system
    /// refuses.
    pub(crate) fn on(child: &Child) -> Self {
        let mut limits = ExtendedLimitInfo::new();
        let job = Job::create_with_limit_info(limits.limit_kill_on_job_close()).ok();
        let handle = child.raw_handle().map(|handle| handle as isize);
        let is_taken = |job: &Job| handle.is_some_and(|handle| job.assign_process(handle).is_ok());
        Self(job.filter(is_taken))
    }

    /// Lets go what is still there.
    pub(crate) fn release(self) {
        if let Some(job) = self.0 {
            let _ = job.set_extended_limit_info(&ExtendedLimitInfo::new()); // it ends then
        }
    }
}
