//! `keyfob roles diff`: what changed in what is assigned.

use assignments::{Change, ChangeKind, Changes, Listing};
use serde::Serialize;
use shared_config::Sections;
use wire::Timestamp;

use crate::args::{Output, RolesDiff};
use crate::env::World;
use crate::exit::Failure;
use crate::labels::Labels;
use crate::listing::{fetch, told_of_failures};
use crate::sessions;
use crate::table::for_stdout;
use crate::ui::{json_document, print, talk};

pub(super) fn run(arguments: &RolesDiff) -> Result<(), Failure> {
    let world = World::capture()?;
    let files = world.files()?;
    let sections = Sections::parse(&files);
    let said = arguments.session.completed(&sections, &world)?;
    let session = sessions::chosen_session(&sections, &world.environment, &said)?;
    let network = said.network(&sections, &world)?;
    let labels = Labels::load(&world)?;
    let (_, failed) = fetch(&world, &session, &network, &labels, arguments.refresh)?;
    let mut changes = Listing::changes(&session, &world.caches());
    if let Some(Changes { list, .. }) = &mut changes {
        list.iter_mut().for_each(|change| name(change, &labels));
        list.sort_by(|one, other| order(one).cmp(&order(other)));
    }
    match arguments.output {
        Output::Json => print(json_document(&Document::of(changes.as_ref())).as_bytes())?,
        Output::Text => show(changes.as_ref())?,
    }
    told_of_failures(failed.len())
}

/// Gives an account the name of the person's own; of one that was renamed, both are the portal's.
fn name(change: &mut Change, labels: &Labels) {
    let own = labels.own_name(&change.account_id);
    if let (Some(own), ChangeKind::New | ChangeKind::Gone) = (own, &change.kind) {
        change.account_name = Some(own.to_owned());
    }
}

/// What people sort by: the name, then what is unique.
fn order(change: &Change) -> (Option<&str>, &str, Option<&str>) {
    (change.account_name.as_deref(), &change.account_id, change.role_name.as_deref())
}

fn show(changes: Option<&Changes>) -> Result<(), Failure> {
    let Some(Changes { since, until, list, .. }) = changes else {
        talk("There is no earlier listing to compare with.");
        return Ok(());
    };
    if list.is_empty() {
        talk(&format!("Nothing has changed from {since} to {until}."));
        return Ok(());
    }
    talk(&format!("Changed between {since} and {until}:"));
    print(for_stdout(list.iter().map(line)).as_bytes())
}

fn line(change: &Change) -> Vec<String> {
    let name = |name: &Option<String>| name.clone().unwrap_or_default();
    let role = change.role_name.clone().unwrap_or_default();
    let (sign, what) = match &change.kind {
        ChangeKind::Gone => ("-", role),
        ChangeKind::Renamed { from, .. } => ("~", format!("was {}", name(from))),
        _ => ("+", role),
    };
    vec![sign.to_owned(), change.account_id.clone(), name(&change.account_name), what]
}

/// The form that `docs/schema/roles-diff.json` promises.
#[derive(Serialize)]
struct Document<'c> {
    since: Option<String>,
    until: Option<String>,
    changes: Vec<Item<'c>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'c> {
    change: &'static str,
    account_id: &'c str,
    account_name: Option<&'c str>,
    former_name: Option<&'c str>,
    role_name: Option<&'c str>,
}

impl<'c> Document<'c> {
    fn of(changes: Option<&'c Changes>) -> Self {
        let time = |of: fn(&Changes) -> Timestamp| changes.map(|changes| of(changes).to_string());
        let items = changes.into_iter().flat_map(|changes| &changes.list).map(Item::of);
        Self {
            since: time(|changes| changes.since),
            until: time(|changes| changes.until),
            changes: items.collect(),
        }
    }
}

impl<'c> Item<'c> {
    fn of(change: &'c Change) -> Self {
        let (word, former_name) = match &change.kind {
            ChangeKind::Gone => ("gone", None),
            ChangeKind::Renamed { from, .. } => ("renamed", from.as_deref()),
            _ => ("new", None),
        };
        Self {
            change: word,
            account_id: &change.account_id,
            account_name: change.account_name.as_deref(),
            former_name,
            role_name: change.role_name.as_deref(),
        }
    }
}
