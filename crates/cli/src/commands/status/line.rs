//! Sessions as lines of a table.

use std::io::stdout;

use anstream::{AutoStream, ColorChoice};
use chrono::{DateTime, Local};
use wire::Timestamp;

use super::state::State;
use crate::args::Status;
use crate::color::{Color, NEAR};
use crate::table::{self, Columns};
use crate::ui::span;

pub(crate) const COLUMNS: Columns = &[
    ("session", "SESSION"),
    ("sign-in", "SIGN-IN"),
    ("access-token", "ACCESS TOKEN"),
    ("session-ends", "SESSION ENDS"),
    ("role-credentials", "ROLE CREDENTIALS"),
];

/// Writes a line for each session, in colors where stdout takes them.
pub(super) fn lines(states: &[State], now: Timestamp, arguments: &Status) -> String {
    let rows = states.iter().map(|state| cells(state, now, arguments.utc));
    let table = arguments.table.lines(COLUMNS, table::header(COLUMNS), rows);
    let table = table::for_stdout(table);
    let header = (!arguments.table.no_header).then_some(None);
    let colors = header.into_iter().chain(states.iter().map(|state| color(state, now)));
    let is_colored = AutoStream::choice(&stdout()) != ColorChoice::Never;
    let lines = table.lines().zip(colors).map(|(line, color)| match color {
        Some(color) if is_colored => {
            let (begin, end) = color.escapes();
            format!("{begin}{line}{end}\n")
        }
        _ => format!("{line}\n"),
    });
    lines.collect()
}

fn cells(state: &State, now: Timestamp, utc: bool) -> Vec<String> {
    let at = |time| until(time, now, utc);
    let name = state.session.to_string();
    let signed_in = match state.is_signed_in() {
        Some(true) => "signed in",
        Some(false) => "signed out",
        None => "unreadable",
    };
    let none = || "-".to_owned();
    let token = state.known.token.as_ref().filter(|_| state.is_signed_in() == Some(true));
    let (access_token, session) = match token {
        None => (none(), none()),
        Some(token) if !token.is_refreshable(now) => (at(token.expires_at), "with it".to_owned()),
        Some(token) => {
            let latest = token.registration_expires_at.map(|end| format!(", by {}", at(end)));
            let session = format!("set by your administrator{}", latest.unwrap_or_default());
            (format!("{}, refreshed", at(token.expires_at)), session)
        }
    };
    let mut roles: Vec<_> = state.live_roles(now).map(|role| role.expiration).collect();
    roles.sort_unstable();
    let roles = match roles.as_slice() {
        [] => none(),
        [end] => format!("1, {}", at(*end)),
        [first, ..] => format!("{}, first {}", roles.len(), at(*first)),
    };
    vec![name, signed_in.to_owned(), access_token, session, roles]
}

/// The color of what wants something from a person.
fn color(state: &State, now: Timestamp) -> Option<Color> {
    if state.is_signed_in() != Some(true) {
        return Some(Color::Red);
    }
    let token = state.known.token.as_ref().filter(|token| !token.is_refreshable(now))?;
    (now.until(token.expires_at).as_secs() < NEAR).then_some(Color::Yellow)
}

/// Writes an instant by the clock on the wall, such as `14:05 (58 min)`.
fn until(time: Timestamp, now: Timestamp, utc: bool) -> String {
    let left = if time > now { span(now.until(time)) } else { "past".to_owned() };
    let local = |time: Timestamp| {
        DateTime::from_timestamp(time.unix(), 0).map(|at| at.with_timezone(&Local))
    };
    let clock = match (local(time), local(now)) {
        (Some(time), Some(now)) if !utc && time.date_naive() == now.date_naive() => {
            time.format("%H:%M").to_string()
        }
        (Some(time), _) if !utc => time.format("%Y-%m-%d %H:%M").to_string(),
        _ => time.to_string(),
    };
    format!("{clock} ({left})")
}
