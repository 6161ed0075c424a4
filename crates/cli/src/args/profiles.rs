//! The arguments of `profiles`.

use bulk_profiles::NameFormat;
use clap::{Args, Subcommand, ValueEnum};
use regex_lite::Regex;

use super::{Output, TableArgs, TableOutput, table};
use crate::complete::{self, by};
use crate::{profile_row, regions};

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Profiles {
    #[command(subcommand)]
    pub(crate) what: Option<ProfilesWhat>,
    #[command(flatten)]
    pub(crate) list: ProfilesList,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProfilesWhat {
    /// Show what `sync` would change, and change nothing
    Diff(Sync),
    /// List the profiles, and where each gets its credentials from
    Ls(ProfilesList),
    /// Remove the profiles that `sync` made for roles that are no longer assigned to you
    ///
    /// Profiles that you changed stay, and those of accounts that could not be listed.
    Prune(Prune),
    /// Write a profile for every role that is assigned to you
    ///
    /// What you wrote is never changed: other profiles, settings and comments that you added, and
    /// settings that you changed. A profile that sync made is known by its setting `keyfob_sync`,
    /// whatever you call it. The options are kept in the sso-session, and hold for the next time.
    Sync(Sync),
}

// No doc comment: clap would show it as that of the command.
#[derive(Args, Debug)]
#[command(mut_arg("columns", table::of(profile_row::COLUMNS)))]
pub(crate) struct ProfilesList {
    /// The form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: TableOutput,
    #[command(flatten)]
    pub(crate) table: TableArgs,
}

#[derive(Args, Debug, Default)]
pub(crate) struct Sync {
    /// The sso-session; not needed if the config has one
    #[arg(long, add = by(complete::sso_sessions))]
    pub(crate) sso_session: Option<String>,
    /// Only roles that these words find, as in `search`; several: any of them
    #[arg(long = "match", value_name = "QUERY")]
    pub(crate) matches: Vec<String>,
    /// No roles that these words find
    #[arg(long, value_name = "QUERY")]
    pub(crate) exclude: Vec<String>,
    /// Only roles with a match in their name; several: any of them
    #[arg(long, value_name = "REGEX")]
    pub(crate) role: Vec<Regex>,
    /// How profiles are named, such as '{account|slug}.{role}' [default: '{account}.{role}']
    ///
    /// Fields are account, account-id, role, email-local, region, region-short and session; filters
    /// are lower, upper, kebab, slug, trim:REGEX and replace:A:B. Characters that some tool does not
    /// read become `-`.
    #[arg(long, value_name = "FORMAT", value_parser = |text: &str| NameFormat::parse(text).map(|_| text.to_owned()))]
    pub(crate) name: Option<String>,
    /// Names with letters, digits and . - _ only
    #[arg(long)]
    pub(crate) strict_names: bool,
    /// The region of the profiles; several: one profile for each
    ///
    /// The names of all but the first have the region behind them, where the format has none.
    #[arg(long, value_parser = regions::parse, add = by(complete::regions))]
    pub(crate) region: Vec<String>,
    /// The one region of the profiles that these words find; the first that fits counts
    #[arg(long, value_name = "QUERY=REGION")]
    pub(crate) region_for: Vec<String>,
    /// How the profiles say where credentials come from [default: session]
    #[arg(long, value_enum)]
    pub(crate) form: Option<SyncForm>,
    /// The same as --form credential-process
    #[arg(long, conflicts_with = "form")]
    pub(crate) credential_process: bool,
    /// Forget the options that are kept in the sso-session
    #[arg(long)]
    pub(crate) reset: bool,
    /// Remove profiles of roles that are no longer assigned, or no longer found; lists all anew
    #[arg(long)]
    pub(crate) prune: bool,
    /// Give profiles the names that they would have today
    #[arg(long)]
    pub(crate) rename: bool,
    /// Write settings again that you changed
    #[arg(long)]
    pub(crate) overwrite_edited: bool,
    /// Write nothing, and fail, where a name is not free
    #[arg(long)]
    pub(crate) fail_on_conflict: bool,
    /// List everything anew although it is known
    #[arg(long)]
    pub(crate) refresh: bool,
    /// Show the change without making it
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// The form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Prune {
    /// The sso-session; not needed if the config has one
    #[arg(long, add = by(complete::sso_sessions))]
    pub(crate) sso_session: Option<String>,
    /// Remove every profile that sync made for the session, and the options that it keeps
    #[arg(long)]
    pub(crate) all: bool,
    /// Show the change without making it
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// The form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Output,
}

/// How profiles say where credentials come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum SyncForm {
    /// By sso_session, as the SDKs of today read it
    #[default]
    Session,
    /// By keyfob, for tools that know no sso-session
    CredentialProcess,
    /// By sso_start_url and sso_region, for tools of old
    Legacy,
}
