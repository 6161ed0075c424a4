use std::path::Path;

use crate::CacheFile;

impl CacheFile {
    /// Names the process that holds the lock of the file, such as `my-tool (process 4711)`; `None`
    /// where nobody does or the system does not tell, as only Linux does.
    pub fn locked_by(&self) -> Option<String> {
        holder(self.beside("lock").path())
    }
}

/// Looks for the file in the table of all locks, which the kernel keeps by inode.
#[cfg(target_os = "linux")]
fn holder(lock: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let inode = std::fs::metadata(lock).ok()?.ino().to_string();
    let locks = std::fs::read_to_string("/proc/locks").ok()?;
    let process = locks.lines().find_map(|line| held_by(line, &inode))?;
    let name = std::fs::read_to_string(format!("/proc/{process}/comm")).ok()?;
    Some(format!("{} (process {process})", name.trim_end()))
}

#[cfg(not(target_os = "linux"))]
fn holder(_: &Path) -> Option<String> {
    None
}

/// Reads a line such as `1: FLOCK  ADVISORY  WRITE 4711 fe:00:131133 0 EOF`; one that begins with an
/// arrow is of a process that waits.
#[cfg(target_os = "linux")]
fn held_by<'l>(line: &'l str, inode: &str) -> Option<&'l str> {
    let mut words = line.split_whitespace().skip(1);
    if words.next()? != "FLOCK" {
        return None;
    }
    let process = words.nth(2)?;
    (words.next()?.rsplit(':').next() == Some(inode)).then_some(process)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::{CacheKey, Directory, Locking};

    #[test]
    fn the_process_that_holds_a_lock_is_named() {
        let root = tempfile::tempdir().unwrap();
        let file = Directory::new(root.path()).file(&CacheKey::for_session("dev"));
        assert_eq!(file.locked_by(), None);
        let Locking::Held(lock) = file.try_lock() else { panic!("locks work here") };
        let holder = file.locked_by().unwrap();
        assert!(holder.ends_with(&format!("(process {})", std::process::id())), "{holder}");
        drop(lock);
        assert_eq!(file.locked_by(), None);
    }

    #[test]
    fn a_process_that_waits_holds_nothing() {
        let line = "1: FLOCK  ADVISORY  WRITE 4711 fe:00:131133 0 EOF";
        assert_eq!(held_by(line, "131133"), Some("4711"));
        assert_eq!(held_by(line, "33"), None);
        assert_eq!(held_by("1: -> FLOCK  ADVISORY  WRITE 4711 fe:00:131133 0 EOF", "131133"), None);
        assert_eq!(held_by("2: POSIX  ADVISORY  WRITE 4711 fe:00:131133 0 EOF", "131133"), None);
    }
}
