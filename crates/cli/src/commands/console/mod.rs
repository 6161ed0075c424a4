//! `keyfob console`: the AWS console as a role.

mod browser;
mod federation;
pub(super) mod page;

use providers::{Base, Identity, Role, Session};
use wire::Secret;

use self::browser::Opening;
use self::federation::Federation;
#[cfg(feature = "emulator")]
pub(crate) use self::federation::SIGNIN_URL;
use self::page::Place;
use crate::args::{Aim, Console, Method, Target};
use crate::env::World;
use crate::exit::{Exit, Failure};
use crate::qr;
use crate::ui::{self, talk};

pub(crate) fn run(arguments: &Console) -> Result<(), Failure> {
    let world = World::capture()?;
    let (place, target) = aimed(&arguments.aim, &world)?;
    let identity = target.identity_or_provided(&world)?;
    let name = target.name();
    let role = sso_role(&identity)?;
    let method = method(arguments, role.is_some())?;
    let is_shown = arguments.print || arguments.copy || arguments.qr;
    let opening = match is_shown {
        true => None,
        false => Opening::chosen(arguments, &world, &target, &identity)?,
    };
    if method == Method::Federation && opening.is_none() && !is_shown {
        return Err(Failure::new(Exit::Other, "there is no browser here: over SSH, or no display")
            .with_hint("use --copy, --browser COMMAND, or --print in a place of your own"));
    }
    let (url, is_secret) = match role.filter(|_| method == Method::Link) {
        Some((session, role)) => {
            let region = page::region(&arguments.aim.page, &place, &target, &identity, &world)?;
            let url = link(&place, session, &role, Some(role.role_name), region.as_deref())?;
            (Secret::new(url), false)
        }
        None => {
            let federation = Federation::new(arguments, &world, &target, &identity, &place)?;
            (federation.url()?, true)
        }
    };
    let shown = wire::printable(&name);
    if arguments.print || arguments.qr {
        note_print(is_secret);
    }
    if arguments.qr {
        return ui::print(Secret::new(qr::drawn(url.expose())?).expose().as_bytes());
    }
    if arguments.print {
        return ui::print(line(&url).expose().as_bytes());
    }
    if arguments.copy {
        ui::copy(url.expose())?;
        talk(&format!("The URL of {shown} is in the clipboard of the terminal."));
        return Ok(());
    }
    match opening {
        Some(opening) => {
            opening.open(url.expose())?;
            let how = if is_secret { "federation" } else { "a link of the access portal" };
            talk(&format!("The console of {shown} opens in the browser, by {how}."));
            Ok(())
        }
        None => {
            talk("There is no browser here. Open this page where there is one:");
            ui::print(line(&url).expose().as_bytes())
        }
    }
}

/// Tells what a URL is worth before it stands on a screen.
fn note_print(is_secret: bool) {
    talk(match is_secret {
        true => "This URL signs in whoever opens it first, within 15 minutes. Do not share it.",
        false => "This link holds no secret. It works for whoever has the role.",
    });
}

fn line(url: &Secret<String>) -> Secret<String> {
    let mut line = String::with_capacity(url.expose().len() + 1);
    line.push_str(url.expose());
    line.push('\n');
    Secret::new(line)
}

/// The role of a session, where no other role is assumed with it.
pub(super) fn sso_role(identity: &Identity) -> Result<Option<(&Session, Role<'_>)>, Failure> {
    match &identity.base {
        Base::Sso(sso) if identity.hops.is_empty() => Ok(Some((&sso.session, sso.role()?))),
        _ => Ok(None),
    }
}

/// The method that is asked for, or that fits.
fn method(arguments: &Console, is_sso: bool) -> Result<Method, Failure> {
    let of_federation = arguments.duration.is_some() || arguments.logout_first;
    match arguments.method {
        Some(Method::Link) if !is_sso => Err(no_link("leave out --method link")),
        Some(Method::Link) if of_federation => {
            Err(Failure::usage("--duration and --logout-first are of --method federation"))
        }
        Some(method) => Ok(method),
        None if is_sso && !of_federation => Ok(Method::Link),
        None => Ok(Method::Federation),
    }
}

/// The shortcut of a role.
pub(super) fn link(
    place: &Place,
    session: &Session,
    role: &Role<'_>,
    role_name: Option<&str>,
    region: Option<&str>,
) -> Result<String, Failure> {
    let region = region.unwrap_or(&session.region);
    let partition = wire::partition(&session.region);
    let destination = place.destination(region, partition)?;
    place.check_account(role.account_id);
    Ok(signin_proto::shortcut_url(
        &session.start_url,
        role.account_id,
        role_name,
        destination.as_ref(),
    ))
}

/// Where in the console, and as whom.
pub(super) fn aimed(aim: &Aim, world: &World) -> Result<(Place, Target), Failure> {
    let place = Place::read(&aim.page)?;
    let target = aim.target.completed(&place.words(&aim.words, &aim.target), world)?;
    Ok((place, target))
}

/// A role that the portal knows nothing of has no link.
pub(super) fn no_link(hint: &str) -> Failure {
    let error = "the access portal has links for its own roles only, and this is another one";
    Failure::usage(error).with_hint(hint)
}
