use std::io;

/// The largest configuration file that is read, in bytes.
pub const MAX_FILE: u64 = 32 << 20;

pub(crate) fn too_large() -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, "it is over 32 MiB")
}
