//! `keyfob prompt`: a segment for the prompt of a shell, from the environment and files alone.

use anstream::ColorChoice;
use providers::{Identity, Target, resolve};
use shared_config::{Files, Sections};
use wire::{SystemTimes, Timestamp};

use super::switch::ROLE;
use crate::args::{Prompt, PromptFormat};
use crate::color::{Color, NEAR};
use crate::env::World;
use crate::exit::{Failure, printable};
use crate::pick;
use crate::ui::print;
use crate::variables::MARKER;

pub(crate) fn run(arguments: &Prompt) -> Result<(), Failure> {
    let world = World::capture()?;
    let environment = &world.environment;
    let profile = pick::of_environment(&world)?;
    let role = environment.get(MARKER).or_else(|| environment.get(ROLE));
    let Some(name) = role.or(profile) else { return Ok(()) };
    let now = SystemTimes.now();
    let end = match environment.get("AWS_CREDENTIAL_EXPIRATION") {
        Some(end) => Timestamp::parse(end).ok(),
        None => profile.and_then(|profile| end_of_sign_in(&world, profile, now)),
    };
    let left = end.map(|end| now.until(end).as_secs());
    let color = match left {
        Some(0) => Some(Color::Red),
        _ if is_risky(&world, name) => Some(Color::Red),
        Some(seconds) if seconds < NEAR => Some(Color::Yellow),
        _ => None,
    };
    let color = color.filter(|_| ColorChoice::global() != ColorChoice::Never);
    let text = match left {
        None => name.to_owned(),
        Some(0) => format!("{name} expired"),
        Some(seconds @ ..3600) => format!("{name} {}m", seconds.div_ceil(60)),
        Some(seconds) => format!("{name} {}h", seconds / 3600),
    };
    print(written(&printable(&text), color, arguments.format).as_bytes())
}

/// When the sign-in ends by itself; one that is refreshed has no such end.
fn end_of_sign_in(world: &World, profile: &str, now: Timestamp) -> Option<Timestamp> {
    let target = Target::profile(profile);
    let identity = resolve(&world.locations, &world.environment, &target).ok()?;
    let session = Identity::session(&identity)?;
    let token = world.caches().sso.token(session.key()).ok();
    match token {
        Some(token) if token.is_refreshable(now) => None,
        Some(token) => Some(token.expires_at),
        None => Some(Timestamp::from_unix(0)),
    }
}

/// Whether the profile is marked with `keyfob_risky = true`.
fn is_risky(world: &World, name: &str) -> bool {
    let Ok(files) = Files::load_for_profile(&world.locations, name) else { return false };
    let sections = Sections::for_profile(&files, name);
    let profile = sections.any_profile(name).ok();
    profile.and_then(|profile| profile.get("keyfob_risky")) == Some("true")
}

/// Writes the text in a color, as the prompt of a shell wants it: what takes no room is marked.
fn written(text: &str, color: Option<Color>, format: PromptFormat) -> String {
    // Shells read these in a prompt.
    let text = match format {
        PromptFormat::Zsh => text.replace('%', "%%"),
        PromptFormat::Tmux => text.replace('#', "##"),
        PromptFormat::Bash => text.replace(['\\', '$', '`'], "?"),
        PromptFormat::Plain | PromptFormat::Ansi => text.to_owned(),
    };
    let Some(color) = color else { return text };
    let (name, (begin, end)) = (color.name(), color.escapes());
    match format {
        PromptFormat::Plain => text,
        PromptFormat::Ansi => format!("{begin}{text}{end}"),
        PromptFormat::Bash => format!("\x01{begin}\x02{text}\x01{end}\x02"),
        PromptFormat::Zsh => format!("%F{{{name}}}{text}%f"),
        PromptFormat::Tmux => format!("#[fg={name}]{text}#[default]"),
    }
}
