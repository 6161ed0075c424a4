//! Reads the arguments of `credential-process` without clap, whose tables cost more than the rest of a
//! run. The options are those of the same tables; a test compares both readers.

use std::ffi::OsString;

use lexopt::Arg::Long;

use super::flags::Flag;
use super::target::FORCE_REFRESH;
use super::{CredentialProcess, SessionArgs, Target};

/// `None` leaves everything unusual, errors and help too, to clap.
pub(crate) fn parse(arguments: &[OsString]) -> Option<CredentialProcess> {
    let (command, arguments) = arguments.split_first()?;
    if command != "credential-process" {
        return None;
    }
    let mut parsed = CredentialProcess::default();
    let mut parser = lexopt::Parser::from_args(arguments);
    while let Some(argument) = parser.next().ok()? {
        let name = match argument {
            Long("debug") => {
                parsed.debug = parsed.debug.saturating_add(1);
                continue;
            }
            Long(FORCE_REFRESH) if !parsed.target.force_refresh => {
                parsed.target.force_refresh = true;
                continue;
            }
            Long(name) => name.to_owned(),
            _ => return None,
        };
        let value = parser.value().ok()?.into_string().ok()?;
        let target = &mut parsed.target;
        let slot = if name == "region" {
            &mut parsed.region
        } else if let Some(slot) = slot(&SessionArgs::FLAGS, &name, &value, &mut target.session) {
            slot
        } else {
            slot(&Target::FLAGS, &name, &value, target)?
        };
        // What comes a second time, or looks like an option, is for clap to judge.
        if slot.is_some() || value.starts_with('-') {
            return None;
        }
        *slot = Some(value);
    }
    let region_conflicts =
        parsed.target.session.sso_session.is_some() || parsed.target.session.sso_region.is_some();
    let conflicts = parsed.region.is_some() && region_conflicts
        || has_conflict(&SessionArgs::FLAGS, &mut parsed.target.session);
    (!conflicts).then_some(parsed)
}

/// Where the value of an option goes, if there is such an option and it may have that value.
fn slot<'t, T>(
    flags: &[Flag<T>],
    name: &str,
    value: &str,
    into: &'t mut T,
) -> Option<&'t mut Option<String>> {
    let flag = flags.iter().find(|flag| flag.is_called(name))?;
    (flag.check)(value).ok()?;
    Some((flag.slot)(into))
}

fn has_conflict<T>(flags: &[Flag<T>], read: &mut T) -> bool {
    let mut is_set = |flag: &Flag<T>| (flag.slot)(read).is_some();
    let set: Vec<&Flag<T>> = flags.iter().filter(|flag| is_set(flag)).collect();
    let names = |other: &str| set.iter().any(|flag| flag.name == other);
    set.iter().any(|flag| flag.conflicts.iter().any(|other| names(other)))
}
