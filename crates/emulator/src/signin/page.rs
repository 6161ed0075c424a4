use http::{Response, StatusCode};

use crate::approval::ApproveError;
use crate::markup::{Markup, escape, render};
use crate::reply;

pub(crate) fn icon() -> Response<Vec<u8>> {
    reply::svg(include_str!("../../templates/icon.svg"))
}

pub(crate) fn style() -> Response<Vec<u8>> {
    reply::css(include_str!("../../templates/style.css"))
}

pub(crate) fn portal_script() -> Response<Vec<u8>> {
    reply::script(include_str!("../../templates/portal.js"))
}

/// Puts a body into the frame that all pages share.
pub(super) fn show(status: StatusCode, title: &str, body: &Markup) -> Response<Vec<u8>> {
    reply::html(status, framed(title, &Markup::default(), body).to_string())
}

/// The same as text, with more in its head.
pub(super) fn framed(title: &str, head: &Markup, body: &Markup) -> Markup {
    let template = include_str!("../../templates/page.html");
    render(template, &[("title", &escape(title)), ("head", head), ("body", body)])
}

/// How it ended where nothing failed, which the page also shows by a sign before its heading.
#[derive(Clone, Copy)]
pub(super) enum Outcome {
    Approved,
    Denied,
}

pub(super) fn outcome(outcome: Outcome, title: &str, text: &str) -> Response<Vec<u8>> {
    match outcome {
        Outcome::Approved => told(StatusCode::OK, "approved", title, text),
        Outcome::Denied => told(StatusCode::OK, "denied", title, text),
    }
}

/// A page that tells of a failure.
pub(crate) fn message(status: StatusCode, title: &str, text: &str) -> Response<Vec<u8>> {
    told(status, "failed", title, text)
}

fn told(status: StatusCode, class: &str, title: &str, text: &str) -> Response<Vec<u8>> {
    let template = include_str!("../../templates/message.html");
    let values = [("class", &escape(class)), ("title", &escape(title)), ("text", &escape(text))];
    show(status, title, &render(template, &values))
}

pub(super) fn failure(error: &ApproveError) -> Response<Vec<u8>> {
    message(StatusCode::BAD_REQUEST, "Sign-in failed", &sentence(error))
}

/// The error as a page writes it.
pub(super) fn sentence(error: &ApproveError) -> String {
    let text = error.to_string();
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).chain(['.']).collect()
}
