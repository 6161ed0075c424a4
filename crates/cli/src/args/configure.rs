//! The arguments of `configure`.

use clap::{ArgGroup, Args, Subcommand, ValueEnum};

use super::Populate;
use crate::complete::{self, by};

#[derive(Args, Debug)]
pub(crate) struct Configure {
    #[command(subcommand)]
    pub(crate) what: ConfigureWhat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigureWhat {
    /// Turn legacy profiles with sso_start_url, and those of other tools, into ones with an sso-session
    ///
    /// A line of another tool goes only where the profile works without it. What cannot be taken over
    /// is told with its line, and stays as it is. aws-sso-cli's config.yaml is read, too: each of its
    /// SSOConfig becomes a session, and a role with a `Profile` a profile.
    Migrate(Migrate),
    /// Write a profile for every role that is assigned to you, as aws-sso-util does
    ///
    /// It takes the options of `aws-sso-util configure populate`, and gives the same names. Profiles
    /// that aws-sso-util made are taken over. `keyfob profiles sync` does this with an sso-session.
    Populate(Box<Populate>),
    /// Write a profile
    Profile(ConfigureProfile),
    /// Ask for all that a working profile needs, from the session to the role, and write it
    ///
    /// Each question has an option that answers it. What is in the config already stays as it is,
    /// and nothing is written before the last question is answered.
    Sso(ConfigureSso),
    /// Write an sso-session
    SsoSession(ConfigureSsoSession),
}

/// How a file is edited.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Edit {
    /// Show the change without making it
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Overwrite settings that are there with other values; take regions that keyfob does not know
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ConfigureSsoSession {
    /// The name of the session; asked for on a terminal
    #[arg(add = by(complete::sso_sessions))]
    pub(crate) name: Option<String>,
    /// The start URL of the access portal
    #[arg(long)]
    pub(crate) start_url: Option<String>,
    /// The region of Identity Center
    #[arg(long, add = by(complete::sso_regions))]
    pub(crate) region: Option<String>,
    /// The scopes to register, separated by commas
    #[arg(long)]
    pub(crate) scopes: Option<String>,
    #[command(flatten)]
    pub(crate) edit: Edit,
}

// No doc comment: clap would show it as that of the command.
#[derive(Args, Debug)]
pub(crate) struct ProfileSettings {
    /// The account, twelve digits
    #[arg(long, add = by(complete::account_ids))]
    pub(crate) account_id: Option<String>,
    /// The role, as named by its permission set
    #[arg(long, add = by(complete::role_names))]
    pub(crate) role_name: Option<String>,
    /// The region of the profile
    #[arg(long, add = by(complete::regions))]
    pub(crate) region: Option<String>,
    /// The output of the AWS CLI
    #[arg(long)]
    pub(crate) output: Option<String>,
    /// Write `credential_process`, too, so that tools without SSO get credentials from keyfob
    #[arg(long)]
    pub(crate) credential_process: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ConfigureProfile {
    /// The name of the profile; asked for on a terminal
    #[arg(add = by(complete::profiles))]
    pub(crate) name: Option<String>,
    /// The sso-session to use; not needed where there is one
    #[arg(long, conflicts_with_all = ["start_url", "sso_region"], add = by(complete::sso_sessions))]
    pub(crate) sso_session: Option<String>,
    /// A legacy start URL [env: AWS_CONFIGURE_SSO_DEFAULT_SSO_START_URL]
    #[arg(long, visible_alias = "sso-start-url")]
    pub(crate) start_url: Option<String>,
    /// The region of a legacy start URL [env: AWS_CONFIGURE_SSO_DEFAULT_SSO_REGION]
    #[arg(long, add = by(complete::sso_regions))]
    pub(crate) sso_region: Option<String>,
    #[command(flatten)]
    pub(crate) settings: ProfileSettings,
    #[command(flatten)]
    pub(crate) edit: Edit,
}

#[derive(Args, Debug)]
pub(crate) struct ConfigureSso {
    /// The name of the profile; by default as `profiles sync` would name it
    #[arg(add = by(complete::profiles))]
    pub(crate) name: Option<String>,
    /// The same as an option
    #[arg(long, value_name = "NAME", conflicts_with = "name", add = by(complete::profiles))]
    pub(crate) profile: Option<String>,
    /// The sso-session, one of the config or a new one
    #[arg(long, add = by(complete::sso_sessions))]
    pub(crate) sso_session: Option<String>,
    /// The start URL of the access portal [env: AWS_CONFIGURE_SSO_DEFAULT_SSO_START_URL]
    #[arg(long, visible_alias = "sso-start-url")]
    pub(crate) start_url: Option<String>,
    /// The region of Identity Center, found out by default
    /// [env: AWS_CONFIGURE_SSO_DEFAULT_SSO_REGION]
    #[arg(long, add = by(complete::sso_regions))]
    pub(crate) sso_region: Option<String>,
    /// The scopes to register, separated by commas
    #[arg(long)]
    pub(crate) scopes: Option<String>,
    /// Sign in with a code that you confirm in a browser on any device
    #[arg(long, visible_alias = "use-device-code")]
    pub(crate) device_code: bool,
    /// Print the page to sign in on without opening a browser
    #[arg(long)]
    pub(crate) no_browser: bool,
    #[command(flatten)]
    pub(crate) settings: ProfileSettings,
    /// Then write a profile for every other role, as `profiles sync` does
    #[arg(long, conflicts_with_all = ["no_sync", "dry_run"])]
    pub(crate) sync: bool,
    /// Write no other profiles, and do not ask for it
    #[arg(long)]
    pub(crate) no_sync: bool,
    /// Ask nothing, as without a terminal: fail where an answer is missing, and sign in only with
    /// --device-code or --no-browser
    #[arg(long)]
    pub(crate) non_interactive: bool,
    #[command(flatten)]
    pub(crate) edit: Edit,
}

#[derive(Args, Debug)]
#[command(group = ArgGroup::new("which").required(true).multiple(true))]
pub(crate) struct Migrate {
    /// The profile to turn
    #[arg(long, group = "which", conflicts_with = "all", add = by(complete::profiles))]
    pub(crate) profile: Option<String>,
    /// Turn every legacy profile, and every one of another tool
    #[arg(long, group = "which")]
    pub(crate) all: bool,
    /// Turn only what is for this tool
    #[arg(long, group = "which", value_name = "TOOL", value_enum)]
    pub(crate) from: Option<Tool>,
    /// Show the change without making it
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// Whose words a profile is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tool {
    /// Profiles with sso_start_url and no session
    AwsCli,
    /// Those of aws-sso-cli, the command aws-sso, and its config.yaml
    AwsSsoCli,
    /// Those that aws-sso-util makes and runs
    AwsSsoUtil,
    /// Those that run aws-vault
    AwsVault,
    /// Those that granted makes and runs
    Granted,
}
