//! `keyfob switch`: the lines that put a shell under another profile or role, for `kf` of
//! `keyfob shell-init`.

use wire::Secret;

use super::export::{Variable, lines, of_credentials};
use crate::args::{Switch, Target};
use crate::credentials::Access;
use crate::env::World;
use crate::exit::Failure;
use crate::ui::{print, talk};
use crate::variables::{KEYS, PREFERRED, SET};
use crate::{pick, variables};

/// The profile that the shell was under before.
const PREVIOUS: &str = "KEYFOB_PREVIOUS";

/// The region that a switch has brought.
const REGION: &str = "KEYFOB_REGION";

/// Whose credentials the environment holds, for the prompt.
pub(crate) const ROLE: &str = "KEYFOB_ROLE";

pub(crate) fn run(arguments: &Switch) -> Result<(), Failure> {
    let world = World::capture()?;
    let mut variables: Vec<Variable> = Vec::new();
    if arguments.unset {
        let names = PREFERRED.into_iter().chain(SET).chain([PREVIOUS, REGION, ROLE]);
        variables.extend(names.map(|name| (name, None)));
        return print(lines(arguments.format, &variables)?.expose().as_bytes());
    }
    let target = target(arguments, &world)?;
    let previous = pick::of_environment(&world)?.map(Secret::from);
    variables.push((PREVIOUS, previous));
    match &target.session.profile {
        Some(name) if !arguments.env => {
            variables.extend(of_profile(name));
            variables.extend(of_region(arguments.region.as_deref(), &world));
            talk(&format!("AWS_PROFILE is {name}."));
        }
        _ => {
            let identity = target.identity(&world)?;
            let credentials =
                Access::new(&world, &identity, &target, arguments.sign_in)?.credentials()?;
            variables.push((ROLE, Some(Secret::new(target.name()))));
            variables.extend(of_credentials(&credentials, None));
            let region = arguments.region.as_deref().or(identity.region.as_deref());
            variables.extend(of_region(region, &world));
            talk(&format!("The credentials of {} are in the environment.", target.name()));
        }
    }
    print(lines(arguments.format, &variables)?.expose().as_bytes())
}

/// The profile or role that is meant; `-` is the one before.
fn target(arguments: &Switch, world: &World) -> Result<Target, Failure> {
    let Switch { target, words, .. } = arguments;
    match words.as_slice() {
        [word] if word == "-" => match world.environment.text(PREVIOUS)? {
            Some(name) => target.completed(&[name.to_owned()], world),
            None => Err(Failure::usage("there is no profile to go back to")),
        },
        [] if !target.names_somebody() => target.picked(world),
        words => target.completed(words, world),
    }
}

/// The profile, and nothing that counts before it.
fn of_profile(name: &str) -> Vec<Variable> {
    let mut variables: Vec<Variable> = vec![("AWS_PROFILE", Some(Secret::from(name)))];
    let keys = KEYS.into_iter().chain(["AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN", ROLE]);
    variables.extend(keys.map(|name| (name, None)));
    variables
}

/// The region, and a note that it came by a switch: the next one takes it away. Another one is the
/// person's own, and stays.
fn of_region(region: Option<&str>, world: &World) -> Vec<Variable> {
    let value = |region: &str| Some(Secret::from(region));
    if let Some(region) = region {
        let variables = variables::of_region(region).map(|(name, region)| (name, value(&region)));
        return variables.into_iter().chain([(REGION, value(region))]).collect();
    }
    let noted = world.environment.get(REGION);
    let is_ours = noted.is_some() && noted == world.environment.get("AWS_REGION");
    let names = ["AWS_REGION", "AWS_DEFAULT_REGION"].into_iter().filter(|_| is_ours);
    names.chain(noted.map(|_| REGION)).map(|name| (name, None)).collect()
}
