//! The options by which `exec` runs a command for many roles.

use clap::{Args, ValueEnum};
use regex_lite::Regex;

use crate::complete::{self, by};
use crate::regions;

const HEADING: &str = "Options for many roles";

/// The most commands that run at a time.
const MOST: i64 = 64;

/// What says whose credentials a single command gets.
const OF_ONE: [&str; 5] = ["account-id", "role-name", "mfa-code", "force-refresh", "server"];

// Which roles a command runs for, and how.
#[derive(Args, Debug)]
pub(crate) struct FanOut {
    /// Run the command once for each role that `keyfob search QUERY` finds; may be repeated. '' finds
    /// all roles. In the command, {account}, {name}, {role} and {region} are replaced; {{ is a {
    #[arg(id = "match", long, value_name = "QUERY", help_heading = HEADING,
          conflicts_with_all = OF_ONE)]
    pub(crate) matches: Vec<String>,
    /// Leave out the roles that this finds; may be repeated
    #[arg(long, value_name = "QUERY", help_heading = HEADING, requires = "match")]
    pub(crate) exclude: Vec<String>,
    /// Only roles with a match in their name
    #[arg(long, value_name = "REGEX", help_heading = HEADING, requires = "match",
          add = by(complete::role_names))]
    pub(crate) role: Option<Regex>,
    /// Run it once for each role and region
    #[arg(long, value_name = "REGION,...", value_delimiter = ',', help_heading = HEADING,
          requires = "match", conflicts_with = "region", value_parser = region,
          add = by(complete::regions))]
    pub(crate) regions: Vec<String>,
    /// How many run at a time; the number of processors by default, 8 at most
    #[arg(long, value_name = "N", help_heading = HEADING, requires = "match",
          value_parser = clap::value_parser!(u8).range(1..=MOST))]
    pub(crate) parallel: Option<u8>,
    /// Go on after a failure; without it no more are started then
    #[arg(long, help_heading = HEADING, requires = "match")]
    pub(crate) keep_going: bool,
    /// Show what would run, and run nothing
    #[arg(long, help_heading = HEADING, requires = "match", conflicts_with = "output")]
    pub(crate) dry_run: bool,
    /// The form of the output
    #[arg(long, value_enum, default_value_t, help_heading = HEADING, requires = "match")]
    pub(crate) output: FanOutOutput,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum FanOutOutput {
    /// Each line as it comes, with account and role before it
    #[default]
    Prefix,
    /// An object on a line for each role that has ended, with all that was printed
    Ndjson,
}

impl FanOut {
    /// Whether the command is for many roles.
    pub(crate) fn is_meant(&self) -> bool {
        !self.matches.is_empty()
    }
}

fn region(text: &str) -> Result<String, String> {
    regions::check(text).map(|()| text.to_owned())
}
