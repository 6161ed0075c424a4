//! How long a search takes; `cargo bench -p assignments`.
fn main() {}
