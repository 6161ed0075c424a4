use http::{Response, StatusCode};

use super::page;
use crate::markup::{escape, render};
use crate::scenario::Scenario;

/// Tells what the emulator is and whom it knows.
pub(crate) fn index(scenario: &Scenario) -> Response<Vec<u8>> {
    let users = scenario.users.iter().map(|user| {
        let accounts = scenario.assigned_accounts(&user.email).map(|account| {
            let name = account.name.as_ref().unwrap_or(&account.id);
            let roles = account.roles.join(", ");
            render(
                "<li>{{name}} <small>{{id}} · {{roles}}</small></li>",
                &[
                    ("name", &escape(name)),
                    ("id", &escape(&account.id)),
                    ("roles", &escape(&roles)),
                ],
            )
        });
        render(
            "<h2>{{name}} <small>{{email}}</small></h2><ul>{{accounts}}</ul>",
            &[
                ("name", &escape(&user.name)),
                ("email", &escape(&user.email)),
                ("accounts", &accounts.collect()),
            ],
        )
    });
    let body = render(
        include_str!("../../templates/index.html"),
        &[("start_url", &escape(&scenario.start_urls.join(" "))), ("users", &users.collect())],
    );
    page::show(StatusCode::OK, "Identity Center emulator", &body)
}
