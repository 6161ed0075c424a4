//! `keyfob link`: a link to a page of the console that can be sent to a colleague.

use super::console::{aimed, link, no_link, page, sso_role};
use crate::args::{Link, LinkFormat};
use crate::env::World;
use crate::exit::Failure;
use crate::qr;
use crate::ui::{copy, print, talk};

pub(crate) fn run(arguments: &Link) -> Result<(), Failure> {
    let world = World::capture()?;
    let (place, target) = aimed(&arguments.aim, &world)?;
    let identity = target.identity(&world)?;
    let Some((session, role)) = sso_role(&identity)? else {
        return Err(no_link("name a profile with an sso-session and a role"));
    };
    let region = page::region(&arguments.aim.page, &place, &target, &identity, &world)?;
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
