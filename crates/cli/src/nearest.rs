//! Did you mean: the name that is written most like the one that was given.

use std::error::Error;

use assignments::Index;
use shared_config::{ProfileError, Sections};
use wire::CallError;

use crate::env::World;
use crate::exit::Failure;
use crate::network_hint::DOCTOR;
use crate::{regions, sessions};

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
    let Some(near) = near(&*failure.error) else { return failure };
    let hint = match &failure.hint {
        Some(hint) if hint != DOCTOR => format!("did you mean `{near}`? {hint}"),
        _ => format!("did you mean `{near}`?"),
    };
    failure.with_hint(hint)
}

fn near(error: &(dyn Error + 'static)) -> Option<String> {
    if let Some(host) = host_without_answer(error) {
        return regions::nearest_of_host(host).map(str::to_owned);
    }
    let profile = error.downcast_ref();
    let refused = error.downcast_ref();
    // Only who fails waits for this.
    if profile.is_none() && refused.is_none() {
        return None;
    }
    let world = World::capture().ok()?;
    let files = world.files().ok()?;
    let sections = Sections::parse(&files);
    let near = match (profile, refused) {
        (Some(ProfileError::Unknown { name, .. }), _) => {
            of(name, sections.profiles().map(|section| section.name()))
        }
        (Some(ProfileError::UnknownSession { name, .. }), _) => {
            of(name, sections.sso_sessions().map(|section| section.name()))
        }
        (_, Some(providers::Error::Forbidden { account_id, role_name, .. })) => {
            return role_or_account(&world, &sections, account_id, role_name);
        }
        _ => None,
    };
    near.map(str::to_owned)
}

/// The host that gave no answer, where that is what failed.
fn host_without_answer<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e str> {
    let of_provider = error.downcast_ref().and_then(|error| match error {
        providers::Error::Call { host, source, .. } => Some((host, &**source)),
        _ => None,
    });
    let of_login = || match error.downcast_ref()? {
        login::LoginError::Call { host, source, .. } => Some((host, &**source)),
        _ => None,
    };
    let (host, source) = of_provider.or_else(of_login)?;
    matches!(source, CallError::Transport(_)).then_some(host)
}

/// The role of the account, or the account, that is written most like what was refused, of those that
/// the last listing found.
fn role_or_account(
    world: &World,
    sections: &Sections<'_>,
    account_id: &str,
    role_name: &str,
) -> Option<String> {
    let (configured, _) = sessions::all(sections);
    let caches = world.caches();
    let indexes: Vec<_> = configured.iter().map(|known| known.index(&caches)).collect();
    let assigned = || indexes.iter().flat_map(Index::assigned);
    let names: Vec<&str> = assigned()
        .filter(|assigned| assigned.account.account_id == account_id)
        .flat_map(|assigned| assigned.role_names())
        .map(String::as_str)
        .collect();
    if names.contains(&role_name) {
        return None; // it was assigned, and is no more
    }
    let ids = assigned().map(|assigned| assigned.account.account_id.as_str());
    let near = if names.is_empty() { of(account_id, ids) } else { of(role_name, names) };
    near.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_of_no_region_is_answered_with_the_nearest() {
        let near_of = |host: &str| {
            let lost = wire::TransportError::new(host, true, "no such host");
            let uri = format!("https://{host}").parse().unwrap();
            near(&providers::Error::call("CreateToken", &uri, lost.into()))
        };
        assert_eq!(near_of("oidc.eu-wst-1.amazonaws.com").as_deref(), Some("eu-west-1"));
        assert_eq!(near_of("oidc.eu-west-1.amazonaws.com"), None);
        assert_eq!(near_of("example.com"), None);
    }

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
