/// What somebody says about whose credentials are meant: a profile, and what counts instead of its
/// settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Target<'a> {
    /// The profile.
    pub profile: Option<&'a str>,
    /// The name of an sso-session, instead of that of the profile.
    pub sso_session: Option<&'a str>,
    /// A start URL, instead of `sso_start_url`.
    pub start_url: Option<&'a str>,
    /// The region of Identity Center, instead of `sso_region`.
    pub sso_region: Option<&'a str>,
    /// The account, instead of `sso_account_id`.
    pub account_id: Option<&'a str>,
    /// The permission set, instead of `sso_role_name`.
    pub role_name: Option<&'a str>,
}

impl<'a> Target<'a> {
    /// Means a profile as it is.
    pub fn profile(name: &'a str) -> Self {
        Self { profile: Some(name), ..Self::default() }
    }

    /// Whether anything besides the profile is said, which only an SSO role can obey.
    pub(crate) fn names_sso(&self) -> bool {
        let said =
            [self.sso_session, self.start_url, self.sso_region, self.account_id, self.role_name];
        said.iter().any(Option::is_some)
    }
}
