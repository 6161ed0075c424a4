//! Did you mean: the name that is written most like the one that was given.

use shared_config::{ProfileError, Sections};

use crate::env::World;
use crate::exit::Failure;

/// Returns the name that is most like `text`, if one is like it at all: one letter of three may be
/// another.
pub(crate) fn of<'n>(text: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let text = text.to_lowercase();
    let most = text.chars().count().div_ceil(3);
    let distance = |name: &str| strsim::damerau_levenshtein(&text, &name.to_lowercase());
    let near = names.into_iter().map(|name| (distance(name), name));
    near.filter(|(distance, _)| *distance <= most).min().map(|(_, name)| name)
}

/// Adds to a failure about a name that does not exist the one that may have been meant.
pub(crate) fn told(failure: Failure) -> Failure {
    let (name, is_session) = match failure.error.downcast_ref() {
        Some(ProfileError::Unknown { name, .. }) => (name.as_str(), false),
        Some(ProfileError::UnknownSession { name, .. }) => (name.as_str(), true),
        _ => return failure,
    };
    let Some(files) = World::capture().and_then(|world| world.files()).ok() else { return failure };
    let sections = Sections::parse(&files);
    let near = if is_session {
        of(name, sections.sso_sessions().map(|section| section.name()))
    } else {
        of(name, sections.profiles().map(|section| section.name()))
    };
    let Some(near) = near.map(str::to_owned) else { return failure };
    let hint = match &failure.hint {
        Some(hint) => format!("did you mean `{near}`? {hint}"),
        None => format!("did you mean `{near}`?"),
    };
    failure.with_hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_and_nothing_far_away() {
        let names = ["dev", "prod-admin", "Production"];
        assert_eq!(of("dve", names), Some("dev"));
        assert_eq!(of("prod-amdin", names), Some("prod-admin"));
        assert_eq!(of("production", names), Some("Production"));
        assert_eq!(of("x", names), None);
        assert_eq!(of("staging", names), None);
    }
}
