//! What a person may do, as commands show it.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::io::{IsTerminal, stderr, stdout};
use std::sync::{Arc, mpsc};

use assignments::{Assigned, AssignedAccount, Event, Listing, Request};
use providers::{Network, Session};
use shared_config::Sections;

use crate::args::{Filter, List, ListOutput, Listed};
use crate::env::World;
use crate::exit::{Exit, Failure};
use crate::labels::Labels;
use crate::log::StderrLog;
use crate::rows::{Kind, Row, json_lines, sort, to_vec};
use crate::ui::{Unprinted, clear_bar, draw_bar, print_while_read, talk};
use crate::{net, sessions};

/// Lists accounts or roles, and prints them: as they come where the output can take that, else
/// sorted.
pub(crate) fn show(arguments: &List, kind: Kind) -> Result<(), Failure> {
    let List { listed, filter } = arguments;
    let labels = Labels::load(&World::capture()?)?;
    let accounts = |account: &AssignedAccount| filter.has_account(account, &labels);
    // The roles are asked for only where they count.
    let roles = kind == Kind::Role || filter.role.is_some();
    let request =
        Request::all().with_accounts(&accounts).with_renew(listed.refresh).with_roles(roles);
    let streams = listed.output == ListOutput::Ndjson;
    let at_once = |one: &Assigned| match streams {
        true => json_lines(&rows(one, filter, kind, &labels), kind),
        false => Vec::new(),
    };
    print(listed, &labels, &request, at_once, |all| {
        if streams {
            return Ok(Vec::new());
        }
        let rows = all.iter().flat_map(|one| rows(one, filter, kind, &labels));
        let mut rows: Vec<_> = rows.collect();
        sort(&mut rows);
        to_vec(&rows, kind, listed)
    })
}

/// The rows of an account that the filter lets pass.
fn rows<'r>(
    assigned: &'r Assigned,
    filter: &Filter,
    kind: Kind,
    labels: &'r Labels,
) -> Vec<Row<'r>> {
    let roles = Row::of_roles(assigned, labels);
    let mut roles = roles.filter(|row| filter.has_role(row.role_name));
    match kind {
        Kind::Role => roles.collect(),
        Kind::Account if filter.role.is_some() && roles.next().is_none() => Vec::new(),
        Kind::Account => vec![Row::of_account(assigned, labels)],
    }
}

/// Lists what `request` wants, and prints what is made of each account as soon as it is known, and
/// what is made of all of them; accounts have the names that the person gave them.
pub(crate) fn print(
    listed: &Listed,
    labels: &Labels,
    request: &Request<'_>,
    mut at_once: impl FnMut(&Assigned) -> Vec<u8>,
    at_end: impl FnOnce(&[Assigned]) -> Result<Vec<u8>, Failure>,
) -> Result<(), Failure> {
    listed.table.only_where(matches!(listed.output, ListOutput::Csv | ListOutput::Table))?;
    let world = World::capture()?;
    let files = world.files()?;
    let sections = Sections::parse(&files);
    let said = listed.session.completed(&sections, &world)?;
    let session = sessions::chosen_session(&sections, &world.environment, &said)?;
    let network = said.network(&sections, &world)?;
    let context = net::context(&world, &network, Arc::new(StderrLog::default()))?;

    // A bar would run into rows that come meanwhile.
    let rows_come = listed.output == ListOutput::Ndjson && stdout().is_terminal();
    let has_bar = stderr().is_terminal() && !rows_come;
    let counts = Cell::new((0, 0));
    let failed = Cell::new(0);
    let listing = Listing::new(&context, &session);
    let (output, printed) = mpsc::channel();
    let list = async {
        let output = output; // ends with this
        let print = |data: Vec<u8>| {
            if !data.is_empty() {
                // Where nobody prints any more, this future is about to be dropped.
                drop(output.send(data));
            }
        };
        let mut watch = |event: Event<'_>| match event {
            Event::Known { assigned, .. } => print(at_once(&labels.named(assigned))),
            Event::Progress { done, total, .. } => {
                counts.set((done, total));
                if has_bar {
                    draw_bar(done, total, "accounts");
                }
            }
            Event::Failed { .. } => failed.set(failed.get() + 1),
            _ => say_that_it_waits(&event, &session),
        };
        let mut all = listing.list(request, &mut watch).await?;
        labels.rename(&mut all);
        print(at_end(&all)?);
        Ok(())
    };
    let result = net::run(None, net::with_thread(list, || print_all(printed)));
    clear_bar();
    result.map_err(|failure| match counts.get() {
        (done @ 1.., total) if listing.is_kept() => {
            let anew = if request.renew { " without --refresh" } else { "" };
            let kept = format!(
                "{done} of {total} accounts are kept, the same command{anew} goes on there"
            );
            let hint = failure.hint.as_ref().map(|hint| format!("{hint}; {kept}"));
            failure.with_hint(hint.unwrap_or(kept))
        }
        _ => failure,
    })?;
    told_of_failures(failed.get())
}

/// Fails where accounts could not be listed.
pub(crate) fn told_of_failures(count: usize) -> Result<(), Failure> {
    match count {
        0 => Ok(()),
        count => {
            let accounts = if count == 1 { "account" } else { "accounts" };
            let text = format!(
                "the roles of {count} {accounts} could not be listed; the others are there"
            );
            let failure = Failure::new(Exit::Other, text);
            Err(failure.with_hint("the same command asks for them again".to_owned()))
        }
    }
}

/// Returns all that is assigned, under the names that the person gave, and the accounts whose roles
/// could not be listed.
pub(crate) fn fetch(
    world: &World,
    session: &Session,
    network: &Network,
    labels: &Labels,
    renew: bool,
) -> Result<(Vec<Assigned>, BTreeSet<String>), Failure> {
    let context = net::context(world, network, Arc::new(StderrLog::default()))?;
    let listing = Listing::new(&context, session);
    let has_bar = stderr().is_terminal();
    let mut failed = BTreeSet::new();
    let mut watch = |event: Event<'_>| match event {
        Event::Progress { done, total, .. } if has_bar => draw_bar(done, total, "accounts"),
        Event::Failed { account_id, .. } => drop(failed.insert(account_id.to_owned())),
        event => say_that_it_waits(&event, session),
    };
    let request = Request::all().with_renew(renew);
    let list = async { Ok(listing.list(&request, &mut watch).await?) };
    let result = net::run(None, list);
    clear_bar();
    let mut all = result?;
    labels.rename(&mut all);
    let unknown = all.iter().filter(|assigned| assigned.roles.is_none());
    failed.extend(unknown.map(|assigned| assigned.account.account_id.clone()));
    Ok((all, failed))
}

/// Says that another process is waited for.
pub(crate) fn say_that_it_waits(event: &Event<'_>, session: &Session) {
    if let Event::Waiting = event {
        talk(&format!("Another keyfob lists `{session}`; waiting (Ctrl-C to stop) ..."));
    }
}

/// Prints what comes, on a thread of its own: a reader who takes his time holds up no signal.
fn print_all(output: mpsc::Receiver<Vec<u8>>) -> Result<(), Unprinted> {
    for data in output {
        if !print_while_read(&data)? {
            break;
        }
    }
    Ok(())
}
