//! `keyfob link`: a link to a page of the console that can be sent to a colleague.

use super::console::page::{self, Place};
use super::console::{chosen, link, sso_role};
use crate::args::{Link, LinkFormat};
use crate::env::World;
use crate::exit::Failure;
use crate::qr;
use crate::ui::{copy, print, talk};

pub(crate) fn run(arguments: &Link) -> Result<(), Failure> {
    let world = World::capture()?;
    let place = Place::read(&arguments.page)?;
    let (target, identity) = chosen(&arguments.target, &arguments.words, &place, &world)?;
    let Some((session, role)) = sso_role(&identity)? else {
        let error = "the access portal has links for its own roles only, and this is another one";
        return Err(
            Failure::usage(error).with_hint("name a profile with an sso-session and a role")
        );
    };
    let region = page::region(&arguments.page, &place, &target, &identity, &world)?;
    let role_name = (!arguments.any_role).then_some(role.role_name);
    let url = link(&place, session, &role, role_name, region.as_deref())?;
    if arguments.qr {
        return print(qr::drawn(&url)?.as_bytes());
    }
    let who = role_name.map(|name| format!(" as {name}")).unwrap_or_default();
    let text = format!("AWS console of {}{who}", role.account_id);
    let line = match arguments.format {
        LinkFormat::Plain => url,
        LinkFormat::Markdown => format!("[{text}]({url})"),
        LinkFormat::Slack => format!("<{url}|{text}>"),
    };
    if arguments.copy {
        copy(&line)?;
        talk("The link is in the clipboard of the terminal.");
        return Ok(());
    }
    print(format!("{line}\n").as_bytes())
}
