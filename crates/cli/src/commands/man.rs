//! `keyfob man`: the manual pages, made of what clap knows.

use std::fs;
use std::io;
use std::path::Path;

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use crate::args::{self, CommandLine};
use crate::exit::{Exit, Failure};
use crate::ui::print;

pub(crate) fn run(arguments: &args::Man) -> Result<(), Failure> {
    let mut command = CommandLine::command().disable_help_subcommand(true);
    command.build();
    let failure = |error: io::Error| {
        let directory = arguments.dir.as_deref().unwrap_or_else(|| Path::new("memory")).display();
        let text = format!("cannot write the manual pages into {directory}: {error}");
        Failure::new(Exit::Other, text)
    };
    if let Some(directory) = &arguments.dir {
        return fs::create_dir_all(directory)
            .and_then(|()| write_pages(&command, directory))
            .map_err(failure);
    }
    let mut text = Vec::new();
    page(&command).render(&mut text).map_err(failure)?;
    print(&text)
}

/// Writes the page of a command and those of its commands.
fn write_pages(command: &Command, directory: &Path) -> io::Result<()> {
    for command in command.get_subcommands().filter(|command| !command.is_hide_set()) {
        write_pages(command, directory)?;
    }
    page(command).generate_to(directory).map(drop)
}

/// Every page names the program and its version; without a date, for a build is the same on any day.
fn page(command: &Command) -> Man {
    Man::new(command.clone())
        .date(" ") // an empty one is left out, and what follows takes its place
        .source(concat!("keyfob ", env!("CARGO_PKG_VERSION")))
        .manual("keyfob manual")
}
