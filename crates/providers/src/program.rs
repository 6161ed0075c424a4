/// The program that these crates work for, as people, services and other programs know it. Nothing
/// in the libraries is named after a product; its name stands
///
/// - in the name under which a client is registered, which people see when they approve a sign-in,
/// - in the title of the page on which a sign-in ends,
/// - in the role session name that is made up where none is configured, which CloudTrail shows,
/// - in the name of the directory of its own caches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    name: &'static str,
}

impl Program {
    /// Names the program: letters, digits and `-`, as in `my-tool`.
    pub const fn named(name: &'static str) -> Self {
        Self { name }
    }

    /// Returns its name.
    pub const fn name(self) -> &'static str {
        self.name
    }
}
