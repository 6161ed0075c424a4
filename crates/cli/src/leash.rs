//! What ends with keyfob, on Windows: a command, and all that it began.

use std::os::windows::io::RawHandle;

use win32job::{ExtendedLimitInfo, Job};

/// A command ends when this is dropped, also by the end of the process.
#[derive(Debug)]
pub(crate) struct Leash(Option<Job>);

impl Leash {
    /// Takes a command that has not ended. What it began in the moment before is free, and all is free
    /// where the system refuses.
    pub(crate) fn on(process: Option<RawHandle>) -> Self {
        let mut limits = ExtendedLimitInfo::new();
        let job = Job::create_with_limit_info(limits.limit_kill_on_job_close()).ok();
        let process = process.map(|handle| handle as isize);
        let is_taken = |job: &Job| process.is_some_and(|handle| job.assign_process(handle).is_ok());
        Self(job.filter(is_taken))
    }

    /// Lets go what is still there.
    pub(crate) fn release(self) {
        if let Some(job) = self.0 {
            let _ = job.set_extended_limit_info(&ExtendedLimitInfo::new()); // it ends then
        }
    }
}
