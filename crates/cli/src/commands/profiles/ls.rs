//! `keyfob profiles ls`: every profile and where it gets its credentials.

use providers::{ResolveError, Target, resolve_in};
use serde_json::{Value, json};
use shared_config::{Diagnostic, ProfileError, Sections};

use crate::args::{self, TableOutput};
use crate::env::World;
use crate::exit::Failure;
use crate::oddities::Oddities;
use crate::profile_row::{COLUMNS, ProfileRow};
use crate::table;
use crate::ui::{json_document, print, say};

pub(crate) fn run(arguments: &args::ProfilesList) -> Result<(), Failure> {
    arguments.table.only_where(arguments.output == TableOutput::Table)?;
    let world = World::capture()?;
    let files = world.files()?;
    let sections = Sections::parse(&files);
    warn(sections.diagnostics());
    warn(&sections.unread());
    let mut rows = Vec::new();
    let mut odd = Oddities::default();
    for section in sections.profiles() {
        let name = section.name();
        let identity = resolve_in(&sections, &world.environment, &Target::profile(name));
        // Lines that were not understood have been told above.
        if let Err(error) = &identity
            && !matches!(error, ResolveError::Profile(ProfileError::Syntax(_)))
        {
            say(&format!("warning: {error}"));
        }
        if let Ok(profile) = sections.profile(name) {
            let problem = identity.as_ref().err().map(ToString::to_string);
            odd.add(&profile, problem.as_deref());
            rows.push(ProfileRow::new(&profile, identity.as_ref().ok()));
        } else {
            rows.push(ProfileRow::broken(name));
        }
    }
    odd.0.iter().for_each(|odd| say(&format!("warning: {odd}")));
    match arguments.output {
        TableOutput::Json => {
            let rows: Vec<Value> = rows.iter().map(ProfileRow::json).collect();
            print(json_document(&json!({ "profiles": rows })).as_bytes())
        }
        TableOutput::Table => {
            let cells = rows.iter().map(ProfileRow::cells);
            let lines = arguments.table.lines(COLUMNS, table::header(COLUMNS), cells);
            print(table::for_stdout(lines).as_bytes())
        }
    }
}

/// Says on stderr what is odd about the files.
fn warn(diagnostics: &[Diagnostic]) {
    for diagnostic in diagnostics {
        say(&format!("warning: {diagnostic}"));
    }
}
