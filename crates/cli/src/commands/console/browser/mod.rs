//! Which browser opens the console, and in which profile or container. Commands are argument vectors:
//! no shell sees a URL.

mod chromium;
mod container;

use std::process::{Command, Stdio};

use login::Browser;
use providers::{Base, Identity};
use shared_config::{Section, Sections};

use self::container::Tab;
use crate::args::{Console, Container, Target};
use crate::env::World;
use crate::exit::{Exit, Failure};

/// How a page is opened.
#[derive(Debug)]
pub(super) enum Opening {
    /// As the desktop or `BROWSER` says.
    Desktop(Browser),
    /// By a command, in which `{url}` stands for the page.
    Command(Vec<String>),
    /// In a profile of a browser of the Chromium family.
    Profile { program: String, directory: String },
    /// In a container of Firefox.
    Container { program: String, tab: Tab },
}

impl Opening {
    /// What the command line, the profile or the session says; `None` where there is no browser.
    pub(super) fn chosen(
        arguments: &Console,
        world: &World,
        target: &Target,
        identity: &Identity,
    ) -> Result<Option<Self>, Failure> {
        let files = world.files()?;
        let sections = Sections::parse(&files);
        let settings = Settings::of(&sections, target, identity);
        let command = arguments.browser.as_deref().or_else(|| settings.value(&["keyfob_browser"]));
        let words = command.map(words).transpose()?;
        let of_browser = settings.value(&["keyfob_browser_profile"]);
        let profile = arguments.browser_profile.as_deref().or(of_browser);
        let container = match (arguments.container, settings.value(&["keyfob_container"])) {
            (Some(container), _) => Some(container),
            // What the command line says stands before what the config does.
            (None, _) if arguments.browser_profile.is_some() => None,
            (None, Some("firefox")) => Some(Container::Firefox),
            (None, Some("granted")) => Some(Container::Granted),
            (None, Some(other)) => {
                let error = format!("keyfob_container is `firefox` or `granted`, not `{other}`");
                return Err(Failure::usage(error));
            }
            (None, None) => None,
        };
        let program = || words.as_ref().and_then(|words| words.first()).cloned();
        if let Some(extension) = container {
            let program = program().or_else(|| container::program(world));
            let program = program.ok_or_else(|| no_program("Firefox"))?;
            let tab = Tab::new(extension, world, target, identity, &settings)?;
            return Ok(Some(Self::Container { program, tab }));
        }
        if let Some(name) = profile {
            let (program, directory) = chromium::profile(world, program(), name)
                .ok_or_else(|| no_program("Chrome, Chromium, Brave, Edge or Vivaldi"))?;
            return Ok(Some(Self::Profile { program, directory }));
        }
        Ok(match words {
            Some(words) => Some(Self::Command(words)),
            None => Browser::of(&world.environment).map(Self::Desktop),
        })
    }

    /// Opens a page, and does not wait for the browser.
    pub(super) fn open(&self, url: &str) -> Result<(), Failure> {
        let failed = |what: &str, error: std::io::Error| {
            Failure::new(Exit::Other, format!("{what} cannot be started: {error}"))
                .with_hint("name another one with --browser, or use --print")
        };
        let Some(words) = self.command(url)? else {
            let Self::Desktop(browser) = self else { return Ok(()) };
            return browser.open(url).map_err(|error| failed("a browser", error));
        };
        let Some((program, arguments)) = words.split_first() else { return Ok(()) };
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let shown = wire::printable(program);
        command.spawn().map(drop).map_err(|error| failed(&format!("`{shown}`"), error))
    }

    /// The words of a command that opens a page, unless the desktop does.
    fn command(&self, url: &str) -> Result<Option<Vec<String>>, Failure> {
        Ok(Some(match self {
            Self::Desktop(_) => return Ok(None),
            Self::Command(words) => words.iter().map(|word| filled(word, url)).collect(),
            Self::Profile { program, directory } => vec![
                program.clone(),
                format!("--profile-directory={directory}"),
                "--no-first-run".to_owned(),
                "--no-default-browser-check".to_owned(),
                url.to_owned(),
            ],
            Self::Container { program, tab } => {
                vec![program.clone(), "--new-tab".to_owned(), tab.uri(url)]
            }
        }))
    }
}

/// What a profile says of browsers, and its session after it.
pub(super) struct Settings<'s, 'a>(Vec<Section<'s, 'a>>);

impl<'s, 'a> Settings<'s, 'a> {
    fn of(sections: &'s Sections<'a>, target: &Target, identity: &Identity) -> Self {
        let profile = target.session.profile.as_deref();
        let profile = profile.and_then(|name| sections.profile_section(name));
        let session = match &identity.base {
            Base::Sso(sso) => sso.session.name.as_deref(),
            _ => None,
        };
        let mut all = sections.sso_sessions();
        let session = session.and_then(|name| all.find(|section| section.name() == name));
        Self(profile.into_iter().chain(session).collect())
    }

    /// The value of the first of several settings that is there.
    pub(super) fn value(&self, names: &[&str]) -> Option<&'a str> {
        let of = |section: &Section<'s, 'a>| names.iter().find_map(|name| section.value(name));
        self.0.iter().find_map(of)
    }
}

/// The words of a command. A program alone gets the page as its argument; a command says where.
fn words(command: &str) -> Result<Vec<String>, Failure> {
    let words = shlex::split(command).filter(|words| !words.is_empty());
    let Some(mut words) = words else {
        return Err(Failure::usage(format!("the browser `{command}` cannot be read")));
    };
    if !words.iter().any(|word| PLACES.iter().any(|place| word.contains(place))) {
        if words.len() > 1 {
            let error = format!("the browser `{command}` does not say where the page stands");
            return Err(
                Failure::usage(error).with_hint(format!("add {{url}}: `{command} {{url}}`"))
            );
        }
        words.push("{url}".to_owned());
    }
    Ok(words)
}

/// What stands for the page, here and in other tools.
const PLACES: [&str; 3] = ["{url}", "%u", "%s"];

fn filled(word: &str, url: &str) -> String {
    // Once: what is in a URL is no place.
    match PLACES.iter().find_map(|place| word.split_once(place)) {
        Some((before, after)) => format!("{before}{url}{after}"),
        None => word.to_owned(),
    }
}

fn no_program(what: &str) -> Failure {
    Failure::new(Exit::Other, format!("there is no {what} on the PATH"))
        .with_hint("name the program with --browser")
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://x.example/?a=%s&b={url}%u";

    #[test]
    fn a_program_gets_the_page_and_a_command_says_where() {
        let opened =
            |command| Opening::Command(words(command).unwrap()).command(URL).unwrap().unwrap();
        assert_eq!(opened("firefox"), ["firefox", URL]);
        assert_eq!(opened("'/opt/My Browser/b'"), ["/opt/My Browser/b", URL]);
        assert_eq!(opened("b --app={url} x"), ["b", &format!("--app={URL}"), "x"]);
        assert_eq!(opened("b %u"), ["b", URL]);
        assert_eq!(opened("b '$(id)' '%s'"), ["b", "$(id)", URL]);
        for bad in ["", "b --new-window", "'b"] {
            assert!(words(bad).is_err(), "{bad}");
        }
    }
}
