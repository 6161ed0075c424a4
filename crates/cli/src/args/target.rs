//! The options that say whose credentials are meant.

use clap::{Arg, ArgAction, ArgMatches, Command};
use providers::is_account_id;

use crate::complete;

use super::SessionArgs;
use super::flags::{self, Flag, anything, read_by_flags};

/// Whose credentials are meant, and what is asked besides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) session: SessionArgs,
    pub(crate) account_id: Option<String>,
    pub(crate) role_name: Option<String>,
    pub(crate) mfa_code: Option<String>,
    pub(crate) force_refresh: bool,
}

read_by_flags!(Target);

/// The option without a value.
pub(super) const FORCE_REFRESH: &str = "force-refresh";

impl Target {
    pub(super) const FLAGS: [Flag<Self>; 3] = [
        Flag {
            name: "account-id",
            alias: None,
            value_name: "ACCOUNT_ID",
            help: "The account, twelve digits [env: AWS_SSO_ACCOUNT_ID]",
            conflicts: &[],
            values: Some(complete::account_ids),
            check: account_id,
            slot: |target| &mut target.account_id,
        },
        Flag {
            name: "role-name",
            alias: None,
            value_name: "ROLE_NAME",
            help: "The role, as named by its permission set [env: AWS_SSO_ROLE_NAME]",
            conflicts: &[],
            values: Some(complete::role_names),
            check: anything,
            slot: |target| &mut target.role_name,
        },
        Flag {
            name: "mfa-code",
            alias: None,
            value_name: "CODE",
            help: "The code of the MFA device that a role needs, six digits",
            conflicts: &[],
            values: None,
            check: anything,
            slot: |target| &mut target.mfa_code,
        },
    ];

    pub(super) fn augment(command: Command) -> Command {
        let force_refresh = Arg::new(FORCE_REFRESH)
            .long(FORCE_REFRESH)
            .action(ArgAction::SetTrue)
            .help("Fetch new credentials although there are cached ones");
        flags::augment(SessionArgs::augment(command), &Self::FLAGS).arg(force_refresh)
    }

    pub(super) fn read(&mut self, matches: &ArgMatches) {
        self.session.read(matches);
        flags::read(matches, &Self::FLAGS, self);
        self.force_refresh = matches.get_flag(FORCE_REFRESH);
    }
}

fn account_id(text: &str) -> Result<(), &'static str> {
    if is_account_id(text) { Ok(()) } else { Err("an account id has twelve digits") }
}
