use hashbrown::{HashMap, HashSet};

use crate::name_format::safe;
use crate::{AssignedRole, Conflict, NameFormat, PlanError};

/// Where the names of profiles come from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Naming {
    /// From a format, without characters that some tool does not read. Where several roles would have
    /// one name, each tells its account.
    Format {
        /// The format.
        format: NameFormat,
        /// Whether names have no characters but letters, digits and `.`, `-`, `_`.
        is_strict: bool,
    },
    /// One for each role, in their order, as they are but for what could not stand in a header: see
    /// [`shared_config::Document::allow_any_names`]. Where several roles would have one name, the
    /// last one has it, and the others tell their account.
    Given(Vec<String>),
}

impl From<NameFormat> for Naming {
    fn from(format: NameFormat) -> Self {
        Self::Format { format, is_strict: false }
    }
}

impl Naming {
    /// Returns the name for each role, no two alike.
    pub(crate) fn names(
        &self,
        session: &str,
        wanted: &[AssignedRole<'_>],
        conflicts: &mut Vec<Conflict>,
    ) -> Result<Vec<String>, PlanError> {
        let mut names: Vec<String> = match self {
            Self::Format { format, is_strict } => {
                let mut name = String::new();
                let mut named = |role: &AssignedRole<'_>| {
                    name.clear();
                    format.write(&mut name, role, session);
                    safe(&name, *is_strict)
                };
                wanted.iter().map(&mut named).collect()
            }
            Self::Given(names) => names.iter().map(|name| readable(name)).collect(),
        };
        if let Some((name, role)) =
            names.iter().zip(wanted).find(|(name, _)| name.is_empty() || *name == "default")
        {
            let (account_id, role_name) = (role.account_id.to_owned(), role.role_name.to_owned());
            return Err(PlanError::Name { account_id, role_name, name: name.clone() });
        }
        let mut shared: Vec<_> = shared(&names).into_iter().collect();
        if shared.is_empty() {
            return Ok(names);
        }
        shared.sort();
        conflicts.extend(shared.into_iter().map(|(name, count)| Conflict::Shared { name, count }));
        let keeps_one = matches!(self, Self::Given(_));
        // The end of the account id, then all of it.
        for digits in [4, 12] {
            let shared = self::shared(&names);
            let mut kept = HashSet::new();
            for (name, role) in names.iter_mut().zip(wanted).rev() {
                let is_shared = shared.contains_key(name);
                if is_shared && !(keeps_one && kept.insert(name.clone())) {
                    let id = role.account_id;
                    let end = id.get(id.len().saturating_sub(digits)..).unwrap_or(id);
                    *name = format!("{name}-{end}");
                }
            }
        }
        match self::shared(&names).into_keys().min() {
            Some(name) => Err(PlanError::Same(name)),
            None => Ok(names),
        }
    }
}

/// The names that several have, and how many.
fn shared(names: &[String]) -> HashMap<String, usize> {
    let mut shared = HashMap::new();
    let mut seen = HashSet::with_capacity(names.len());
    for name in names {
        if !seen.insert(name) {
            *shared.entry(name.clone()).or_insert(1) += 1;
        }
    }
    shared
}

/// Makes a name that can stand in a header, in quotes if it must: each character that cannot becomes
/// a `-`.
fn readable(name: &str) -> String {
    let has_quote = name.contains('\'');
    let is_odd = |c: char| {
        c.is_control() || matches!(c, '[' | ']') || (has_quote && matches!(c, '"' | '\\'))
    };
    name.replace(is_odd, "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(account_id: &str) -> AssignedRole<'_> {
        AssignedRole {
            account_id,
            account_name: None,
            email_address: None,
            role_name: "R",
            region: None,
            region_index: 0,
        }
    }

    #[test]
    fn of_given_names_that_are_alike_the_last_one_stays() {
        let roles = ["111122223333", "444455556666", "777788886666"].map(role);
        let given = Naming::Given(["a.R", "a.R", "a.R"].map(str::to_owned).into());
        let mut conflicts = Vec::new();
        let names = given.names("work", &roles, &mut conflicts).unwrap();
        assert_eq!(names, ["a.R-3333", "a.R-6666", "a.R"]);
        assert_eq!(conflicts, [Conflict::Shared { name: "a.R".to_owned(), count: 3 }]);
        // Where that is taken, too, the whole id tells them apart.
        let given = Naming::Given(["a", "a", "a-3333"].map(str::to_owned).into());
        let names = given.names("work", &roles, &mut conflicts).unwrap();
        assert_eq!(names, ["a-3333-111122223333", "a", "a-3333"]);
    }

    #[test]
    fn given_names_stay_as_they_are_where_a_header_can_hold_them() {
        for (name, is_readable) in
            [("R&D (x)/y:z", "R&D (x)/y:z"), ("a]\nb", "a--b"), ("it's", "it's"), ("'\"", "'-")]
        {
            assert_eq!(readable(name), is_readable);
        }
    }
}
