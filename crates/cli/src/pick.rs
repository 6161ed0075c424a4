//! Whose credentials a person means who names no profile with an option: by words, by AWS_PROFILE, by
//! the default profile, or by a choice on the terminal.

use providers::{ResolveError, resolve_in};
use shared_config::{ProfileError, Sections};

use crate::args::Target;
use crate::entry::{Entry, entries};
use crate::env::World;
use crate::exit::Failure;
use crate::history::History;
use crate::prompt::Choice;
use crate::table::table;
use crate::{nearest, prompt};

/// The variables that name a profile, the first one first.
const VARIABLES: [&str; 2] = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"];

/// The profile of those who name none.
pub(crate) const DEFAULT: &str = "default";

/// How many entries an error lists.
const LISTED: usize = 12;

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
        let all = |entry: &Entry| [&entry.cells[..], &entry.details].concat();
        let searched = lines(entries.iter()).into_iter();
        let rows = table(entries.iter().map(all));
        let choices = rows.lines().zip(searched).zip(&entries).map(|((row, searched), entry)| {
            Choice { row: row.to_owned(), searched, answer: entry.answer() }
        });
        let index = prompt::choose_from("Whose credentials?", choices.collect(), words)?;
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
