//! The command line.

use std::ffi::OsString;
#[cfg(feature = "emulator")]
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// From one sign-in to AWS IAM Identity Center to AWS credentials in every tool.
#[derive(Debug, Parser)]
#[command(name = "keyfob", version, after_help = EXIT_CODES, arg_required_else_help = true)]
pub(crate) struct CommandLine {
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
  130  Ctrl-C; 143 SIGTERM";

#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum Command {
    /// Write sessions and profiles into ~/.aws/config without harming the rest of it
    Configure(Configure),
    /// Print the credentials of a role for `credential_process`
    ///
    /// Never asks anything and never opens a browser. Flags win over the profile, the profile wins
    /// over the environment; AWS_PROFILE is not consulted.
    CredentialProcess(CredentialProcess),
    /// Show the whole story on an Identity Center of its own, without AWS and without your files
    #[cfg(feature = "emulator")]
    Demo(Demo),
    /// Serve an Identity Center for tests
    #[cfg(feature = "emulator")]
    Emulator(Emulator),
    /// Run a command with the credentials of a role, and with nothing stale
    ///
    /// The command takes the place of keyfob, so that nothing of ours stays behind; with --server
    /// keyfob stays and renews the credentials. Without a command it is your shell, with KEYFOB_EXEC
    /// set for its prompt.
    Exec(Exec),
    /// Show what a profile means, which line says so, and which SDK sees it otherwise
    Explain(Explain),
    /// Print the credentials of a role for a shell or a file
    Export(Export),
    /// Sign in to a session
    Login(Login),
    /// Sign out of a session, here and at the server
    Logout(Logout),
    /// List the profiles and where each gets its credentials
    Profiles(Profiles),
    /// Show who is signed in until when; uses no network
    Status(Status),
    /// Ask AWS whose credentials they are, and show how they were got
    ///
    /// Without a profile and a role: those that a program finds that is told nothing.
    Whoami(Whoami),
}

/// Whose credentials are meant.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Target {
    /// The profile of ~/.aws/config
    #[arg(long)]
    pub(crate) profile: Option<String>,
    /// The account, twelve digits [env: AWS_SSO_ACCOUNT_ID]
    #[arg(long)]
    pub(crate) account_id: Option<String>,
    /// The role, as named by its permission set [env: AWS_SSO_ROLE_NAME]
    #[arg(long)]
    pub(crate) role_name: Option<String>,
    /// The sso-session whose sign-in is used
    #[arg(long, conflicts_with_all = ["start_url", "sso_region"])]
    pub(crate) sso_session: Option<String>,
    /// The start URL whose sign-in is used [env: AWS_SSO_START_URL]
    #[arg(long, visible_alias = "sso-start-url")]
    pub(crate) start_url: Option<String>,
    /// The region of Identity Center [env: AWS_SSO_REGION]
    #[arg(long)]
    pub(crate) sso_region: Option<String>,
    /// The code of the MFA device that a role needs
    #[arg(long, value_name = "CODE")]
    pub(crate) mfa_code: Option<String>,
    /// Fetch new credentials although there are cached ones
    #[arg(long)]
    pub(crate) force_refresh: bool,
}

#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CredentialProcess {
    #[command(flatten)]
    pub(crate) target: Target,
    /// The same as --sso-region, as aws-sso-util has it
    #[arg(long, conflicts_with_all = ["sso_session", "sso_region"])]
    pub(crate) region: Option<String>,
    /// Write ~/.aws/sso/keyfob-credential-process-log.txt, without secrets
    /// [env: AWS_SSO_CREDENTIAL_PROCESS_DEBUG]
    #[arg(long, short = 'v', visible_alias = "verbose", action = clap::ArgAction::Count)]
    pub(crate) debug: u8,
}

/// Whether a person is asked to sign in where that is needed.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct SignIn {
    /// Sign in without asking where that is needed
    #[arg(long, conflicts_with = "no_login")]
    pub(crate) login: bool,
    /// Fail where a sign-in is needed, also on a terminal
    #[arg(long)]
    pub(crate) no_login: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Exec {
    #[command(flatten)]
    pub(crate) target: Target,
    /// The AWS region of the command, instead of that of the profile
    #[arg(long)]
    pub(crate) region: Option<String>,
    /// Serve the credentials on loopback for as long as the command runs, so that they are renewed
    #[arg(long)]
    pub(crate) server: bool,
    #[command(flatten)]
    pub(crate) sign_in: SignIn,
    /// The command and its arguments; your shell by default
    #[arg(trailing_var_arg = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

#[derive(Args, Debug)]
pub(crate) struct Export {
    #[command(flatten)]
    pub(crate) target: Target,
    /// The form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ExportFormat,
    /// Print the lines that undo it
    #[arg(long)]
    pub(crate) unset: bool,
    #[command(flatten)]
    pub(crate) sign_in: SignIn,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// export NAME=value, for POSIX shells
    #[default]
    Env,
    /// NAME=value, for POSIX shells
    EnvNoExport,
    /// set -gx NAME value
    Fish,
    /// $Env:NAME = 'value'
    Powershell,
    /// set NAME=value
    WindowsCmd,
    /// NAME="value", for the files that Docker and frameworks read
    Dotenv,
    /// An object of the variables
    Json,
    /// What a `credential_process` prints
    Process,
}

#[derive(Args, Debug)]
pub(crate) struct Whoami {
    #[command(flatten)]
    pub(crate) target: Target,
    /// The form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) sign_in: SignIn,
}

#[derive(Args, Debug)]
pub(crate) struct Login {
    /// The sso-session to sign in to; not needed where there is one
    #[arg(long, conflicts_with = "profile")]
    pub(crate) sso_session: Option<String>,
    /// The profile whose session to sign in to
    #[arg(long)]
    pub(crate) profile: Option<String>,
    /// A legacy start URL to sign in to
    #[arg(long, conflicts_with_all = ["sso_session", "profile"], requires = "sso_region")]
    pub(crate) start_url: Option<String>,
    /// The region of the start URL
    #[arg(long, requires = "start_url")]
    pub(crate) sso_region: Option<String>,
    /// Sign in with a code that can be confirmed on any device
    #[arg(long)]
    pub(crate) device_code: bool,
    /// Print the page without opening a browser
    #[arg(long)]
    pub(crate) no_browser: bool,
    /// Do nothing while over 20 minutes are left, and refresh where that is possible
    #[arg(long)]
    pub(crate) if_needed: bool,
    /// How long to wait for the person
    #[arg(long, value_name = "SECONDS", default_value_t = 600,
          value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) timeout: u64,
}

#[derive(Args, Debug)]
pub(crate) struct Logout {
    /// The sso-session to sign out of; not needed where there is one
    #[arg(long, conflicts_with_all = ["profile", "all"])]
    pub(crate) sso_session: Option<String>,
    /// The profile whose session to sign out of
    #[arg(long, conflicts_with = "all")]
    pub(crate) profile: Option<String>,
    /// Sign out of every session and start URL of ~/.aws/config
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Configure {
    #[command(subcommand)]
    pub(crate) what: ConfigureWhat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigureWhat {
    /// Turn legacy profiles with sso_start_url into ones with an sso-session
    Migrate(Migrate),
    /// Write a profile
    Profile(ConfigureProfile),
    /// Write an sso-session
    SsoSession(ConfigureSsoSession),
}

/// How a file is edited.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Edit {
    /// Show the change without making it
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Overwrite settings that are there with other values
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ConfigureSsoSession {
    /// The name of the session
    pub(crate) name: String,
    /// The start URL of the access portal
    #[arg(long)]
    pub(crate) start_url: Option<String>,
    /// The region of Identity Center
    #[arg(long)]
    pub(crate) region: Option<String>,
    /// The scopes to register, separated by commas
    #[arg(long)]
    pub(crate) scopes: Option<String>,
    #[command(flatten)]
    pub(crate) edit: Edit,
}

#[derive(Args, Debug)]
pub(crate) struct ConfigureProfile {
    /// The name of the profile
    pub(crate) name: String,
    /// The sso-session to use; not needed where there is one
    #[arg(long, conflicts_with_all = ["start_url", "sso_region"])]
    pub(crate) sso_session: Option<String>,
    /// A legacy start URL [env: AWS_CONFIGURE_SSO_DEFAULT_SSO_START_URL]
    #[arg(long, visible_alias = "sso-start-url")]
    pub(crate) start_url: Option<String>,
    /// The region of a legacy start URL [env: AWS_CONFIGURE_SSO_DEFAULT_SSO_REGION]
    #[arg(long)]
    pub(crate) sso_region: Option<String>,
    /// The account, twelve digits
    #[arg(long)]
    pub(crate) account_id: Option<String>,
    /// The role, as named by its permission set
    #[arg(long)]
    pub(crate) role_name: Option<String>,
    /// The region of the profile
    #[arg(long)]
    pub(crate) region: Option<String>,
    /// The output of the AWS CLI
    #[arg(long)]
    pub(crate) output: Option<String>,
    /// Add the line that puts keyfob behind every SDK
    #[arg(long)]
    pub(crate) credential_process: bool,
    #[command(flatten)]
    pub(crate) edit: Edit,
}

#[derive(Args, Debug)]
pub(crate) struct Migrate {
    /// The profile to turn
    #[arg(long, required_unless_present = "all", conflicts_with = "all")]
    pub(crate) profile: Option<String>,
    /// Turn every legacy profile
    #[arg(long)]
    pub(crate) all: bool,
    /// Show the change without making it
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// The profile of ~/.aws/config
    #[arg(long)]
    pub(crate) profile: String,
    /// The form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Profiles {
    /// The form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: TableOutput,
}

#[derive(Args, Debug)]
pub(crate) struct Status {
    /// The form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Output,
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
    #[arg(long)]
    pub(crate) scenario: Option<PathBuf>,
}

impl CredentialProcess {
    /// Reads the arguments of `credential-process` without clap, whose tables cost more than the
    /// rest of a run. `None` leaves everything unusual, errors and help too, to clap.
    pub(crate) fn parse_plain(arguments: &[OsString]) -> Option<Self> {
        let mut arguments = arguments.iter().map(|argument| argument.to_str());
        if arguments.next()? != Some("credential-process") {
            return None;
        }
        let mut parsed = Self::default();
        let target = &mut parsed.target;
        while let Some(argument) = arguments.next() {
            let argument = argument?;
            match argument {
                "--force-refresh" if !target.force_refresh => target.force_refresh = true,
                "--debug" | "--verbose" | "-v" => parsed.debug = parsed.debug.saturating_add(1),
                _ => {
                    let (name, value) = match argument.split_once('=') {
                        Some((name, value)) => (name, value),
                        None => (argument, arguments.next()??),
                    };
                    let slot = match name {
                        "--profile" => &mut target.profile,
                        "--account-id" => &mut target.account_id,
                        "--role-name" => &mut target.role_name,
                        "--sso-session" => &mut target.sso_session,
                        "--start-url" | "--sso-start-url" => &mut target.start_url,
                        "--sso-region" => &mut target.sso_region,
                        "--region" => &mut parsed.region,
                        "--mfa-code" => &mut target.mfa_code,
                        _ => return None,
                    };
                    // A value that looks like an option, or a second one, is for clap to judge.
                    if slot.is_some() || value.starts_with('-') {
                        return None;
                    }
                    *slot = Some(value.to_owned());
                }
            }
        }
        let region = target.sso_region.is_some() || parsed.region.is_some();
        let conflict = target.sso_session.is_some() && (target.start_url.is_some() || region)
            || target.sso_region.is_some() && parsed.region.is_some();
        (!conflict).then_some(parsed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn by_clap(arguments: &[&str]) -> Option<CredentialProcess> {
        let arguments = std::iter::once("keyfob").chain(arguments.iter().copied());
        match CommandLine::try_parse_from(arguments).ok()?.command {
            Command::CredentialProcess(parsed) => Some(parsed),
            _ => None,
        }
    }

    #[test]
    fn the_command_line_is_sound() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn the_plain_parser_agrees_with_clap() {
        let all = [
            "credential-process",
            "--profile",
            "p",
            "--account-id=1",
            "--role-name",
            "R",
            "--start-url",
            "https://x/?a=b",
            "--region=eu-west-1",
            "--mfa-code=123456",
            "--force-refresh",
            "-v",
        ];
        for arguments in [
            &["credential-process", "--profile", "dev"][..],
            &["credential-process", "--profile=dev"],
            &["credential-process", "--profile", ""],
            &["credential-process", "--sso-session", "s", "--account-id", "1", "--role-name", "R"],
            &["credential-process", "--sso-start-url", "u", "--sso-region", "r", "--debug"],
            &["credential-process", "--debug", "-v", "--verbose"],
            &["credential-process"],
            &all,
        ] {
            let plain: Vec<_> = arguments.iter().map(OsString::from).collect();
            let plain = CredentialProcess::parse_plain(&plain);
            assert!(plain.is_some(), "{arguments:?}");
            assert_eq!(plain, by_clap(arguments), "{arguments:?}");
        }
    }

    #[test]
    fn what_clap_refuses_the_plain_parser_leaves_to_it() {
        for arguments in [
            &["credential-process", "--profile"][..],
            &["credential-process", "--profile", "a", "--profile", "b"],
            &["credential-process", "--profile", "--debug"],
            &["credential-process", "--sso-session", "s", "--start-url", "u"],
            &["credential-process", "--region", "r", "--sso-region", "r"],
            &["credential-process", "--help"],
            &["credential-process", "dev"],
            &["login"],
        ] {
            let plain: Vec<_> = arguments.iter().map(OsString::from).collect();
            assert_eq!(CredentialProcess::parse_plain(&plain), None, "{arguments:?}");
            assert!(by_clap(arguments).is_none(), "{arguments:?}");
        }
    }
}
