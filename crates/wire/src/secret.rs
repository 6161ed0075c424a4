use std::fmt;

use zeroize::{Zeroize, Zeroizing};

/// A value that must not be shown: `Debug` hides it, there is no `Display`, and its memory is
/// wiped when it is dropped.
///
/// `T` says itself how it is wiped: [`Zeroize`] of the crate `zeroize` is part of this interface on
/// purpose, and exported here, so that types of yours can be secrets.
///
/// The only way to the value is [`Secret::expose`], so that every place where a secret leaves its
/// wrapper can be found by that name.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<T: Zeroize>(Zeroizing<T>);

impl<T: Zeroize> Secret<T> {
    /// Wraps a value that must not be shown.
    pub fn new(value: T) -> Self {
        Self(Zeroizing::new(value))
    }

    /// Returns the value itself, to be sent, stored or printed on purpose.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl<T: Zeroize> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl From<&str> for Secret<String> {
    fn from(value: &str) -> Self {
        Self::new(value.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_does_not_show_the_value() {
        let shown = format!("{:?}", Some(Secret::from("hunter2")));
        assert_eq!(shown, "Some(Secret(..))");
    }
}
