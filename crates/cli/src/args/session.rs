//! The options that name a session.

use clap::{ArgMatches, Command};

use crate::complete;

use super::flags::{self, Flag, anything, read_by_flags};

/// Which session is meant, or whose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SessionArgs {
    pub(crate) profile: Option<String>,
    pub(crate) sso_session: Option<String>,
    pub(crate) start_url: Option<String>,
    pub(crate) sso_region: Option<String>,
}

read_by_flags!(SessionArgs);

impl SessionArgs {
    pub(super) const FLAGS: [Flag<Self>; 4] = [
        Flag {
            name: "profile",
            alias: None,
            value_name: "PROFILE",
            help: "The profile of ~/.aws/config",
            conflicts: &[],
            values: Some(complete::profiles),
            check: anything,
            slot: |args| &mut args.profile,
        },
        Flag {
            name: "sso-session",
            alias: None,
            value_name: "SSO_SESSION",
            help: "The sso-session to use instead of the one in the profile; not needed if the config has one",
            conflicts: &["start-url", "sso-region"],
            values: Some(complete::sso_sessions),
            check: anything,
            slot: |args| &mut args.sso_session,
        },
        Flag {
            name: "start-url",
            alias: Some("sso-start-url"),
            value_name: "START_URL",
            help: "The start URL, if no sso-session of the config has it [env: AWS_SSO_START_URL]",
            conflicts: &[],
            values: None,
            check: anything,
            slot: |args| &mut args.start_url,
        },
        Flag {
            name: "sso-region",
            alias: None,
            value_name: "SSO_REGION",
            help: "The region of Identity Center [env: AWS_SSO_REGION]",
            conflicts: &[],
            values: Some(complete::sso_regions),
            check: anything,
            slot: |args| &mut args.sso_region,
        },
    ];

    pub(super) fn augment(command: Command) -> Command {
        flags::augment(command, &Self::FLAGS)
    }

    pub(super) fn read(&mut self, matches: &ArgMatches) {
        flags::read(matches, &Self::FLAGS, self);
    }

    /// Takes the values from wherever these options have them.
    pub(crate) fn of(value_of: impl Fn(&str) -> Option<String>) -> Self {
        let mut args = Self::default();
        for flag in Self::FLAGS {
            let alias = || flag.alias.and_then(&value_of);
            *(flag.slot)(&mut args) = value_of(flag.name).or_else(alias);
        }
        args
    }

    /// The same for the resolver.
    pub(crate) fn said(&self) -> providers::Target<'_> {
        let mut target = providers::Target::default();
        target.profile = self.profile.as_deref();
        target.sso_session = self.sso_session.as_deref();
        target.start_url = self.start_url.as_deref();
        target.sso_region = self.sso_region.as_deref();
        target
    }
}
