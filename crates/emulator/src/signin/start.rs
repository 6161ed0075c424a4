use http::{Response, StatusCode};

use crate::markup::{escape, render};
use crate::reply;
use crate::scenario::Scenario;

/// The page behind a start URL, which names the region of its Identity Center.
pub(crate) fn start(scenario: &Scenario) -> Response<Vec<u8>> {
    let template = include_str!("../../templates/start.html");
    let page = render(template, &[("region", &escape(&scenario.region))]);
    reply::html(StatusCode::OK, page.to_string())
}
