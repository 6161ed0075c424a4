use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Runs a future that never really waits: the clock jumps, and what is asked answers at once.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut context = Context::from_waker(Waker::noop());
    let mut future = pin!(future);
    // Tasks may give way to each other so often.
    for _ in 0..100_000 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
    panic!("something waits for real");
}
