//! The arguments of the commands that provide credentials.

use std::ffi::OsString;

use clap::{Args, ValueEnum};
use clap_complete::engine::ArgValueCompleter;

use super::{FanOut, Output, Target};
use crate::complete::{self, by};

#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CredentialProcess {
    #[command(flatten)]
    pub(crate) target: Target,
    /// The same as --sso-region, as aws-sso-util has it
    #[arg(long, conflicts_with_all = ["sso-session", "sso-region"],
          add = by(complete::sso_regions))]
    pub(crate) region: Option<String>,
    /// Write what --verbose tells into ~/.aws/sso/keyfob-credential-process-log.txt
    /// [env: AWS_SSO_CREDENTIAL_PROCESS_DEBUG]
    #[arg(long, action = clap::ArgAction::Count)]
    pub(crate) debug: u8,
}

// Whether a person is asked to sign in where that is needed.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct SignIn {
    /// If a sign-in is needed, start it without a question
    #[arg(long, conflicts_with = "no_login")]
    pub(crate) login: bool,
    /// If a sign-in is needed, fail; do not ask
    #[arg(long)]
    pub(crate) no_login: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Exec {
    #[command(flatten)]
    pub(crate) target: Target,
    /// The AWS region of the command, instead of that of the profile or of the environment
    #[arg(long, add = by(complete::regions))]
    pub(crate) region: Option<String>,
    /// Serve the credentials on a local port while the command runs, and renew them. The command
    /// sees a copy of your config with one more profile, which AWS_PROFILE names: it has the settings
    /// of --profile without its credentials. All other profiles are as in your config
    #[arg(long)]
    pub(crate) server: bool,
    #[command(flatten)]
    pub(crate) sign_in: SignIn,
    #[command(flatten)]
    pub(crate) fan_out: FanOut,
    /// The command and its arguments; your shell by default. Words before `--` name a profile, or
    /// parts of the names of a profile, account, role or session: `exec prod admin -- terraform plan`
    #[arg(trailing_var_arg = true, value_name = "COMMAND",
          add = ArgValueCompleter::new(complete::program))]
    pub(crate) command: Vec<OsString>,
}

impl Exec {
    /// Parts the words that name somebody from the command. Where options name a profile or role, all
    /// is the command.
    pub(crate) fn words_and_command(&self) -> (Vec<String>, &[OsString]) {
        let command = self.command.as_slice();
        let end = command.iter().position(|word| word == "--");
        let parted = end.filter(|_| !self.target.names_somebody()).and_then(|end| {
            let (words, rest) = command.split_at(end);
            let is_word = |word: &&str| !word.starts_with('-');
            let words = words.iter().map(|word| word.to_str().filter(is_word).map(str::to_owned));
            Some((words.collect::<Option<_>>()?, rest.get(1..)?))
        });
        parted.unwrap_or((Vec::new(), command))
    }
}

#[derive(Args, Debug)]
pub(crate) struct Export {
    /// A profile, or parts of the names of a profile, account, role or session
    #[arg(add = by(complete::profiles))]
    pub(crate) words: Vec<String>,
    #[command(flatten)]
    pub(crate) target: Target,
    /// The AWS region, instead of that of the profile or of the environment
    #[arg(long, add = by(complete::regions))]
    pub(crate) region: Option<String>,
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
    /// NAME=value, quoted where that is needed, for the .env files of frameworks and of shells
    Dotenv,
    /// NAME=value without any quotes, for `docker --env-file`
    Docker,
    /// An object of the variables
    Json,
    /// An object of the variables, with null for one to hide, as `kf` of nushell reads it
    Nushell,
    /// What a `credential_process` prints
    Process,
}

#[derive(Args, Debug)]
pub(crate) struct Switch {
    /// A profile, or parts of the names of a profile, account, role or session; `-` is the profile
    /// before
    #[arg(add = by(complete::profiles))]
    pub(crate) words: Vec<String>,
    #[command(flatten)]
    pub(crate) target: Target,
    /// The AWS region, instead of that of the profile; it goes at the next switch
    #[arg(long, add = by(complete::regions))]
    pub(crate) region: Option<String>,
    /// Put the credentials into the environment, as for a role that no profile has
    #[arg(long)]
    pub(crate) env: bool,
    /// Leave every profile and role
    #[arg(long, conflicts_with_all = ["words", "env"])]
    pub(crate) unset: bool,
    /// The shell that reads the lines: env, fish, nushell or powershell
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ExportFormat,
    #[command(flatten)]
    pub(crate) sign_in: SignIn,
}

#[derive(Args, Debug)]
pub(crate) struct Prompt {
    /// Who shows it
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: PromptFormat,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum PromptFormat {
    /// Text without colors, as for a custom command of starship
    #[default]
    Plain,
    /// Text with colors
    Ansi,
    /// PS1 of bash
    Bash,
    /// The status line of tmux
    Tmux,
    /// PROMPT of zsh
    Zsh,
}

#[derive(Args, Debug)]
pub(crate) struct Whoami {
    /// A profile, or parts of the names of a profile, account, role or session
    #[arg(add = by(complete::profiles))]
    pub(crate) words: Vec<String>,
    #[command(flatten)]
    pub(crate) target: Target,
    /// The form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) sign_in: SignIn,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Command, CommandLine, parse_plain};
    use clap::{CommandFactory, Parser};

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
    fn the_help_of_a_command_begins_with_what_it_does() {
        let mut all = CommandLine::command();
        let list = all.render_help().to_string();
        all.build();
        for command in all.get_subcommands_mut() {
            let help = command.render_help().to_string();
            let first = help.lines().next().unwrap().to_owned();
            let name = command.get_name();
            let line = list.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
            let told = line.trim_start().trim_start_matches(name).trim();
            assert!(first.starts_with(told), "{name}: {first}");
        }
    }

    #[test]
    fn the_plain_parser_agrees_with_clap() {
        let all = [
            "credential-process",
            "--profile",
            "p",
            "--account-id=111122223333",
            "--role-name",
            "R",
            "--start-url",
            "https://x/?a=b",
            "--region=eu-west-1",
            "--mfa-code=123456",
            "--force-refresh",
            "--debug",
        ];
        for arguments in [
            &["credential-process", "--profile", "dev"][..],
            &["credential-process", "--profile=dev"],
            &["credential-process", "--profile", ""],
            &[
                "credential-process",
                "--sso-session",
                "s",
                "--account-id",
                "012345678901",
                "--role-name",
                "R",
            ],
            &["credential-process", "--sso-start-url", "u", "--sso-region", "r", "--debug"],
            &["credential-process", "--debug", "--debug"],
            &["credential-process"],
            &all,
        ] {
            let plain: Vec<_> = arguments.iter().map(OsString::from).collect();
            let plain = parse_plain(&plain);
            assert!(plain.is_some(), "{arguments:?}");
            assert_eq!(plain, by_clap(arguments), "{arguments:?}");
        }
    }

    #[test]
    fn the_plain_parser_knows_every_option_of_clap() {
        let mut all = CommandLine::command();
        all.build();
        let command = all.find_subcommand("credential-process").unwrap();
        // What every command has goes through clap.
        let own = |option: &&clap::Arg| option.get_id() != "help" && !option.is_global_set();
        let options = command.get_arguments().filter(own);
        let mut known = 0;
        for option in options {
            let names = option.get_long_and_visible_aliases().unwrap();
            for name in names {
                let flag = format!("--{name}");
                let mut arguments = vec!["credential-process", &flag];
                arguments.extend(option.get_action().takes_values().then_some("012345678901"));
                let plain: Vec<_> = arguments.iter().map(OsString::from).collect();
                let plain = parse_plain(&plain);
                assert!(plain.is_some(), "{arguments:?}");
                assert_eq!(plain, by_clap(&arguments), "{arguments:?}");
                known += 1;
            }
        }
        assert_eq!(known, 11);
    }

    #[test]
    fn what_clap_refuses_the_plain_parser_leaves_to_it() {
        for arguments in [
            &["credential-process", "--profile"][..],
            &["credential-process", "--profile", "a", "--profile", "b"],
            &["credential-process", "--profile", "--debug"],
            &["credential-process", "--sso-session", "s", "--start-url", "u"],
            &["credential-process", "--region", "r", "--sso-region", "r"],
            &["credential-process", "--sso-region", "r", "--sso-session", "s"],
            &["credential-process", "--force-refresh=x"],
            &["credential-process", "--force-refresh", "--force-refresh"],
            &["credential-process", "--account-id", "12345"],
            &["credential-process", "--help"],
            &["credential-process", "--color", "x"],
            &["credential-process", "dev"],
            &["login"],
        ] {
            let plain: Vec<_> = arguments.iter().map(OsString::from).collect();
            assert_eq!(parse_plain(&plain), None, "{arguments:?}");
            assert!(by_clap(arguments).is_none(), "{arguments:?}");
        }
    }
}
