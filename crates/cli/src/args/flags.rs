//! Options that several commands share, defined once: for clap, which helps and explains, and for the
//! plain parser of `credential-process`, which has no time for clap's tables.

use clap::{Arg, ArgMatches, Command};

use crate::complete::{Values, by};

/// An option with a value; `T` is what it is read into.
pub(crate) struct Flag<T> {
    pub(super) name: &'static str,
    pub(super) alias: Option<&'static str>,
    pub(super) value_name: &'static str,
    pub(super) help: &'static str,
    /// The options that it cannot stand beside.
    pub(super) conflicts: &'static [&'static str],
    /// What completes its value, where something does.
    pub(super) values: Option<Values>,
    pub(super) check: fn(&str) -> Result<(), &'static str>,
    pub(super) slot: fn(&mut T) -> &mut Option<String>,
}

impl<T> Flag<T> {
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.name == name || self.alias == Some(name)
    }

    fn arg(&self) -> Arg {
        let check = self.check;
        let arg = Arg::new(self.name)
            .long(self.name)
            .value_name(self.value_name)
            .help(self.help)
            .conflicts_with_all(self.conflicts)
            .value_parser(move |text: &str| check(text).map(|()| text.to_owned()));
        let arg = match self.values {
            Some(values) => arg.add(by(values)),
            None => arg,
        };
        match self.alias {
            Some(alias) => arg.visible_alias(alias),
            None => arg,
        }
    }
}

/// Adds the options to a command.
pub(super) fn augment<T>(command: Command, flags: &[Flag<T>]) -> Command {
    command.args(flags.iter().map(Flag::arg))
}

/// Reads the options that clap has found.
pub(super) fn read<T>(matches: &ArgMatches, flags: &[Flag<T>], into: &mut T) {
    for flag in flags {
        if let Some(value) = matches.get_one::<String>(flag.name) {
            *(flag.slot)(into) = Some(value.clone());
        }
    }
}

pub(super) fn anything(_: &str) -> Result<(), &'static str> {
    Ok(())
}

/// Lets clap read a type by `augment` and `read` of its own.
macro_rules! read_by_flags {
    ($type:ty) => {
        impl clap::Args for $type {
            fn augment_args(command: clap::Command) -> clap::Command {
                <$type>::augment(command)
            }

            fn augment_args_for_update(command: clap::Command) -> clap::Command {
                <$type>::augment(command)
            }
        }

        impl clap::FromArgMatches for $type {
            fn from_arg_matches(matches: &clap::ArgMatches) -> Result<Self, clap::Error> {
                let mut read = Self::default();
                read.read(matches);
                Ok(read)
            }

            fn update_from_arg_matches(
                &mut self,
                matches: &clap::ArgMatches,
            ) -> Result<(), clap::Error> {
                self.read(matches);
                Ok(())
            }
        }
    };
}
pub(super) use read_by_flags;
