//! What a command prints, as far as it has.

use std::io::{self, ErrorKind, Read};

use wire::Secret;

/// The most that is kept of a stream, in bytes; Java's SDK stops at 64 000.
const LIMIT: usize = 64 * 1024;

/// How often a look at a stream reads from it: who prints without end must not hold us up.
const READS: u32 = 128;

/// One output of a command. It is never waited for: who began something in the background may have
/// left it open.
pub(crate) struct Pipe<R> {
    source: R,
    /// Reserved, so that no copy of a secret stays behind in a buffer that grew.
    bytes: Vec<u8>,
    has_ended: bool,
}

impl<R: Read> Pipe<R> {
    /// Takes a source that does not block: it fails with [`ErrorKind::WouldBlock`] where nothing is
    /// there.
    pub(crate) fn new(source: R) -> Self {
        Self { source, bytes: Vec::with_capacity(LIMIT + 1), has_ended: false }
    }

    /// Reads what is there. What is over the limit is read, too, so that nobody who prints it waits,
    /// but not kept.
    pub(crate) fn look(&mut self) -> io::Result<()> {
        for _ in 0..READS {
            let room = (LIMIT + 1).saturating_sub(self.bytes.len());
            let read = match room {
                0 => self.source.read(&mut [0; 8192]).map(|read| read == 0),
                _ => {
                    let mut source = Read::by_ref(&mut self.source).take(room as u64);
                    source.read_to_end(&mut self.bytes).map(|read| read < room)
                }
            };
            match read {
                Ok(has_ended) => self.has_ended |= has_ended,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            if self.has_ended {
                break;
            }
        }
        Ok(())
    }

    /// Whether nobody is left who could print.
    pub(crate) fn has_ended(&self) -> bool {
        self.has_ended
    }

    pub(crate) fn is_too_long(&self) -> bool {
        self.bytes.len() > LIMIT
    }

    pub(crate) fn take(&mut self) -> Secret<Vec<u8>> {
        Secret::new(std::mem::take(&mut self.bytes))
    }
}

impl<R> Drop for Pipe<R> {
    fn drop(&mut self) {
        drop(Secret::new(std::mem::take(&mut self.bytes))); // wiped
    }
}

/// What reads the pipe of a child.
#[cfg(unix)]
pub(crate) type Source<R> = R;

/// A source of [`Pipe`] out of the pipe of a child.
#[cfg(unix)]
pub(crate) fn without_blocking<R>(pipe: R) -> io::Result<R>
where
    R: Read + std::os::fd::AsFd,
{
    rustix::io::ioctl_fionbio(&pipe, true)?; // this end of the pipe alone
    Ok(pipe)
}

/// A source of [`Pipe`] out of the pipe of a child: pipes always block here, so a thread reads.
#[cfg(windows)]
pub(crate) fn without_blocking<R>(mut pipe: R) -> io::Result<Chunks<R>>
where
    R: Read + Send + 'static,
{
    let (sender, receiver) = std::sync::mpsc::sync_channel(1);
    std::thread::Builder::new().spawn(move || {
        loop {
            let mut chunk = vec![0; 8192];
            let read = pipe.read(&mut chunk).unwrap_or(0);
            chunk.truncate(read);
            if read == 0 || sender.send(Secret::new(chunk)).is_err() {
                break;
            }
        }
    })?;
    let pipe = std::marker::PhantomData;
    Ok(Chunks { pipe, receiver, chunk: Secret::new(Vec::new()), taken: 0 })
}

/// What reads the pipe of a child.
#[cfg(windows)]
pub(crate) type Source<R> = Chunks<R>;

/// What a thread has read.
#[cfg(windows)]
pub(crate) struct Chunks<R> {
    pipe: std::marker::PhantomData<R>,
    receiver: std::sync::mpsc::Receiver<Secret<Vec<u8>>>,
    chunk: Secret<Vec<u8>>,
    taken: usize,
}

#[cfg(windows)]
impl<R> Read for Chunks<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        use std::sync::mpsc::TryRecvError;
        if self.taken == self.chunk.expose().len() {
            match self.receiver.try_recv() {
                Ok(chunk) => (self.chunk, self.taken) = (chunk, 0),
                Err(TryRecvError::Empty) => return Err(ErrorKind::WouldBlock.into()),
                Err(TryRecvError::Disconnected) => return Ok(0),
            }
        }
        let rest = self.chunk.expose().get(self.taken..).unwrap_or_default();
        let read = { rest }.read(buffer)?;
        self.taken += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives so many bytes at each read, and has nothing after each of them.
    struct Source(Vec<usize>, bool);

    impl Read for Source {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            match (self.1, self.0.pop()) {
                (true, Some(bytes)) => Ok(bytes.min(buffer.len())),
                (true, None) => Ok(0),
                (false, bytes) => {
                    self.0.extend(bytes);
                    Err(ErrorKind::WouldBlock.into())
                }
            }
        }
    }

    #[test]
    fn what_is_over_the_limit_is_read_and_not_kept() {
        let mut pipe = Pipe::new(Source(vec![100; 20], false));
        for looks in 1..=20 {
            pipe.look().unwrap();
            assert_eq!((pipe.bytes.len(), pipe.has_ended()), (100 * looks, false));
        }
        pipe.look().unwrap();
        assert!(pipe.has_ended() && !pipe.is_too_long());
        let mut pipe = Pipe::new(io::repeat(7));
        pipe.look().unwrap();
        assert!(!pipe.has_ended() && pipe.is_too_long());
        assert_eq!((pipe.bytes.len(), pipe.bytes.capacity()), (LIMIT + 1, LIMIT + 1));
    }

    /// Gives so many bytes, or an error, at each read.
    struct Steps(Vec<Result<usize, ErrorKind>>);

    impl Read for Steps {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.pop() {
                Some(Ok(bytes)) => {
                    self.0.extend((bytes > buffer.len()).then(|| Ok(bytes - buffer.len())));
                    Ok(bytes.min(buffer.len()))
                }
                Some(Err(kind)) => Err(kind.into()),
                None => Ok(0),
            }
        }
    }

    #[test]
    fn what_is_within_the_limit_is_kept_as_a_whole() {
        for (bytes, is_too_long) in [(65_536, false), (65_537, true), (200_000, true)] {
            let mut pipe = Pipe::new(Steps(vec![Ok(bytes)]));
            pipe.look().unwrap();
            assert!(pipe.has_ended());
            assert_eq!(pipe.is_too_long(), is_too_long, "{bytes}");
            assert_eq!(pipe.take().expose().len(), bytes.min(65_537));
        }
    }

    #[test]
    fn an_interruption_is_no_end_and_an_error_is_told() {
        let interrupted = Err(ErrorKind::Interrupted);
        for bytes in [100, 100_000] {
            let mut pipe = Pipe::new(Steps(vec![interrupted, Ok(bytes), interrupted]));
            pipe.look().unwrap();
            assert!(pipe.has_ended());
            let mut pipe = Pipe::new(Steps(vec![Err(ErrorKind::BrokenPipe), Ok(bytes)]));
            assert_eq!(pipe.look().unwrap_err().kind(), ErrorKind::BrokenPipe);
        }
    }
}
