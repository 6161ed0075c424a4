//! Whose credentials a person means who names no profile with an option: by words, by AWS_PROFILE, by
//! the default profile, or by a choice on the terminal.

use std::collections::BTreeSet;

use assignments::{AssignedAccount, Index};
use providers::{Base, ResolveError, Session, resolve_in};
use shared_config::{ProfileError, Sections};
use wire::SystemTimes;

use crate::args::Target;
use crate::env::World;
use crate::exit::Failure;
use crate::history::History;
use crate::profile_row::ProfileRow;
use crate::table::table;
use crate::{nearest, prompt, sessions};

/// The variables that name a profile, the first one first.
const VARIABLES: [&str; 2] = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"];

/// The profile of those who name none.
pub(crate) const DEFAULT: &str = "default";

/// How many entries an error lists.
const LISTED: usize = 12;

/// A profile, or a role that is assigned and that no profile has.
struct Entry {
    target: Target,
    /// Profile, name of the account, role, account id, session: where there is no room for all, the
    /// last ones are cut off.
    cells: [String; 5],
}

impl Target {
    /// Completes what the command line says: with the profile or role that `words` name, else with
    /// the profile of the environment, else with the default profile. Where none of them is there, a
    /// person may choose.
    pub(crate) fn completed(&self, words: &[String], world: &World) -> Result<Self, Failure> {
        let target = self.complete(words, world)?;
        History::note(world, &target.name());
        Ok(target)
    }

    fn complete(&self, words: &[String], world: &World) -> Result<Self, Failure> {
        if !words.is_empty() {
            if self.says_something() {
                let error = format!(
                    "`{}` stands beside options that name a profile or role",
                    words.join(" ")
                );
                return Err(Failure::usage(error).with_hint("leave out one of both"));
            }
            return self.of_words(words, world);
        }
        let names_role = self.account_id.is_some() && self.role_name.is_some();
        if self.session.profile.is_some() || names_role {
            return Ok(self.clone());
        }
        if let Some(name) = of_environment(world)? {
            return Ok(self.with_profile(name));
        }
        let variables = ["AWS_SSO_ACCOUNT_ID", "AWS_SSO_ROLE_NAME"];
        let named = variables.iter().any(|name| world.environment.get_os(name).is_some());
        if self.says_something() || named {
            return Ok(self.clone());
        }
        let files = world.files()?;
        let sections = Sections::parse(&files);
        let default = self.with_profile(DEFAULT);
        match resolve_in(&sections, &world.environment, &default.session.said()) {
            Err(
                ResolveError::NoCredentials { .. }
                | ResolveError::Profile(ProfileError::Unknown { .. }),
            ) => {}
            _ => return Ok(default),
        }
        let error = "no profile is named: not by an option, not by AWS_PROFILE, and there is no \
                     `default` with credentials";
        self.chosen_if_possible(entries(world, &sections), error)
    }

    /// Lets a person choose, whatever the environment names.
    pub(crate) fn picked(&self, world: &World) -> Result<Self, Failure> {
        let files = world.files()?;
        let entries = entries(world, &Sections::parse(&files));
        let target = self.chosen_if_possible(entries, "no profile is named")?;
        History::note(world, &target.name());
        Ok(target)
    }

    fn of_words(&self, words: &[String], world: &World) -> Result<Self, Failure> {
        let files = world.files()?;
        let sections = Sections::parse(&files);
        if let [name] = words {
            match sections.any_profile(name) {
                Ok(_) => return Ok(self.with_profile(name)),
                Err(ProfileError::Unknown { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let entries = entries(world, &sections);
        let said = words.join(" ");
        let mut found = fitting(entries.iter(), words);
        if let [entry] = found.as_slice() {
            return Ok(self.like(entry));
        }
        if prompt::is_possible() && !entries.is_empty() {
            return self.chosen(entries, &said);
        }
        if found.is_empty() {
            let error = format!("`{said}` fits no profile and no role that is known");
            let names = entries.iter().flat_map(|entry| &entry.cells).map(String::as_str);
            let hint = match nearest::of(&said, names) {
                Some(name) => format!("did you mean `{name}`?"),
                None => "`keyfob profiles` lists profiles; `keyfob roles` lists roles, and makes them known".to_owned(),
            };
            return Err(Failure::usage(error).with_hint(hint));
        }
        let more = found.len().saturating_sub(LISTED);
        found.truncate(LISTED);
        let mut lines = lines(found.into_iter());
        lines.extend((more > 0).then(|| format!("and {more} more")));
        let error = format!("`{said}` fits several:\n  {}", lines.join("\n  "));
        Err(Failure::usage(error).with_hint("say more of the name, or all of it"))
    }

    /// Lets a person choose, or fails where nobody can.
    fn chosen_if_possible(&self, entries: Vec<Entry>, error: &str) -> Result<Self, Failure> {
        if entries.is_empty() || !prompt::is_possible() {
            return Err(Failure::usage(error).with_hint("name one; `keyfob profiles` lists them"));
        }
        self.chosen(entries, "")
    }

    /// Lets a person choose.
    fn chosen(&self, mut entries: Vec<Entry>, words: &str) -> Result<Self, Failure> {
        let index = prompt::choose_from("Whose credentials?", lines(entries.iter()), words)?;
        Ok(self.like(&entries.swap_remove(index)))
    }

    /// Whom the entry means, with what is asked besides.
    fn like(&self, entry: &Entry) -> Self {
        let Self { mfa_code, force_refresh, .. } = self.clone();
        Self { mfa_code, force_refresh, ..entry.target.clone() }
    }

    fn with_profile(&self, name: &str) -> Self {
        let mut target = self.clone();
        target.session.profile = Some(name.to_owned());
        target
    }
}

impl Entry {
    fn of_role(session: &Session, account: &AssignedAccount, role_name: &str) -> Self {
        let AssignedAccount { account_id, account_name, .. } = account;
        let target = Target {
            session: session.into(),
            account_id: Some(account_id.clone()),
            role_name: Some(role_name.to_owned()),
            ..Target::default()
        };
        let name = account_name.clone().unwrap_or_default();
        let cells =
            ["-".to_owned(), name, role_name.to_owned(), account_id.clone(), session.to_string()];
        Self { target, cells }
    }

    /// Whether each word is a part of it, as `is_part` says.
    fn fits(&self, words: &[String], is_part: fn(&str, &str) -> bool) -> bool {
        let cells = self.cells.each_ref().map(|cell| cell.to_lowercase());
        words.iter().all(|word| cells.iter().any(|cell| is_part(cell, word)))
    }
}

/// Writes entries one below the other.
fn lines<'e>(entries: impl Iterator<Item = &'e Entry>) -> Vec<String> {
    table(entries.map(|entry| entry.cells.iter().collect())).lines().map(str::to_owned).collect()
}

/// The profile that the environment names.
pub(crate) fn of_environment(world: &World) -> Result<Option<&str>, Failure> {
    Ok(world.environment.first_text(&VARIABLES)?)
}

/// Those that words name: by whole names, else by whole words of them, else by how words begin.
fn fitting<'e>(
    entries: impl Iterator<Item = &'e Entry> + Clone,
    words: &[String],
) -> Vec<&'e Entry> {
    let words: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    // Parts in the middle do not count: `prod` is not to mean `nonprod`.
    let rules: [fn(&str, &str) -> bool; 3] = [
        |cell, word| cell == word,
        |cell, word| parts(cell).any(|part| part == word),
        |cell, word| cell.starts_with(word) || parts(cell).any(|part| part.starts_with(word)),
    ];
    let by = |rule| entries.clone().filter(|entry| entry.fits(&words, rule)).collect::<Vec<_>>();
    rules.into_iter().map(by).find(|found| !found.is_empty()).unwrap_or_default()
}

fn parts(cell: &str) -> impl Iterator<Item = &str> {
    cell.split(|c: char| !c.is_alphanumeric())
}

/// Every profile that leads to credentials, and every role of the index that none of them has; what
/// is used most comes first.
fn entries(world: &World, sections: &Sections<'_>) -> Vec<Entry> {
    let caches = world.caches();
    let (configured, _) = sessions::all(sections);
    let indexes: Vec<(Session, Index)> = configured
        .into_iter()
        .map(|known| {
            let index = known.index(&caches);
            (known.session, index)
        })
        .collect();
    let name_of = |account_id: &str| {
        let of_index =
            |(_, index): &(Session, Index)| index.account(account_id)?.account.account_name.clone();
        indexes.iter().find_map(of_index).unwrap_or_default()
    };
    let mut taken = BTreeSet::new();
    let mut entries = Vec::new();
    for section in sections.profiles() {
        let name = section.name();
        let Ok(profile) = sections.profile(name) else { continue };
        let target = providers::Target::profile(name);
        let Ok(identity) = resolve_in(sections, &world.environment, &target) else { continue };
        if let (Base::Sso(sso), true) = (&identity.base, identity.hops.is_empty()) {
            let (account_id, role_name) = (sso.account_id.clone(), sso.role_name.clone());
            taken.insert((sso.session.cache_key().to_string(), account_id, role_name));
        }
        let row = ProfileRow::new(&profile, Some(&identity));
        let account_id = row.account_id.unwrap_or_default();
        let cells = [
            name.to_owned(),
            name_of(&account_id),
            row.role_name.unwrap_or_default(),
            account_id,
            row.session.unwrap_or_default(),
        ];
        entries.push(Entry { target: Target::default().with_profile(name), cells });
    }
    for (session, index) in &indexes {
        for assigned in index.assigned() {
            let account_id = &assigned.account.account_id;
            for role_name in assigned.role_names() {
                let role = (
                    session.cache_key().to_string(),
                    Some(account_id.clone()),
                    Some(role_name.clone()),
                );
                if !taken.contains(&role) {
                    entries.push(Entry::of_role(session, &assigned.account, role_name));
                }
            }
        }
    }
    let (history, now) = (History::load(world), SystemTimes.now().unix());
    let weigh = |entry: Entry| (history.weight(&entry.target.name(), now), entry);
    let mut weighed: Vec<_> = entries.into_iter().map(weigh).collect();
    weighed.sort_by(|(left, _), (right, _)| right.total_cmp(left));
    weighed.into_iter().map(|(_, entry)| entry).collect()
}
