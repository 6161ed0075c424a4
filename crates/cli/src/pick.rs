//! Whose credentials a person means who names no profile with an option: by words, by AWS_PROFILE, by
//! the default profile, or by a choice on the terminal.

use assignments::Search;
use providers::{ResolveError, Session, resolve_in, resolve_provided_in};
use shared_config::{ProfileError, Sections};

use crate::args::Target;
use crate::entry::{Entry, Known, known};
use crate::env::World;
use crate::exit::Failure;
use crate::history::History;
use crate::paste::session_options;
use crate::prompt::Choice;
use crate::table::table;
use crate::target::names_role;
use crate::{nearest, net, prompt};

/// The variables that name a profile, the first one first.
const VARIABLES: [&str; 2] = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"];

/// The profile of those who name none.
pub(crate) const DEFAULT: &str = "default";

/// How many entries an error lists.
const LISTED: usize = 12;

impl Target {
    /// Completes what the command line says: with the profile or role that `words` name, else with
    /// the profile of the environment, else with the default profile. Where none of them is there, the
    /// machine may provide credentials, of which the target says nothing, or a person may choose.
    pub(crate) fn completed(&self, words: &[String], world: &World) -> Result<Self, Failure> {
        let target = self.complete(words, world)?;
        if target.says_something() {
            History::note(world, &target.name());
        }
        Ok(target)
    }

    fn complete(&self, words: &[String], world: &World) -> Result<Self, Failure> {
        if !words.is_empty() {
            if self.names_somebody() {
                let error = format!(
                    "`{}` stands beside options that name a profile or role",
                    words.join(" ")
                );
                return Err(Failure::usage(error).with_hint("leave out one of both"));
            }
            return self.of_words(words, world);
        }
        let is_whole = self.account_id.is_some() && self.role_name.is_some();
        if self.session.profile.is_some() || is_whole {
            return Ok(self.clone());
        }
        if let Some(name) = of_environment(world)? {
            return Ok(self.with_profile(name));
        }
        if self.names_somebody() || names_role(world) {
            return Ok(self.clone());
        }
        let files = world.files()?;
        let sections = Sections::parse(&files);
        if self.says_something() {
            let error = "no profile and no role of the session is named";
            return self.chosen_if_possible(world, self.known(world, &sections)?, error);
        }
        let default = self.with_profile(DEFAULT);
        match resolve_in(&sections, &world.environment, &default.session.said()) {
            Err(
                ResolveError::NoCredentials { .. }
                | ResolveError::Profile(ProfileError::Unknown { .. }),
            ) => {}
            _ => return Ok(default),
        }
        if resolve_provided_in(&sections, &world.environment)?.is_some() {
            return Ok(self.clone());
        }
        let error = "no profile is named: not by an option, not by AWS_PROFILE, and there is no \
                     `default` with credentials";
        self.chosen_if_possible(world, self.known(world, &sections)?, error)
    }

    /// Lets a person choose, whatever the environment names.
    pub(crate) fn picked(&self, world: &World) -> Result<Self, Failure> {
        let files = world.files()?;
        let known = self.known(world, &Sections::parse(&files))?;
        let target = self.chosen_if_possible(world, known, "no profile is named")?;
        History::note(world, &target.name());
        Ok(target)
    }

    fn of_words(&self, words: &[String], world: &World) -> Result<Self, Failure> {
        let files = world.files()?;
        let sections = Sections::parse(&files);
        if let [name] = words
            && !self.says_something()
        {
            match sections.any_profile(name) {
                Ok(_) => return Ok(self.with_profile(name)),
                Err(ProfileError::Unknown { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let Known { entries, unlisted } = self.known(world, &sections)?;
        let said = words.join(" ");
        let mut found = fitting(entries.iter(), words, &RULES);
        if let [entry] = found.as_slice() {
            return Ok(self.like(entry));
        }
        if prompt::can_choose(&world.environment) && finds(&entries, &said) {
            return self.chosen(entries, &said);
        }
        if found.is_empty() {
            let error = format!("`{said}` fits no profile and no role that is known");
            let names = entries.iter().flat_map(|entry| &entry.cells).map(String::as_str);
            let near = nearest::of(&said, names).map(|name| format!("did you mean `{name}`?"));
            let hints: Vec<String> = near.into_iter().chain(listing_hint(&unlisted)).collect();
            let hint = match hints.is_empty() {
                true => "`keyfob profiles` lists profiles, `keyfob roles` lists roles".to_owned(),
                false => hints.join(" "),
            };
            return Err(Failure::usage(error).with_hint(hint));
        }
        let hint = several_hint(&found);
        let more = found.len().saturating_sub(LISTED);
        found.truncate(LISTED);
        let mut lines = lines(found.into_iter());
        lines.extend((more > 0).then(|| format!("and {more} more")));
        let error = format!("`{said}` fits several:\n  {}", lines.join("\n  "));
        Err(Failure::usage(error).with_hint(hint))
    }

    /// What there is to choose from, of the session that the options name.
    fn known(&self, world: &World, sections: &Sections<'_>) -> Result<Known, Failure> {
        if let Some(name) = &self.session.sso_session {
            sections.sso_session(name)?;
        }
        let mut known = known(world, sections)?;
        known.only_of(&self.session);
        Ok(known)
    }

    /// Lets a person choose, or fails where nobody can.
    fn chosen_if_possible(
        &self,
        world: &World,
        known: Known,
        error: &str,
    ) -> Result<Self, Failure> {
        let Known { entries, unlisted } = known;
        if entries.is_empty() || !prompt::can_choose(&world.environment) {
            let hint = match listing_hint(&unlisted).filter(|_| entries.is_empty()) {
                Some(hint) => hint,
                None => "name one; `keyfob profiles` lists them".to_owned(),
            };
            return Err(Failure::usage(error).with_hint(hint));
        }
        self.chosen(entries, "")
    }

    /// Lets a person choose.
    fn chosen(&self, mut entries: Vec<Entry>, words: &str) -> Result<Self, Failure> {
        let all = |entry: &Entry| [&entry.cells[..], &entry.details].concat();
        let searched = searched(&entries).into_iter();
        let rows = table(entries.iter().map(all));
        let choices = rows.lines().zip(searched).zip(&entries).map(|((row, searched), entry)| {
            Choice { row: row.to_owned(), searched, answer: entry.answer() }
        });
        let choice = prompt::choose_from("Whose credentials?", choices.collect(), words.to_owned());
        let index = net::run(None, choice)?;
        Ok(self.like(&entries.swap_remove(index)))
    }

    /// Whom the entry means, with what is asked besides.
    fn like(&self, entry: &Entry) -> Self {
        let Self { mfa_code, force_refresh, .. } = self.clone();
        Self { mfa_code, force_refresh, ..entry.target.clone() }
    }

    pub(crate) fn with_profile(&self, name: &str) -> Self {
        let mut target = self.clone();
        target.session.profile = Some(name.to_owned());
        target
    }
}

/// Writes entries one below the other.
fn lines<'e>(entries: impl Iterator<Item = &'e Entry>) -> Vec<String> {
    table(entries.map(|entry| entry.cells.iter().collect())).lines().map(str::to_owned).collect()
}

/// What a search looks at: the line of each entry, and its tags.
fn searched(entries: &[Entry]) -> Vec<String> {
    let lines = lines(entries.iter()).into_iter().zip(entries);
    let with_tags =
        |(line, entry): (String, &Entry)| [&[line], entry.tags.as_slice()].concat().join("  ");
    lines.map(with_tags).collect()
}

/// The profile that the environment names.
pub(crate) fn of_environment(world: &World) -> Result<Option<&str>, Failure> {
    Ok(world.environment.first_text(&VARIABLES)?)
}

/// Whether a word is a part of a name.
type Rule = fn(&str, &str) -> bool;

/// How words name somebody: by whole names, else by whole words of them, else by how words begin.
/// Parts in the middle do not count: `prod` is not to mean `nonprod`.
const RULES: [Rule; 3] = [
    |cell, word| cell == word,
    |cell, word| parts(cell).any(|part| part == word),
    |cell, word| cell.starts_with(word) || parts(cell).any(|part| part.starts_with(word)),
];

/// Those that words name, by the first rule that finds any.
fn fitting<'e>(
    entries: impl Iterator<Item = &'e Entry> + Clone,
    words: &[impl AsRef<str>],
    rules: &[Rule],
) -> Vec<&'e Entry> {
    let words: Vec<String> = words.iter().map(|word| word.as_ref().to_lowercase()).collect();
    let by = |rule: &Rule| -> Vec<_> {
        entries.clone().filter(|entry| entry.fits(&words, *rule)).collect()
    };
    rules.iter().map(by).find(|found| !found.is_empty()).unwrap_or_default()
}

/// How many of the first words are a profile, or whole words of what somebody is called.
pub(crate) fn naming(words: &[&str], world: &World) -> Result<usize, Failure> {
    let files = world.files()?;
    let sections = Sections::parse(&files);
    if words.first().is_some_and(|name| sections.any_profile(name).is_ok()) {
        return Ok(1);
    }
    let Known { entries, .. } = known(world, &sections)?;
    let [whole_names, whole_words, _] = RULES;
    let names = |count: &usize| {
        let words = words.get(..*count).unwrap_or_default();
        !fitting(entries.iter(), words, &[whole_names, whole_words]).is_empty()
    };
    Ok((1..=words.len()).rev().find(names).unwrap_or(0))
}

/// Whether the choice on a terminal has a row for what is typed.
fn finds(entries: &[Entry], typed: &str) -> bool {
    let mut search = Search::new(typed);
    searched(entries).iter().any(|line| search.score(line).is_some())
}

/// The commands that make roles known.
fn listing_hint(unlisted: &[Session]) -> Option<String> {
    let command = |session| format!("`keyfob roles {}`", session_options(session));
    let commands: Vec<String> = unlisted.iter().map(command).collect();
    (!commands.is_empty()).then(|| format!("{} makes the roles known", commands.join(" or ")))
}

/// What names one of several.
fn several_hint(found: &[&Entry]) -> String {
    let sessions = found.iter().filter_map(|entry| entry.session.as_ref());
    let options: Vec<String> =
        sessions.map(|session| format!("`{}`", session_options(session))).collect();
    match found {
        [first, others @ ..] if others.iter().all(|other| first.is_like(other)) => {
            format!("name the session: {}", options.join(" or "))
        }
        _ => "say more of the name, or all of it".to_owned(),
    }
}

fn parts(cell: &str) -> impl Iterator<Item = &str> {
    cell.split(|c: char| !c.is_alphanumeric())
}
