/// A role that is assigned to a person in an account, and the region that its profile gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "what a profile is made of")]
pub struct AssignedRole<'r> {
    /// Twelve digits.
    pub account_id: &'r str,
    /// The name of the account, where it has one.
    pub account_name: Option<&'r str>,
    /// The e-mail address of the account, where it has one.
    pub email_address: Option<&'r str>,
    /// The name of the permission set.
    pub role_name: &'r str,
    /// The region that commands use, where one is wanted.
    pub region: Option<&'r str>,
    /// Which of several regions of the role it is, from 0.
    pub region_index: usize,
}
