//! `keyfob switch`: the lines that put a shell under another profile or role, for `kf` of
//! `keyfob shell-init`.

use wire::Secret;

use super::export::{Variable, lines, of_credentials};
use crate::args::{Switch, Target};
use crate::credentials::Access;
use crate::env::World;
use crate::exit::Failure;
use crate::pick;
use crate::ui::{print, talk};
use crate::variables::{KEYS, PREFERRED, SET};

/// The profile that the shell was under before.
const PREVIOUS: &str = "KEYFOB_PREVIOUS";

/// Whose credentials the environment holds, for the prompt.
pub(crate) const ROLE: &str = "KEYFOB_ROLE";

pub(crate) fn run(arguments: &Switch) -> Result<(), Failure> {
    let world = World::capture()?;
    let mut variables = Vec::new();
    if arguments.unset {
        let names = PREFERRED.into_iter().chain(SET).chain([PREVIOUS, ROLE]);
        variables.extend(names.map(|name| (name, None)));
        return print(lines(arguments.format, &variables)?.expose().as_bytes());
    }
    let target = target(arguments, &world)?;
    let previous = pick::of_environment(&world)?.map(Secret::from);
    variables.push((PREVIOUS, previous));
    match &target.session.profile {
        Some(name) if !arguments.env => {
            variables.extend(of_profile(&world, name));
            talk(&format!("AWS_PROFILE is {name}."));
        }
        _ => {
            let identity = target.identity(&world)?;
            let credentials =
                Access::new(&world, &identity, &target, arguments.sign_in)?.credentials()?;
            variables.push((ROLE, Some(Secret::new(target.name()))));
            variables.extend(of_credentials(&credentials, identity.region.as_deref()));
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

/// The profile, and nothing that counts before it. The region goes only where it came with
/// credentials: another one is the person's own.
fn of_profile(world: &World, name: &str) -> Vec<Variable> {
    let mut variables: Vec<Variable> = vec![("AWS_PROFILE", Some(Secret::from(name)))];
    let has_role = world.environment.get_os(ROLE).is_some();
    let keys = KEYS.into_iter().chain(["AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN", ROLE]);
    let region = ["AWS_REGION", "AWS_DEFAULT_REGION"].into_iter().filter(|_| has_role);
    variables.extend(keys.chain(region).map(|name| (name, None)));
    variables
}
