//! Whose credentials there are to choose from: profiles, and roles that no profile has.

use std::collections::BTreeSet;
use std::time::Duration;

use assignments::{AssignedAccount, Index};
use providers::{Base, Session, resolve_in};
use shared_config::Sections;
use wire::SystemTimes;

use crate::args::{SessionArgs, Target};
use crate::env::World;
use crate::exit::Failure;
use crate::history::History;
use crate::labels::Labels;
use crate::profile_row::ProfileRow;
use crate::sessions;
use crate::ui::span;

/// A profile, or a role that is assigned and that no profile has.
pub(crate) struct Entry {
    pub(crate) target: Target,
    pub(crate) session: Option<Session>,
    /// Profile, name of the account, role, account id, session.
    pub(crate) cells: [String; 5],
    /// What wide terminals show besides, the most telling first: when it was used, region, kind, tags,
    /// e-mail.
    pub(crate) details: [String; 5],
    /// What the person has put on the account.
    pub(crate) tags: Vec<String>,
}

impl Entry {
    fn of_role(
        session: &Session,
        account: &AssignedAccount,
        role_name: &str,
        labels: &Labels,
    ) -> Self {
        let AssignedAccount { account_id, email_address, .. } = account;
        let target = Target {
            session: session.into(),
            account_id: Some(account_id.clone()),
            role_name: Some(role_name.to_owned()),
            ..Target::default()
        };
        let name = labels.name(account).unwrap_or_default().to_owned();
        let cells =
            ["-".to_owned(), name, role_name.to_owned(), account_id.clone(), session.to_string()];
        let email = email_address.clone().unwrap_or_default();
        let tags = labels.tags(account_id).to_vec();
        let details = [String::new(), String::new(), "sso".to_owned(), tags.join(", "), email];
        Self { target, session: Some(session.clone()), cells, details, tags }
    }

    /// Says on one line who it is.
    pub(crate) fn answer(&self) -> String {
        let [_, name, role, account_id, session] = &self.cells;
        let [_, region, kind, ..] = &self.details;
        let account = [name, account_id].into_iter().filter(|text| !text.is_empty());
        let account = account.cloned().collect::<Vec<_>>().join(" ");
        let parts =
            [role, &account, session, region, kind].into_iter().filter(|part| !part.is_empty());
        let parts = parts.cloned().collect::<Vec<_>>().join(", ");
        match &self.target.session.profile {
            Some(profile) => format!("{profile} ({parts})"),
            None => parts,
        }
    }

    /// Whether nothing but the session tells it from another one.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let ([left @ .., _], [right @ .., _]) = (&self.cells, &other.cells);
        left == right
    }

    /// Whether each word is a part of it, as `is_part` says.
    pub(crate) fn fits(&self, words: &[String], is_part: fn(&str, &str) -> bool) -> bool {
        let cells: Vec<_> =
            self.cells.iter().chain(&self.tags).map(|cell| cell.to_lowercase()).collect();
        words.iter().all(|word| cells.iter().any(|cell| is_part(cell, word)))
    }
}

/// What there is to choose from.
pub(crate) struct Known {
    /// Every profile that leads to credentials, and every role of the index that none of them has; what
    /// is used most comes first.
    pub(crate) entries: Vec<Entry>,
    /// The sessions whose roles nobody has listed, or of which the listing is gone.
    pub(crate) unlisted: Vec<Session>,
}

impl Known {
    /// Keeps what is of the sessions that the options mean.
    pub(crate) fn only_of(&mut self, said: &SessionArgs) {
        let is_any = *said == SessionArgs::default();
        let is_meant = |entry: &Entry| entry.session.as_ref().is_some_and(|it| said.means(it));
        self.entries.retain(|entry| is_any || is_meant(entry));
        self.unlisted.retain(|session| said.means(session));
    }
}

/// Finds out what there is to choose from.
pub(crate) fn known(world: &World, sections: &Sections<'_>) -> Result<Known, Failure> {
    let labels = Labels::load(world)?;
    let caches = world.caches();
    let (configured, _) = sessions::all(sections);
    let indexes: Vec<(Session, Index)> = configured
        .into_iter()
        .map(|known| {
            let index = known.index(&caches);
            (known.session, index)
        })
        .collect();
    let account_of = |account_id: &str| {
        indexes.iter().find_map(|(_, index)| Some(&index.account(account_id)?.account))
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
        let account = account_of(&account_id);
        let text = |text: Option<&String>| text.cloned().unwrap_or_default();
        let email = text(account.and_then(|account| account.email_address.as_ref()));
        let region = text(identity.region.as_ref());
        let tags = labels.tags(&account_id).to_vec();
        let details = [String::new(), region, identity.kind().to_owned(), tags.join(", "), email];
        let portal = account.and_then(|account| account.account_name.as_deref());
        let account_name = labels.own_name(&account_id).or(portal).unwrap_or_default().to_owned();
        let cells = [
            name.to_owned(),
            account_name,
            row.role_name.unwrap_or_default(),
            account_id,
            row.session.unwrap_or_default(),
        ];
        let (target, session) = (Target::default().with_profile(name), identity.session());
        entries.push(Entry { target, session: session.cloned(), cells, details, tags });
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
                    entries.push(Entry::of_role(session, &assigned.account, role_name, &labels));
                }
            }
        }
    }
    let (history, now) = (History::load(world), SystemTimes.now().unix());
    let weigh = |mut entry: Entry| {
        let name = entry.target.name();
        if let Some(at) = history.last_use(&name) {
            entry.details[0] = format!(
                "used {} ago",
                span(Duration::from_secs(now.saturating_sub(at).unsigned_abs()))
            );
        }
        (history.weight(&name, now), entry)
    };
    let mut weighed: Vec<_> = entries.into_iter().map(weigh).collect();
    weighed.sort_by(|(left, _), (right, _)| right.total_cmp(left));
    let entries = weighed.into_iter().map(|(_, entry)| entry).collect();
    let unlisted = indexes.into_iter().filter(|(_, index)| index.listed_at().is_none());
    Ok(Known { entries, unlisted: unlisted.map(|(session, _)| session).collect() })
}
