//! The options of every command.

use std::ffi::OsString;

use clap::{ArgAction, Args, ColorChoice, ValueEnum};
use inquire::ui::RenderConfig;

use crate::ui::{self, Loudness};

/// Where help and manual pages show them.
const HEADING: &str = "Options of every command";

// No doc comment: clap would show it as that of keyfob.
#[derive(Args, Debug)]
#[command(next_help_heading = HEADING)]
pub(crate) struct Everywhere {
    /// Tell on stderr what is done: each request, each file, which credentials were cached
    #[arg(short, long, global = true, action = ArgAction::Count)]
    verbose: u8,
    /// Leave out on stderr what is only talk; errors, warnings and the page to sign in on stay
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// When there are colors: always, never, or auto: on a terminal, and as NO_COLOR and
    /// CLICOLOR_FORCE say
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        default_value_t,
        hide_possible_values = true
    )]
    color: ColorChoice,
}

impl Everywhere {
    /// Makes the options count, for all that is said from now on.
    pub(crate) fn count(&self) {
        ui::set_loudness(match self {
            Self { quiet: true, .. } => Loudness::Quiet,
            Self { verbose: 1.., .. } => Loudness::Verbose,
            _ => Loudness::Usual,
        });
        set_color(self.color);
    }
}

/// Makes `--color` count for what clap says of a command line, be it that it cannot read it.
pub(crate) fn color_of(arguments: &[OsString]) {
    let mut own = arguments.iter().take_while(|word| *word != "--").map(|word| word.to_str());
    while let Some(word) = own.next() {
        let value = match word {
            Some("--color") => own.next().flatten(),
            Some(word) => word.strip_prefix("--color="),
            None => None,
        };
        if let Some(Ok(choice)) = value.map(|value| ColorChoice::from_str(value, false)) {
            set_color(choice);
        }
    }
}

fn set_color(choice: ColorChoice) {
    let (choice, questions) = match choice {
        ColorChoice::Auto => (anstream::ColorChoice::Auto, RenderConfig::default()),
        ColorChoice::Always => (anstream::ColorChoice::Always, RenderConfig::default_colored()),
        ColorChoice::Never => (anstream::ColorChoice::Never, RenderConfig::empty()),
    };
    choice.write_global();
    inquire::set_global_render_config(questions);
}
