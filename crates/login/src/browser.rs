use std::ffi::{OsStr, OsString};
use std::io;
use std::process::{Command, Stdio};

use shared_config::Environment;

/// Opens pages: with the command of `BROWSER`, else as the desktop does.
#[derive(Clone, Debug)]
pub struct Browser {
    command: Option<OsString>,
}

impl Browser {
    /// Takes `BROWSER` from the environment.
    pub fn from_env(environment: &Environment) -> Self {
        Self { command: environment.get_os("BROWSER").map(OsStr::to_owned) }
    }

    /// Opens a page without waiting for the browser; only https, and http on this machine.
    ///
    /// `BROWSER` is a command that gets the URL as its last argument, or in the place of `%s`;
    /// several are separated by colons, and the first one that can be run is.
    ///
    /// # Errors
    /// Fails where no command can be run. What the desktop's own opener meets is not told.
    pub fn open(&self, url: &str) -> io::Result<()> {
        let uri: http::Uri = url.parse().map_err(io::Error::other)?;
        let host = uri.host().unwrap_or_default();
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if wire::is_loopback(host) => {}
            _ => return Err(io::Error::other("only https pages are opened")),
        }
        match &self.command {
            Some(command) => run_first(command, url),
            None => {
                let url = url.to_owned();
                // Some openers wait for their browser, and the listener must answer meanwhile.
                std::thread::Builder::new().spawn(move || {
                    let mut options = webbrowser::BrowserOptions::new();
                    options.with_suppress_output(true);
                    let _ = webbrowser::open_browser_with_options(
                        webbrowser::Browser::Default,
                        &url,
                        &options,
                    );
                })?;
                Ok(())
            }
        }
    }
}

fn run_first(commands: &OsStr, url: &str) -> io::Result<()> {
    let mut result = Err(io::Error::other("BROWSER names no command"));
    for command in commands.to_string_lossy().split(':').filter(|command| !command.is_empty()) {
        let mut words: Vec<String> =
            command.split_whitespace().map(|word| word.replace("%s", url)).collect();
        if !command.contains("%s") {
            words.push(url.to_owned());
        }
        let Some((program, arguments)) = words.split_first() else { continue };
        result = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map(drop);
        if result.is_ok() {
            break;
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_pages_than_https_are_not_opened() {
        let environment = Environment::from_pairs([("BROWSER", "true")]);
        let browser = Browser::from_env(&environment);
        for url in ["file:///etc/passwd", "http://example.com/", "javascript:alert(1)", "x"] {
            assert!(browser.open(url).is_err(), "{url}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_first_command_that_can_be_run_is() {
        let open = |browser| {
            let environment = Environment::from_pairs([("BROWSER", browser)]);
            Browser::from_env(&environment).open("https://d-1.awsapps.com/start").is_ok()
        };
        assert!(open("/nonexistent/browser:true %s"));
        assert!(!open("/nonexistent/browser"));
    }
}
