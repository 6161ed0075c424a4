use std::borrow::Cow;
use std::hash::BuildHasher;

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashSet, HashTable};
use shared_config::Section;

use crate::form::MANAGED;
use crate::marker::{self, Identity, Marker, digest};
use crate::{AssignedRole, Existing, Form};

/// A profile that was generated for the session.
pub(crate) struct Owned<'s, 'a> {
    pub(crate) section: Section<'s, 'a>,
    pub(crate) marker: Marker<'a>,
}

impl Owned<'_, '_> {
    pub(crate) fn name(&self) -> &str {
        self.section.name()
    }

    /// Whether a person has changed what was written.
    pub(crate) fn is_edited(&self) -> bool {
        digest(&self.marker.more, |name| self.section.value(name)) != self.marker.digest
    }

    /// Whether a person has added anything.
    pub(crate) fn has_more(&self) -> bool {
        let is_ours = |name: &str| {
            name == marker::NAME
                || MANAGED.contains(&name)
                || self.marker.more.iter().any(|more| more == name)
        };
        self.section.settings().any(|setting| !is_ours(&setting.name()))
    }

    /// The settings to write and those to remove, so that it is as `wanted`.
    pub(crate) fn changes(
        &self,
        wanted: &[(&str, Cow<'_, str>)],
        form: &Form,
    ) -> (Vec<(String, String)>, Vec<String>) {
        let existing = match form {
            Form::Populated { existing, .. } => *existing,
            _ => Existing::Keep,
        };
        let stays = |name: &str, value: &str, there: Option<&str>| {
            let is_kept = || existing == Existing::Keep && !MANAGED.contains(&name);
            there.is_some_and(|there| there == value || is_kept())
        };
        let mut staying = 0;
        let mut unset = Vec::new();
        for setting in self.section.settings() {
            let is_called = |name: &&str| setting.is_called(name);
            match wanted.iter().find(|(name, _)| is_called(name)) {
                Some((name, value)) => {
                    staying += usize::from(stays(name, value, setting.line_value()));
                }
                None if is_called(&marker::NAME) => {}
                None => {
                    let is_managed = || MANAGED.iter().any(is_called);
                    let is_said = || setting.line_value().is_some();
                    if existing == Existing::Discard || (is_managed() && is_said()) {
                        unset.push(setting.name().into_owned());
                    }
                }
            }
        }
        // Nearly always, all of them stay.
        if staying == wanted.len() {
            return (Vec::new(), unset);
        }
        let is_new =
            |(name, value): &&(&str, Cow<'_, str>)| !stays(name, value, self.section.value(name));
        let set = wanted.iter().filter(is_new);
        let set = set.map(|(name, value)| ((*name).to_owned(), value.clone().into_owned()));
        (set.collect(), unset)
    }
}

/// The profiles that were generated for the session. The table holds their places alone: there may be
/// thousands.
pub(crate) struct AllOwned<'s, 'a> {
    pub(crate) all: Vec<Owned<'s, 'a>>,
    places: HashTable<usize>,
    hasher: DefaultHashBuilder,
}

impl<'s, 'a> AllOwned<'s, 'a> {
    /// Makes room for as many, so that nothing is moved while they come.
    pub(crate) fn with_capacity(count: usize) -> Self {
        Self {
            all: Vec::with_capacity(count),
            places: HashTable::with_capacity(count),
            hasher: DefaultHashBuilder::default(),
        }
    }

    /// A copy that a person made is theirs: of several, the first counts.
    pub(crate) fn insert(&mut self, owned: Owned<'s, 'a>) {
        let Self { all, places, hasher } = self;
        let hash = hasher.hash_one(&owned.marker.identity);
        let identity = |place: &usize| all.get(*place).map(|owned| &owned.marker.identity);
        let is_it = |place: &usize| identity(place) == Some(&owned.marker.identity);
        let rehash = |place: &usize| identity(place).map_or(0, |it| hasher.hash_one(it));
        if let Entry::Vacant(entry) = places.entry(hash, is_it, rehash) {
            entry.insert(all.len());
            all.push(owned);
        }
    }

    pub(crate) fn find(&self, identity: &Identity<'_>) -> Option<usize> {
        let is_it = |place: &usize| {
            self.all.get(*place).is_some_and(|owned| owned.marker.identity == *identity)
        };
        self.places.find(self.hasher.hash_one(identity), is_it).copied()
    }

    /// Those whose places are not among some.
    pub(crate) fn without(&self, kept: &[Option<usize>]) -> Vec<&Owned<'s, 'a>> {
        let mut is_gone = vec![true; self.all.len()];
        for place in kept.iter().flatten() {
            if let Some(is_gone) = is_gone.get_mut(*place) {
                *is_gone = false;
            }
        }
        self.all.iter().zip(is_gone).filter(|(_, is_gone)| *is_gone).map(|(it, _)| it).collect()
    }
}

/// Gives each further region of a role the number by which its profile is known already: a profile
/// that is named after its region does not become that of another one.
pub(crate) fn numbered<'w>(
    wanted: &'w [AssignedRole<'w>],
    owned: &AllOwned<'_, '_>,
) -> Cow<'w, [AssignedRole<'w>]> {
    if wanted.iter().all(|role| role.region_index == 0) {
        return Cow::Borrowed(wanted);
    }
    let at =
        |role: &AssignedRole<'w>, region_index| Identity { region_index, ..Identity::new(role) };
    let there = |identity: &Identity<'_>| owned.find(identity).and_then(|at| owned.all.get(at));
    let numbers = owned.all.iter().map(|owned| owned.marker.identity.region_index);
    let most = numbers.max().unwrap_or_default();
    let mut taken = HashSet::new();
    let mut numbered = wanted.to_vec();
    let mut new = Vec::new();
    for (role, numbered) in wanted.iter().zip(&mut numbered).filter(|it| it.0.region_index > 0) {
        let is_it = |number: &usize| {
            let there = there(&at(role, *number));
            there.is_some_and(|owned| owned.section.value("region") == role.region)
        };
        match (1..=most).find(is_it) {
            Some(number) => {
                numbered.region_index = number;
                taken.insert(at(role, number));
            }
            None => new.push((role, numbered)),
        }
    }
    for (role, numbered) in new {
        // What a person changed is still the profile of its region.
        let is_free = |identity: &Identity<'_>| {
            !taken.contains(identity) && there(identity).is_none_or(Owned::is_edited)
        };
        let numbers = std::iter::once(role.region_index).chain(1..);
        let free = numbers.map(|number| at(role, number)).find(is_free);
        if let Some(identity) = free {
            numbered.region_index = identity.region_index;
            taken.insert(identity);
        }
    }
    Cow::Owned(numbered)
}
