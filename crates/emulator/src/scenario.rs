use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use serde::Deserialize;

use crate::approval::Approval;
use crate::company::{self, Account, User};
use crate::fault::Fault;
use crate::iam::{self, IamRole, IamUser};
use crate::toml_values;

/// What an emulated Identity Center contains and how it behaves.
///
/// The default is a small demo company, with every sign-in approved by hand on the emulator's
/// pages. The keys of the TOML form are the names of the fields, except that the tables are
/// `[[account]]`, `[[fault]]` and `[[user]]` and the start URLs are one `start_url`; spans of time
/// are whole seconds there. The crate's documentation shows a file with every key.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Scenario {
    /// The accounts and their roles. A TOML file without accounts and users has those of the demo.
    #[serde(default, rename = "account")]
    pub accounts: Vec<Account>,
    /// Who decides about a sign-in.
    pub approval: Approval,
    /// How many polls of a device code are answered `authorization_pending` before
    /// [`Approval::Automatic`] or [`Approval::Deny`] decides.
    pub approve_after_polls: u32,
    /// By how many seconds the clock of the service is ahead of the caller's.
    pub clock_offset: i64,
    /// The time that must lie between two polls of a device code.
    #[serde(deserialize_with = "toml_values::seconds")]
    pub device_interval: Duration,
    /// Whether a listing starts with an empty page that carries a `nextToken`.
    pub empty_first_page: bool,
    /// Faults, consulted in order at every request.
    #[serde(rename = "fault")]
    pub faults: Vec<Fault>,
    /// The roles that STS knows. Where there are none, it knows every role, and anybody can assume
    /// any of them for up to twelve hours.
    pub iam_roles: Vec<IamRole>,
    /// The users with keys of their own; one of the demo where absent.
    pub iam_users: Vec<IamUser>,
    /// How long what is issued stays valid.
    pub lifetimes: Lifetimes,
    /// Whether a refresh is answered without a refresh token; the one sent then stays valid.
    pub omit_refresh_token_on_refresh: bool,
    /// The most entries on one page of a listing.
    pub page_size: NonZeroUsize,
    /// How many portal requests a second are answered; more are throttled.
    pub rate_limit: Option<NonZeroU32>,
    /// The region of the instance, which chooses the partition of ARNs.
    pub region: String,
    /// Whether every refresh answers a new refresh token and ends the one sent.
    pub rotate_refresh_tokens: bool,
    /// Makes every id and token predictable.
    pub seed: Option<u64>,
    /// The start URLs that are accepted.
    #[serde(rename = "start_url", deserialize_with = "toml_values::one_or_many")]
    pub start_urls: Vec<String>,
    /// The people who can sign in; the first one does, unless another is chosen.
    #[serde(default, rename = "user")]
    pub users: Vec<User>,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            accounts: company::demo_accounts(),
            approval: Approval::Manual,
            approve_after_polls: 0,
            clock_offset: 0,
            device_interval: Duration::from_secs(1),
            empty_first_page: false,
            faults: Vec::new(),
            iam_roles: Vec::new(),
            iam_users: iam::demo_users(),
            lifetimes: Lifetimes::default(),
            omit_refresh_token_on_refresh: false,
            page_size: const { NonZeroUsize::new(100).expect("100 is not zero") },
            rate_limit: None,
            region: "eu-central-1".to_owned(),
            rotate_refresh_tokens: true,
            seed: None,
            start_urls: vec!["https://keyfob.awsapps.com/start".to_owned()],
            users: company::demo_users(),
        }
    }
}

impl Scenario {
    /// Reads a scenario from TOML.
    ///
    /// # Errors
    /// Refuses unknown keys, values of a wrong type or range, and references to nobody.
    pub fn from_toml(text: &str) -> Result<Self, ScenarioError> {
        let mut scenario: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| {
                let before = text.as_bytes().iter().take(span.start);
                before.filter(|byte| **byte == b'\n').count() + 1
            });
            let near = toml_values::near(error.message());
            let near = near.map(|near| format!("\ndid you mean `{near}`?")).unwrap_or_default();
            ScenarioError { line, message: error.to_string().trim_end().to_owned() + &near }
        })?;
        if scenario.users.is_empty() && scenario.accounts.is_empty() {
            scenario.users = company::demo_users();
            scenario.accounts = company::demo_accounts();
        }
        scenario.check_references()?;
        Ok(scenario)
    }

    fn check_references(&self) -> Result<(), ScenarioError> {
        let refuse = |message| Err(ScenarioError { line: None, message });
        for (index, account) in self.accounts.iter().enumerate() {
            let id = &account.id;
            if self.accounts.iter().take(index).any(|earlier| earlier.id == *id) {
                return refuse(format!("account {id} occurs twice"));
            }
            for email in account.users.iter().flatten() {
                if self.user(email).is_none() {
                    return refuse(format!("account {id} names the unknown user {email}"));
                }
            }
        }
        if self.users.is_empty() {
            return refuse("accounts without a user: add a [[user]]".to_owned());
        }
        for (index, user) in self.iam_users.iter().enumerate() {
            let id = &user.access_key_id;
            if self.iam_users.iter().take(index).any(|earlier| earlier.access_key_id == *id) {
                return refuse(format!("access_key_id {id} occurs twice"));
            }
        }
        for role in &self.iam_roles {
            role.check().or_else(refuse)?;
        }
        if self.start_urls.is_empty() {
            return refuse("start_url is empty".to_owned());
        }
        Ok(())
    }

    pub(crate) fn user(&self, email: &str) -> Option<&User> {
        self.users.iter().find(|user| user.email == email)
    }

    pub(crate) fn assigned_accounts(&self, email: &str) -> impl Iterator<Item = &Account> {
        self.accounts.iter().filter(move |account| match &account.users {
            None => true,
            Some(users) => users.iter().any(|user| user == email),
        })
    }

    pub(crate) fn assigned_account(&self, email: &str, id: &str) -> Option<&Account> {
        self.assigned_accounts(email).find(|account| account.id == id)
    }

    /// Finds the role of STS. Where none is declared, there is every role.
    pub(crate) fn iam_role(&self, arn: &str) -> Option<IamRole> {
        if self.iam_roles.is_empty() {
            let mut role = IamRole::new(arn);
            role.max_session_duration = IamRole::LONGEST;
            return Some(role);
        }
        self.iam_roles.iter().find(|role| role.arn == arn).cloned()
    }

    /// Whether `url` is a start URL, with or without a final slash or the fragment that browsers
    /// show.
    pub(crate) fn knows_start_url(&self, url: &str) -> bool {
        fn bare(url: &str) -> &str {
            url.split_once('#').map_or(url, |(bare, _)| bare).trim_end_matches('/')
        }
        self.start_urls.iter().any(|known| bare(known) == bare(url))
    }
}

/// How long what is issued stays valid.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Lifetimes {
    /// An access token: one hour.
    #[serde(deserialize_with = "toml_values::seconds")]
    pub access_token: Duration,
    /// An authorization code: one minute.
    #[serde(deserialize_with = "toml_values::seconds")]
    pub authorization_code: Duration,
    /// A device code and its user code: ten minutes.
    #[serde(deserialize_with = "toml_values::seconds")]
    pub device_code: Duration,
    /// A client registration: 90 days.
    #[serde(deserialize_with = "toml_values::seconds")]
    pub registration: Duration,
    /// The credentials of a role: one hour.
    #[serde(deserialize_with = "toml_values::seconds")]
    pub role_credentials: Duration,
    /// A whole session, however often its access token is refreshed: eight hours.
    #[serde(deserialize_with = "toml_values::seconds")]
    pub session: Duration,
}

impl Default for Lifetimes {
    fn default() -> Self {
        const HOUR: u64 = 3600;
        Self {
            access_token: Duration::from_secs(HOUR),
            authorization_code: Duration::from_secs(60),
            device_code: Duration::from_secs(600),
            registration: Duration::from_secs(90 * 24 * HOUR),
            role_credentials: Duration::from_secs(HOUR),
            session: Duration::from_secs(8 * HOUR),
        }
    }
}

/// A scenario that cannot be used.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct ScenarioError {
    line: Option<usize>,
    message: String,
}

impl ScenarioError {
    /// Returns the line at fault, counted from one, where it is one line.
    pub fn line(&self) -> Option<usize> {
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_file_has_every_key() {
        let (_, rest) = include_str!("../README.md").split_once("```toml\n").unwrap();
        let (file, _) = rest.split_once("```").unwrap();
        let scenario = Scenario::from_toml(file).unwrap();
        assert_eq!(scenario.users.len(), 2);
        assert_eq!(scenario.faults.len(), 12);
        assert_eq!((scenario.iam_roles.len(), scenario.iam_users.len()), (1, 1));
        assert_eq!(scenario.start_urls.len(), 2);
    }

    #[test]
    fn an_empty_file_is_the_demo() {
        let scenario = Scenario::from_toml("").unwrap();
        assert_eq!(format!("{scenario:?}"), format!("{:?}", Scenario::default()));
    }

    #[test]
    fn mistakes_are_reported_with_their_line() {
        let check = |text: &str, line: Option<usize>, part: &str| {
            let error = Scenario::from_toml(text).unwrap_err();
            assert_eq!(error.line(), line, "{error}");
            assert!(error.to_string().contains(part), "{error}");
        };
        check("seed = 1\nregoin = \"x\"", Some(2), "unknown field `regoin`");
        check("seed = 1\nregoin = \"x\"", Some(2), "\ndid you mean `region`?");
        check("seed = 1\n\n[[acount]]\nid = \"1\"", Some(3), "did you mean `account`?");
        check("[lifetimes]\nsesion = 5", Some(2), "did you mean `session`?");
        check("[[fault]]\noperaton = \"x\"", Some(2), "did you mean `operation`?");
        check("approval = \"automatc\"", Some(1), "did you mean `automatic`?");
        let far = Scenario::from_toml("colour = 1").unwrap_err().to_string();
        assert!(far.contains("line 1, column 1") && !far.contains("did you mean"), "{far}");
        check("\n\npage_size = 0", Some(3), "nonzero");
        check("approval = \"maybe\"", Some(1), "unknown variant `maybe`");
        check("start_url = 5", Some(1), "a string or a list of strings");
        check("start_url = []", None, "start_url is empty");
        check("[lifetimes]\nsession = -1", Some(2), "session");
        check("[[account]]\nid = \"12\"\nroles = []", Some(2), "twelve digits");
        check("[[account]]\nid = \"111122223333\"\nroles = []", None, "add a [[user]]");
        let user = "[[user]]\nname = \"A\"\nemail = \"a@example.com\"\n";
        let account = "[[account]]\nid = \"111122223333\"\nroles = []\n";
        check(&format!("{user}{account}{account}"), None, "occurs twice");
        let iam_user = "[[iam_users]]\nname = \"ci\"\naccount_id = \"111122223333\"\n\
                        access_key_id = \"AKIA\"\nsecret_access_key = \"hidden\"\n";
        check(&format!("{iam_user}{iam_user}"), None, "access_key_id AKIA occurs twice");
        check("[[iam_roles]]\narn = \"Admin\"", None, "`Admin` is not the ARN of a role");
        let role = "[[iam_roles]]\narn = \"arn:aws:iam::111122223333:role/Admin\"\n";
        check(&format!("{role}max_session_duration = 900"), None, "is not 3600 to 43200");
        check(&format!("{role}external_ids = []"), Some(3), "unknown field `external_ids`");
        check(&format!("{user}{account}users = [\"b@example.com\"]"), None, "unknown user b@");
    }

    #[test]
    fn a_start_url_may_end_like_in_the_address_bar() {
        let scenario = Scenario::default();
        for url in ["https://keyfob.awsapps.com/start", "https://keyfob.awsapps.com/start/#/"] {
            assert!(scenario.knows_start_url(url), "{url}");
        }
        assert!(!scenario.knows_start_url("https://other.awsapps.com/start"));
    }
}
