//! `keyfob configure migrate`: profiles of other tools, and of former times, become ones with a
//! session.

mod aws_sso_cli;
mod command;
mod tools;
mod turns;
mod yaml;

use clap::ValueEnum;
use shared_config::{FileKind, Files, Profile, Sections};

use self::aws_sso_cli::AwsSsoCli;
use self::tools::Found;
use self::turns::Turns;
use crate::args::{Migrate, Tool};
use crate::config_edit;
use crate::env::World;
use crate::exit::Failure;
use crate::ui::{say, talk};

/// Something that stays as it is, and why.
#[derive(Debug)]
struct Left {
    place: String,
    reason: String,
}

pub(crate) fn run(arguments: &Migrate) -> Result<(), Failure> {
    let world = World::capture()?;
    let files = world.files()?;
    let sections = Sections::parse(&files);
    let reads_yaml = arguments.wants(Tool::AwsSsoCli);
    let mut aws_sso = if reads_yaml { AwsSsoCli::load(&world) } else { AwsSsoCli::default() };
    let mut turns = planned(arguments, &sections, &aws_sso);
    turns.unread.iter().for_each(|error| say(&format!("warning: {error}")));
    if arguments.profile.is_none() {
        turns.left.append(&mut aws_sso.left);
    }
    let is_nothing = turns.is_empty();
    if turns.tools.contains(&Tool::AwsSsoCli) {
        turns.left.extend(block_of_aws_sso(&world, &files));
    }
    for Left { place, reason } in &turns.left {
        say(&format!("left as it is: {place}: {reason}"));
    }
    if let (true, Some(name)) = (is_nothing, &arguments.profile) {
        let place = sections.profile(name)?.place("");
        let error = format!("{place}: profile `{name}` has no sso_start_url of its own");
        return Err(Failure::usage(format!("{error}, and is not for another tool that it leaves")));
    }
    if is_nothing {
        talk(&match arguments.from {
            None => "There is no legacy profile, and none of another tool.".to_owned(),
            Some(tool) => format!("There is nothing of {} to take over.", name_of(tool)),
        });
        return Ok(());
    }
    let edited = config_edit::edit_many(&world, &files, arguments.dry_run, |document| {
        // What was changed since the file was read is planned anew.
        if document.as_str() != files.text(FileKind::Config) {
            let now = Files::from_texts(document.as_str(), files.text(FileKind::Credentials));
            turns = planned(arguments, &Sections::parse(&now), &aws_sso);
        }
        turns.apply(document)
    })?;
    super::show(&world, arguments.dry_run, &edited)?;
    if !turns.is_empty() {
        turns.tell(arguments.dry_run);
    }
    Ok(())
}

impl Migrate {
    /// Whether profiles of a tool are turned.
    fn wants(&self, tool: Tool) -> bool {
        self.from.is_none_or(|from| from == tool)
    }
}

/// Plans what becomes of the profiles that are meant.
fn planned(arguments: &Migrate, sections: &Sections<'_>, aws_sso: &AwsSsoCli) -> Turns {
    let mut turns = Turns::of(sections);
    for section in sections.profiles() {
        if arguments.profile.as_ref().is_some_and(|name| name != section.name()) {
            continue;
        }
        match sections.profile(section.name()) {
            Ok(profile) => {
                if arguments.wants(Tool::AwsVault) {
                    turns.tell_of_aws_vault(&profile, arguments.from.is_some());
                }
                let found = Found::of(profile).filter(|found| arguments.wants(found.tool));
                let Some(found) = found else { continue };
                let turned = turns.turn(&found, sections, aws_sso);
                turned.unwrap_or_else(|left| turns.left.push(left));
            }
            // The line that is not understood is named.
            Err(error) => turns.unread.push(error.to_string()),
        }
    }
    if arguments.profile.is_none() {
        for portal in &aws_sso.portals {
            turns.take_over(portal, sections, aws_sso);
        }
    }
    turns
}

/// The command that takes over what a profile has of another tool.
pub(crate) fn command_for(profile: Profile<'_, '_>) -> Option<String> {
    let tool = Found::of(profile)?.tool;
    let tool = (tool != Tool::AwsCli).then(|| name_of(tool))?;
    Some(format!("keyfob configure migrate --from {tool}"))
}

fn name_of(tool: Tool) -> String {
    tool.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// The lines between which aws-sso writes.
fn block_of_aws_sso(world: &World, files: &Files) -> Option<Left> {
    let mut lines = files.text(FileKind::Config).lines();
    let line = lines.position(|line| line.starts_with("# BEGIN_AWS_SSO_CLI"))? + 1;
    let reason = "aws-sso writes what follows anew, with its own profiles: once all works, take this \
                  line and `# END_AWS_SSO_CLI` out";
    let place = format!("{}:{line}", world.locations.config.display());
    Some(Left { place, reason: reason.to_owned() })
}
