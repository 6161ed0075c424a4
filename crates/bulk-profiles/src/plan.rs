use hashbrown::HashSet;
use shared_config::{Document, FileKind, Files, ProfileEdit, Sections};

use crate::form::MANAGED;
use crate::marker::{self, Identity, Marker, digest};
use crate::owned::{AllOwned, Owned, numbered};
use crate::{AssignedRole, Form, Options};

/// What is to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plan {
    /// The edits, for [`Document::edit_profiles`].
    pub edits: Vec<ProfileEdit>,
    /// What becomes of each profile, by its name.
    pub outcomes: Vec<(String, Outcome)>,
    /// Names that were not free.
    pub conflicts: Vec<Conflict>,
}

/// What becomes of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It is new.
    Added,
    /// Its settings change.
    Changed,
    /// It would change, but a person has changed it.
    Edited,
    /// Its role is no longer assigned; it stays, because nobody asked to remove it.
    Gone,
    /// Its role is no longer assigned, but a person has changed it: it stays.
    GoneEdited,
    /// It would be named otherwise today, and keeps its name.
    NameKept {
        /// The name that it would have.
        now: String,
    },
    /// It is removed.
    Removed,
    /// It gets another name.
    Renamed {
        /// The name until now.
        from: String,
    },
    /// It stays as it is.
    Unchanged,
}

/// A name was not free.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Conflict {
    /// Several roles would have it: names tell their account now, see [`crate::Naming`].
    Shared {
        /// The name.
        name: String,
        /// How many.
        count: usize,
    },
    /// A profile of it is there already, and is left alone.
    Taken {
        /// The name.
        name: String,
        /// The name that the generated profile has instead.
        instead: String,
    },
}

/// No profile can be named.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// Nothing is left of a name, or it is `default`.
    #[error(
        "role {role_name} of account {account_id} would get the name `{name}`: \
         choose another format, such as {{account-id}}.{{role}}"
    )]
    #[non_exhaustive]
    Name {
        /// The account.
        account_id: String,
        /// The role.
        role_name: String,
        /// The name.
        name: String,
    },
    /// Several profiles of one role would have one name.
    #[error("several profiles would be named `{0}`: use the field {{role}} or {{region-short}}")]
    Same(String),
}

/// Plans the profiles of all roles that are `wanted` with a session, in a config file.
///
/// A generated profile is known by a setting in it, whatever it is called and wherever it was moved.
/// What a person wrote is never overwritten and never removed: other profiles, settings that were
/// added to a generated one, comments, and settings that were changed, unless the options say so.
///
/// # Errors
/// Fails where a role gets no name of its own.
pub fn plan(
    config: &Document,
    credentials: &str,
    session: &str,
    wanted: &[AssignedRole<'_>],
    options: &Options<'_>,
) -> Result<Plan, PlanError> {
    let files = Files::from_texts(config.as_str(), credentials);
    plan_in(&Sections::parse(&files), config, session, wanted, options)
}

/// Like [`plan`], where the sections of this very text are known already.
///
/// # Errors
/// As [`plan`].
pub fn plan_in(
    sections: &Sections<'_>,
    config: &Document,
    session: &str,
    wanted: &[AssignedRole<'_>],
    options: &Options<'_>,
) -> Result<Plan, PlanError> {
    let mut names = Names { session, sections, new: HashSet::new() };
    let mut owned = AllOwned::with_capacity(wanted.len());
    for section in sections.profiles() {
        let marker = match section.value(marker::NAME).and_then(Marker::parse) {
            Some((of, marker)) => (of == session).then_some(marker),
            None => options.form.adopted(section, wanted),
        };
        if let Some(marker) = marker
            && section.file() == FileKind::Config
        {
            owned.insert(Owned { section, marker });
        }
    }
    let numbered = numbered(wanted, &owned);
    let wanted = numbered.as_ref();
    let mut plan = Plan { outcomes: Vec::with_capacity(wanted.len()), ..Plan::default() };
    let wanted_names = options.naming.names(session, wanted, &mut plan.conflicts)?;
    // What is left of those that are there is gone.
    let kept: Vec<Option<usize>> =
        wanted.iter().map(|role| owned.find(&Identity::new(role))).collect();
    let lost_end = plan.leave(owned.without(&kept), config, options);
    let is_open = !config.as_str().is_empty() && !config.as_str().ends_with(['\n', '\r']);
    let mut joined = is_open || lost_end;
    for ((role, name), kept) in wanted.iter().zip(wanted_names).zip(kept) {
        match kept.and_then(|index| owned.all.get(index)) {
            Some(owned) => {
                let joins = lost_end && std::mem::take(&mut joined);
                plan.keep(owned, role, name, joins, options, &mut names);
            }
            None if options.write && names.is_written(&name, role) => {
                plan.tell(name, Outcome::Unchanged);
            }
            None if options.write => {
                plan.add(role, name, &options.form, &mut names, &mut joined);
            }
            None => {}
        }
    }
    Ok(plan)
}

/// The names of profiles, for those of a session.
struct Names<'s, 'a> {
    session: &'s str,
    sections: &'s Sections<'a>,
    new: HashSet<String>,
}

impl Names<'_, '_> {
    fn is_taken(&self, name: &str) -> bool {
        self.sections.profile_section(name).is_some() || self.new.contains(name)
    }

    /// Whether a person has written the profile of a role already, under the name that it would get.
    fn is_written(&self, name: &str, role: &AssignedRole<'_>) -> bool {
        let Some(section) = self.sections.profile_section(name) else { return false };
        section.value(marker::NAME).is_none()
            && section.value("sso_session") == Some(self.session)
            && section.value("sso_account_id") == Some(role.account_id)
            && section.value("sso_role_name") == Some(role.role_name)
    }
}

impl Plan {
    fn tell(&mut self, name: impl Into<String>, outcome: Outcome) {
        self.outcomes.push((name.into(), outcome));
    }

    /// Removes profiles of roles that are no longer assigned, as far as that is wanted; tells whether
    /// one went that knew that the file had no end.
    fn leave(
        &mut self,
        mut gone: Vec<&Owned<'_, '_>>,
        config: &Document,
        options: &Options<'_>,
    ) -> bool {
        let mut lost_end = false;
        let with_comments = match gone.is_empty() {
            true => std::collections::HashSet::new(),
            false => config.profiles_with_comments(), // a pass over the text
        };
        gone.sort_by(|a, b| a.name().cmp(b.name()));
        for owned in gone {
            let name = owned.name();
            let outcome = if !(options.is_listed)(&owned.marker.identity.account_id) {
                Outcome::Unchanged
            } else if owned.is_edited() || owned.has_more() || with_comments.contains(name) {
                Outcome::GoneEdited
            } else if options.prune {
                let joined = owned.marker.joined;
                lost_end |= joined;
                self.edits.push(ProfileEdit::remove(name, joined));
                Outcome::Removed
            } else {
                Outcome::Gone
            };
            self.tell(name, outcome);
        }
        lost_end
    }

    /// Adds a profile, under another name where that one is not free.
    fn add(
        &mut self,
        role: &AssignedRole<'_>,
        name: String,
        form: &Form,
        names: &mut Names<'_, '_>,
        joined: &mut bool,
    ) {
        let id = role.account_id;
        let last = id.get(id.len().saturating_sub(4)..).unwrap_or(id);
        let instead =
            [format!("{name}.sso"), format!("{name}.sso-{last}"), format!("{name}.sso-{id}")];
        let free = std::iter::once(name.clone()).chain(instead).find(|name| !names.is_taken(name));
        // All of them are taken by a person who knows why.
        let Some(free) = free else {
            let instead = String::new();
            self.conflicts.push(Conflict::Taken { name, instead });
            return;
        };
        if free != name {
            self.conflicts.push(Conflict::Taken { name, instead: free.clone() });
        }
        let session = names.session;
        names.new.insert(free.clone());
        let settings = form.settings(role, session, &free);
        let more = further(settings.iter().map(|(name, _)| *name));
        let digest = digest(&more, |name| {
            settings.iter().find(|(own, _)| *own == name).map(|(_, value)| value.as_ref())
        });
        let mut settings: Vec<_> = settings
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into_owned()))
            .collect();
        let identity = Identity::new(role);
        let joined = std::mem::take(joined);
        let marker = Marker { identity, digest: digest.into(), joined, more };
        settings.push((marker::NAME.to_owned(), marker.write(session)));
        self.tell(&*free, Outcome::Added);
        self.edits.push(ProfileEdit::add(free, settings));
    }

    /// Brings a profile that is there up to date.
    fn keep(
        &mut self,
        owned: &Owned<'_, '_>,
        role: &AssignedRole<'_>,
        name: String,
        joins: bool,
        options: &Options<'_>,
        names: &mut Names<'_, '_>,
    ) {
        let (session, current) = (names.session, owned.name());
        let is_renamed = options.rename
            && options.write
            && name != current
            && !current.starts_with(&format!("{name}.sso"))
            && !names.is_taken(&name);
        let becomes = if is_renamed { name.as_str() } else { current };
        let wanted = options.form.settings(role, session, becomes);
        let (mut set, unset) = owned.changes(&wanted, &options.form);
        let is_same = set.is_empty() && unset.is_empty();
        let is_left =
            !options.write || (!is_same && owned.is_edited() && !options.overwrite_edited);
        // Copied only where it changes.
        let marker = || {
            let mut marker = owned.marker.clone();
            marker.joined |= joins;
            marker
        };
        if joins && (is_same || is_left) {
            let set = vec![(marker::NAME.to_owned(), marker().write(session))];
            self.edits.push(ProfileEdit::change(current, set, Vec::new()));
        }
        if is_left {
            let outcome = if options.write { Outcome::Edited } else { Outcome::Unchanged };
            return self.tell(current, outcome);
        }
        let mut outcome = Outcome::Unchanged;
        if !is_same {
            let mut marker = marker();
            marker.more.retain(|name| !unset.contains(name));
            let written = further(set.iter().map(|(name, _)| name.as_str()));
            let is_new = |name: &String| !marker.more.contains(name);
            let written: Vec<_> = written.into_iter().filter(is_new).collect();
            marker.more.extend(written);
            let digest = digest(&marker.more, |name| {
                let new = set.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
                let is_gone = unset.iter().any(|gone| gone == name);
                new.or_else(|| owned.section.value(name).filter(|_| !is_gone))
            });
            marker.digest = digest.into();
            set.push((marker::NAME.to_owned(), marker.write(session)));
            self.edits.push(ProfileEdit::change(current, set, unset));
            outcome = Outcome::Changed;
        }
        if is_renamed {
            names.new.insert(name.clone());
            self.edits.push(ProfileEdit::rename(current, &*name));
            return self.tell(name, Outcome::Renamed { from: current.to_owned() });
        }
        if name == current {
            return self.tell(name, outcome);
        }
        let is_it = current.starts_with(&format!("{name}.sso"));
        if outcome == Outcome::Unchanged && !is_it {
            outcome = Outcome::NameKept { now: name };
        }
        self.tell(current, outcome);
    }
}

/// The names of the settings that are written beside the managed ones.
fn further<'n>(names: impl Iterator<Item = &'n str>) -> Vec<String> {
    names.filter(|name| !MANAGED.contains(name)).map(str::to_owned).collect()
}
