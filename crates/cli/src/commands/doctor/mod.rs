//! `keyfob doctor`: what is wrong with this machine, in the order in which it hurts.

mod caches;
mod configuration;
mod mend;
mod network;
mod permissions;
mod report;
mod sign_ins;
mod tools;
mod variables;

use std::io::stdout;

use anstream::{AutoStream, ColorChoice};
use shared_config::Sections;

use crate::args::{self, Output};
use crate::env::World;
use crate::exit::{Exit, Failure};
use crate::net;
use crate::prompt;
use crate::ui::{json_document, print, say, talk};
use report::{Report, Severity};

pub(crate) fn run(arguments: &args::Doctor) -> Result<(), Failure> {
    let world = World::capture()?;
    let report = net::run(None, look(&world, arguments.offline))?.sorted();
    match arguments.output {
        Output::Json => print(json_document(&report.json()).as_bytes())?,
        Output::Text => {
            let is_colored = AutoStream::choice(&stdout()) != ColorChoice::Never;
            print(report.text(is_colored).as_bytes())?;
        }
    }
    let mended = if arguments.fix { mend(&report, arguments.yes)? } else { 0 };
    let fixable = report.mends().count();
    if fixable > mended {
        talk(&format!("`keyfob doctor --fix` can do {fixable} of these."));
    }
    match report.count(Severity::Error) {
        0 => Ok(()),
        1 => Err(Failure::new(Exit::Other, "something does not work, see above")),
        count => Err(Failure::new(Exit::Other, format!("{count} things do not work, see above"))),
    }
}

async fn look(world: &World, is_offline: bool) -> Result<Report, Failure> {
    let mut report = Report::new(&world.locations.home);
    let files = configuration::files(&mut report, world);
    let sections = Sections::parse(&files);
    configuration::look(&mut report, world, &sections);
    variables::look(&mut report, world, &sections);
    sign_ins::look(&mut report, world, &sections).await;
    if !is_offline {
        network::look(&mut report, world, &sections).await;
    }
    permissions::look(&mut report, world, &files);
    caches::look(&mut report, world);
    tools::look(&mut report, world, &sections).await;
    Ok(report)
}

/// Does what is safe, after showing it; tells how much was done.
fn mend(report: &Report, is_agreed: bool) -> Result<usize, Failure> {
    let all: Vec<_> = report.mends().collect();
    if all.is_empty() {
        talk("There is nothing that --fix can do.");
        return Ok(0);
    }
    say("This can be done now:\n");
    all.iter().for_each(|(_, command)| say(&format!("  {command}")));
    say("");
    if !is_agreed {
        if !prompt::is_possible() {
            return Err(Failure::usage("there is no terminal to ask on")
                .with_hint("run `keyfob doctor --fix --yes` to do it without a question"));
        }
        if !prompt::confirm("Do it?")? {
            return Ok(0);
        }
    }
    let mut done = 0;
    for (mend, command) in all {
        match mend.apply() {
            Ok(()) => done += 1,
            Err(error) => say(&format!("warning: {command}: {error}")),
        }
    }
    talk(&format!("{done} done."));
    Ok(done)
}
