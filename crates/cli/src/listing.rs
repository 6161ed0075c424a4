//! What a person may do, as commands show it.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io::{IsTerminal, stderr, stdout};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use assignments::{Account, Assigned, Event, Listing, Request};
use providers::Clock;
use shared_config::Sections;

use crate::args::{Filter, List, ListOutput, Listed};
use crate::env::{SystemClock, World};
use crate::exit::Failure;
use crate::log::StderrLog;
use crate::rows::{Columns, Row, json_lines, print_rows, sort};
use crate::ui::{draw_bar, print_while_read, say};
use crate::{net, sessions};

/// How long another process is waited for that is listing the same.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Lists accounts or roles, and prints them: as they come where the output can take that, else
/// sorted.
pub(crate) fn show(arguments: &List, columns: Columns) -> Result<(), Failure> {
    let List { listed, filter } = arguments;
    let accounts = |account: &Account| filter.has_account(account);
    // The roles are asked for only where they count.
    let roles = columns == Columns::Role || filter.role.is_some();
    let request = Request { accounts: &accounts, renew: listed.refresh, roles };
    let streams = listed.output == ListOutput::Ndjson;
    let mut print_now = |assigned: &Assigned| match streams {
        true => print_while_read(&json_lines(&rows(assigned, filter, columns), columns)),
        false => Ok(true),
    };
    let all = list(listed, &request, &mut print_now)?;
    if streams {
        return Ok(());
    }
    let mut rows: Vec<_> = all.iter().flat_map(|one| rows(one, filter, columns)).collect();
    sort(&mut rows);
    print_rows(&rows, columns, listed.output)
}

/// The rows of an account that the filter lets pass.
fn rows<'r>(assigned: &'r Assigned, filter: &Filter, columns: Columns) -> Vec<Row<'r>> {
    let mut roles = Row::of_roles(assigned).filter(|row| filter.has_role(row.role_name));
    match columns {
        Columns::Role => roles.collect(),
        Columns::Account if filter.role.is_some() && roles.next().is_none() => Vec::new(),
        Columns::Account => vec![Row::of_account(assigned)],
    }
}

/// Lists what `request` wants; `known` gets every account as soon as it is known, and tells whether
/// somebody waits for more.
pub(crate) fn list(
    listed: &Listed,
    request: &Request<'_>,
    known: &mut dyn FnMut(&Assigned) -> Result<bool, Failure>,
) -> Result<Vec<Assigned>, Failure> {
    let world = World::capture()?;
    let files = world.files()?;
    let sections = Sections::parse(&files);
    let profile = listed.profile.as_deref();
    let session = sessions::chosen(&sections, listed.sso_session.as_deref(), profile)?.session;
    let profile = profile.map(|name| sections.profile(name)).transpose()?;
    let mut context = net::context(&world.environment, profile.as_ref(), Arc::new(StderrLog));
    context.deadline = Some(SystemClock.now() + PATIENCE);

    // A bar would run into rows that come meanwhile.
    let rows_come = listed.output == ListOutput::Ndjson && stdout().is_terminal();
    let has_bar = stderr().is_terminal() && !rows_come;
    let counts = Cell::new((0, 0));
    let end = RefCell::new(None);
    let mut watch = |event: Event<'_>| match event {
        Event::Known { assigned, .. } => match known(assigned) {
            Ok(true) => {}
            Ok(false) => *end.borrow_mut() = Some(Ok(Vec::new())),
            Err(failure) => *end.borrow_mut() = Some(Err(failure)),
        },
        Event::Progress { done, total, .. } => {
            counts.set((done, total));
            if has_bar {
                draw_bar(done, total, "accounts");
            }
        }
        Event::Waiting => {
            say(&format!("Another keyfob lists `{session}`; waiting (Ctrl-C to stop) ..."));
        }
        _ => {}
    };
    let listing = Listing::new(&context, &session, &world.caches());
    let result = net::run(None, async {
        let mut listing = pin!(listing.list(request, &mut watch));
        let ended = poll_fn(|task| match end.take() {
            Some(ended) => Poll::Ready(ended),
            None => listing.as_mut().poll(task).map_err(Failure::from),
        });
        ended.await
    });
    // The last rows may have come with the end.
    let result = end.take().unwrap_or(result);
    result.map_err(|failure| match counts.get() {
        (done @ 1.., total) => {
            let kept =
                format!("{done} of {total} accounts are kept, the same command goes on there");
            let hint = failure.hint.as_ref().map(|hint| format!("{hint}; {kept}"));
            failure.with_hint(hint.unwrap_or(kept))
        }
        _ => failure,
    })
}
