//! Profiles as rows.

use providers::{Base, Identity};
use serde_json::{Value, json};
use shared_config::Profile;

use crate::table::Columns;

/// The columns of profiles.
pub(crate) const COLUMNS: Columns = &[
    ("profile", "PROFILE"),
    ("kind", "KIND"),
    ("account", "ACCOUNT"),
    ("role", "ROLE"),
    ("session", "SESSION"),
];

/// What is known about one profile.
pub(crate) struct ProfileRow<'a> {
    pub(crate) name: &'a str,
    pub(crate) kind: Option<&'static str>,
    pub(crate) account_id: Option<String>,
    pub(crate) role_name: Option<String>,
    pub(crate) session: Option<String>,
}

impl<'a> ProfileRow<'a> {
    /// Takes what the profile says, and what it leads to.
    pub(crate) fn new(profile: &Profile<'_, 'a>, identity: Option<&Identity>) -> Self {
        let text = |text: Option<&str>| text.map(str::to_owned);
        let mut row = Self {
            name: profile.name(),
            kind: identity.map(Identity::kind),
            account_id: text(profile.get("sso_account_id")),
            role_name: text(profile.get("sso_role_name")),
            session: text(profile.get("sso_session").or_else(|| profile.get("sso_start_url"))),
        };
        let Some(identity) = identity else { return row };
        let arn = match (&identity.base, identity.hops.last()) {
            (_, Some(hop)) => Some(&hop.role_arn),
            (Base::WebIdentity(base), None) => Some(&base.role_arn),
            _ => None,
        };
        // arn:aws:iam::ACCOUNT:role/NAME
        if let Some(arn) = arn {
            row.account_id = text(arn.split(':').nth(4).filter(|account| !account.is_empty()));
            row.role_name = text(arn.rsplit('/').next());
        }
        if let Some(session) = identity.session() {
            row.session = Some(session.to_string());
        }
        row
    }

    /// A profile that cannot be read.
    pub(crate) fn broken(name: &'a str) -> Self {
        let (kind, account_id, role_name, session) = (None, None, None, None);
        Self { name, kind, account_id, role_name, session }
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "name": self.name,
            "kind": self.kind,
            "accountId": self.account_id,
            "roleName": self.role_name,
            "session": self.session,
        })
    }

    pub(crate) fn cells(&self) -> Vec<&str> {
        let known = [&self.account_id, &self.role_name, &self.session];
        let known = known.map(|text| text.as_deref().unwrap_or("-"));
        [&[self.name, self.kind.unwrap_or("(broken)")], &known[..]].concat()
    }
}
