//! The command line.

mod configure;
mod console;
mod credentials;
mod documents;
mod everywhere;
mod fan_out;
mod flags;
mod listing;
mod plain;
mod populate;
mod profiles;
mod session;
mod table;
mod target;

#[cfg(feature = "emulator")]
use std::path::PathBuf;
use std::time::Duration;

#[cfg(feature = "emulator")]
use clap::ValueHint;
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use crate::commands::status;
use crate::complete::{self, by};

pub(crate) use configure::{
    Configure, ConfigureProfile, ConfigureSso, ConfigureSsoSession, ConfigureWhat, Edit, Migrate,
    ProfileSettings, Tool,
};
pub(crate) use console::{Aim, Console, Container, Link, LinkFormat, Method, Page};
pub(crate) use credentials::{
    CredentialProcess, Exec, Export, ExportFormat, Prompt, PromptFormat, SignIn, Switch, Whoami,
};
pub(crate) use documents::{Completions, InitShell, Man, Shell, ShellInit};
pub(crate) use everywhere::color_of;
pub(crate) use fan_out::{FanOut, FanOutOutput};
pub(crate) use listing::{
    Accounts, Filter, List, ListOutput, Listed, Roles, RolesDiff, RolesWhat, Search,
};
pub(crate) use plain::parse as parse_plain;
pub(crate) use populate::{Case, ExistingConfigAction, IncludeRegion, Populate, RegionStyle};
pub(crate) use profiles::{Profiles, ProfilesList, ProfilesWhat, Prune, Sync, SyncForm};
pub(crate) use session::SessionArgs;
pub(crate) use table::TableArgs;
pub(crate) use target::Target;

/// From one sign-in to AWS IAM Identity Center to AWS credentials in every tool.
#[derive(Debug, Parser)]
#[command(name = "keyfob", version, after_help = EXIT_CODES, arg_required_else_help = true)]
#[command(disable_version_flag = true)]
pub(crate) struct CommandLine {
    /// Print version; with --verbose, how it was built
    #[arg(short = 'V', long, action = ArgAction::Version, display_order = 1000)]
    version: Option<bool>,
    #[command(flatten)]
    pub(crate) everywhere: everywhere::Everywhere,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    a sign-in is needed
  2    the command line or the configuration is wrong
  3    the sign-in could not be started or finished
  4    AWS refused
  5    anything else: network, deadline, lock
  126  the command of exec cannot be run; 127 there is no such command
  129  the terminal is gone; 130 Ctrl-C; 143 SIGTERM";

#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum Command {
    /// List the accounts that are assigned to you
    Accounts(Accounts),
    /// Print what makes a shell complete the command lines of keyfob
    ///
    /// It goes into a start file of the shell; its first line says which one. Profiles, sessions,
    /// regions, and the accounts and roles of the last listing are completed, without network.
    Completions(Completions),
    /// Write sessions and profiles into ~/.aws/config without harming the rest of it
    Configure(Configure),
    /// Open the AWS console as a role
    ///
    /// A role of Identity Center opens by a link of the access portal: no secret is in it, and no
    /// network is needed. Other roles sign in with their credentials (federation). Browser, profile
    /// and container can stand in the profile or its sso-session: keyfob_browser,
    /// keyfob_browser_profile, keyfob_container, keyfob_color, keyfob_icon.
    Console(Console),
    /// Print the credentials of a role for `credential_process`
    ///
    /// It asks no questions and opens no browser. Options count before the profile, the profile
    /// counts before environment variables. AWS_PROFILE is not used.
    CredentialProcess(CredentialProcess),
    /// Show the whole story on an Identity Center of its own, without AWS and without your files
    #[cfg(feature = "emulator")]
    Demo(Demo),
    /// Look for what is wrong with this machine, what hurts most first
    ///
    /// Config files, variables, network, clock, permissions, cache files and other tools. Nothing
    /// that it prints is secret. It ends with 0 where nothing is broken, and with 5 where something
    /// does not work.
    Doctor(Doctor),
    /// Serve an Identity Center for tests
    #[cfg(feature = "emulator")]
    Emulator(Emulator),
    /// Run a command with the credentials of a role
    ///
    /// The command gets the credentials in its environment. Other AWS variables that would change
    /// whose credentials it uses are removed. keyfob itself does not stay in memory; with --server it
    /// stays and renews the credentials. Without a command your shell is started; KEYFOB_EXEC is set,
    /// so that its prompt can show whose credentials it has.
    ///
    /// With --match the command runs once for each role that fits. It ends with the highest exit code.
    Exec(Exec),
    /// Show what a profile means, which lines say so, and which SDKs read it differently
    Explain(Explain),
    /// Print the credentials of a role for a shell or a file
    Export(Export),
    /// Print a link to the AWS console that you can send to a colleague
    ///
    /// It holds no secret: who follows it signs in as themselves, and needs the role.
    Link(Link),
    /// Sign in to a session
    Login(Login),
    /// Sign out of a session, on this machine and at the server
    Logout(Logout),
    /// Print the manual page of keyfob, or write a page for each command
    Man(Man),
    /// List the profiles, or write one for every role that is assigned to you
    Profiles(Profiles),
    /// Print a segment for the prompt of a shell: the profile or role, and the time that is left
    ///
    /// It uses no network. A profile with `keyfob_risky = true` is red, as is one whose sign-in or
    /// whose credentials have ended; below 15 minutes it is yellow.
    Prompt(Prompt),
    /// Refresh the access token of a session now, without a browser
    Refresh(Named),
    /// List the roles that are assigned to you in each account
    ///
    /// The result is kept account by account. If a run is interrupted, the next one continues there.
    /// For 15 minutes after a complete run, the answer comes from the kept result. Identity Center
    /// allows 20 requests a second; all keyfob processes of a machine together keep to that.
    Roles(Roles),
    /// Find accounts and roles by parts of their names, best match first
    Search(Search),
    /// Print what a shell reads at its start, for the function `kf`
    ///
    /// `kf WORDS` puts the shell under a profile by AWS_PROFILE, or under a role that no profile has
    /// by its credentials. `kf -` goes back, `kf --env WORDS` takes credentials, `kf --unset` leaves.
    ShellInit(ShellInit),
    /// Show the sessions and how long each sign-in lasts; uses no network
    Status(Status),
    /// Print the lines that put a shell under another profile or role; `kf` of shell-init runs them
    Switch(Switch),
    /// Ask AWS whose credentials these are, and show where they come from
    ///
    /// Without --profile and without a role, these are the credentials that an AWS SDK finds by
    /// itself: environment variables, AWS_PROFILE, the default profile, and so on.
    Whoami(Whoami),
}

/// The options of [`SessionArgs`], which a name stands for.
const OF_SESSION: [&str; 4] = ["profile", "sso-session", "start-url", "sso-region"];

// The session that a command means.
#[derive(Args, Debug)]
pub(crate) struct Named {
    /// An sso-session, or a profile
    #[arg(conflicts_with_all = OF_SESSION,
          add = by(complete::sso_sessions_and_profiles))]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) session: SessionArgs,
}

#[derive(Args, Debug)]
pub(crate) struct Login {
    #[command(flatten)]
    pub(crate) named: Named,
    /// Sign in to every session and start URL of the config, one after the other
    #[arg(long, conflicts_with = "name", conflicts_with_all = OF_SESSION)]
    pub(crate) all: bool,
    /// Show a code that you confirm in a browser on any device
    #[arg(long, visible_alias = "use-device-code")]
    pub(crate) device_code: bool,
    /// Print the page without opening a browser
    #[arg(long)]
    pub(crate) no_browser: bool,
    /// Sign in only where the token has under 20 minutes left and cannot be refreshed
    #[arg(long)]
    pub(crate) if_needed: bool,
    /// How long to wait for the person
    #[arg(long, value_name = "SECONDS", default_value_t = 600,
          value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) timeout: u64,
}

#[derive(Args, Debug)]
pub(crate) struct Logout {
    #[command(flatten)]
    pub(crate) named: Named,
    /// Sign out of every session and start URL, and forget every role that was assumed
    #[arg(long, conflicts_with = "name", conflicts_with_all = OF_SESSION)]
    pub(crate) all: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Doctor {
    /// Show what can be done safely, ask, and do it: file modes, and cache files that nobody can read
    #[arg(long)]
    pub(crate) fix: bool,
    /// With --fix: do it without a question
    #[arg(long, requires = "fix")]
    pub(crate) yes: bool,
    /// Send nothing
    #[arg(long)]
    pub(crate) offline: bool,
    /// The form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// The profile of ~/.aws/config; that of AWS_PROFILE, or `default`, by default
    #[arg(value_name = "PROFILE", add = by(complete::profiles))]
    pub(crate) name: Option<String>,
    /// The same as an option
    #[arg(long, conflicts_with = "name", add = by(complete::profiles))]
    pub(crate) profile: Option<String>,
    /// The form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
#[command(mut_arg("columns", table::of(status::COLUMNS)))]
pub(crate) struct Status {
    #[command(flatten)]
    pub(crate) named: Named,
    /// Print nothing, and exit with 0 where somebody is signed in, else with 1: for scripts.
    /// --verbose tells why
    #[arg(long, conflicts_with_all = ["columns", "long", "no_header", "output", "utc", "watch"])]
    pub(crate) check: bool,
    /// Tell all that is known of each session, as where one is named
    #[arg(long, conflicts_with_all = ["columns", "no_header"])]
    pub(crate) long: bool,
    /// Write times as UTC, instead of by the clock of this place
    #[arg(long)]
    pub(crate) utc: bool,
    /// Look again every two seconds, until Ctrl-C
    #[arg(long, conflicts_with = "output")]
    pub(crate) watch: bool,
    /// With --check: for how long the sign-in must be good, as far as the files tell, such as 30m
    #[arg(long, value_name = "SPAN", requires = "check", value_parser = humantime::parse_duration)]
    pub(crate) min_ttl: Option<Duration>,
    /// The form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) table: TableArgs,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableOutput {
    /// For people
    #[default]
    Table,
    /// For programs
    Json,
}

#[cfg(feature = "emulator")]
#[derive(Args, Debug)]
pub(crate) struct Demo {
    /// Stay up until Ctrl-C, and print what other tools need to work against it
    #[arg(long)]
    pub(crate) keep: bool,
    /// Approve the sign-in without a browser
    #[arg(long)]
    pub(crate) no_browser: bool,
}

#[cfg(feature = "emulator")]
#[derive(Args, Debug)]
pub(crate) struct Emulator {
    /// The port on 127.0.0.1; any free one by default
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Speak TLS with a CA of its own, and answer CONNECT for every host
    #[arg(long)]
    pub(crate) tls: bool,
    /// A TOML file with accounts, roles, lifetimes and faults
    #[arg(long, value_hint = ValueHint::FilePath)]
    pub(crate) scenario: Option<PathBuf>,
}
