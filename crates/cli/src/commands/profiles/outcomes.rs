//! What became of profiles, for people and for programs.

use bulk_profiles::{Conflict, Outcome, Plan};
use serde_json::{Value, json};
use shared_config::Edited;

use crate::args::Output;
use crate::config_edit;
use crate::env::World;
use crate::exit::{Failure, printable};
use crate::ui::{json_document, print, say, talk};

/// Tells what was done, or would be.
pub(crate) fn tell(
    world: &World,
    plan: &Plan,
    edited: &Edited,
    dry_run: bool,
    output: Output,
) -> Result<(), Failure> {
    if output == Output::Json {
        let written = !dry_run && edited.is_changed();
        return print(json_document(&json(plan, written)).as_bytes());
    }
    if dry_run {
        if edited.is_changed() {
            config_edit::show_diff(world, edited)?;
        }
    } else {
        let lines: String = plan.outcomes.iter().filter_map(line).collect();
        print(printable(&lines).as_bytes())?;
    }
    for conflict in &plan.conflicts {
        say(&format!("warning: {}", sentence(conflict)));
    }
    let count = |is: fn(&Outcome) -> bool| plan.outcomes.iter().filter(|(_, it)| is(it)).count();
    let path = world.locations.config.display();
    talk(&format!(
        "+{} -{} ~{} !{} of {} profiles in {path}.",
        count(|it| *it == Outcome::Added),
        count(|it| *it == Outcome::Removed),
        count(|it| matches!(it, Outcome::Changed | Outcome::Renamed { .. })),
        count(|it| matches!(it, Outcome::Edited | Outcome::GoneEdited)),
        plan.outcomes.len(),
    ));
    let gone = count(|it| *it == Outcome::Gone);
    if gone > 0 {
        talk(&format!(
            "{gone} are for roles or regions that you no longer have: `keyfob profiles prune` removes them."
        ));
    }
    let renamed = count(|it| matches!(it, Outcome::NameKept { .. }));
    if renamed > 0 {
        talk(&format!("{renamed} would be named otherwise today: --rename does that."));
    }
    config_edit::tell(edited, dry_run);
    Ok(())
}

/// The line of what was done to a profile.
fn line((name, outcome): &(String, Outcome)) -> Option<String> {
    Some(match outcome {
        Outcome::Added => format!("+ {name}\n"),
        Outcome::Changed => format!("~ {name}\n"),
        Outcome::Removed => format!("- {name}\n"),
        Outcome::Renamed { from, .. } => format!("~ {name}  (was {from})\n"),
        Outcome::Edited => {
            format!("! {name}  (you changed it: --overwrite-edited writes it again)\n")
        }
        Outcome::GoneEdited => {
            format!("! {name}  (the role is gone, but you changed the profile)\n")
        }
        _ => return None,
    })
}

pub(crate) fn sentence(conflict: &Conflict) -> String {
    match conflict {
        Conflict::Shared { name, count, .. } => {
            format!("{count} roles would be named `{name}`: names end with the account id")
        }
        Conflict::Taken { name, instead, .. } if instead.is_empty() => {
            format!(
                "`{name}` is taken, with all that could be written instead: nothing is written for it"
            )
        }
        Conflict::Taken { name, instead, .. } => {
            format!(
                "there is a profile `{name}` that sync did not make: the new one is `{instead}`"
            )
        }
        _ => "a name was not free".to_owned(),
    }
}

fn json(plan: &Plan, written: bool) -> Value {
    let profiles = plan.outcomes.iter().map(|(name, outcome)| {
        let (outcome, other) = match outcome {
            Outcome::Added => ("added", None),
            Outcome::Changed => ("changed", None),
            Outcome::Edited => ("edited", None),
            Outcome::Gone => ("gone", None),
            Outcome::GoneEdited => ("gone-edited", None),
            Outcome::NameKept { now, .. } => ("name-kept", Some(now)),
            Outcome::Removed => ("removed", None),
            Outcome::Renamed { from, .. } => ("renamed", Some(from)),
            _ => ("unchanged", None),
        };
        json!({ "name": name, "outcome": outcome, "otherName": other })
    });
    let conflicts = plan.conflicts.iter().map(sentence);
    json!({
        "written": written,
        "profiles": profiles.collect::<Vec<_>>(),
        "conflicts": conflicts.collect::<Vec<_>>(),
    })
}
