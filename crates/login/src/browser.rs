use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use shared_config::Environment;

use crate::choose::has_browser;

/// Opens pages: with the command of `BROWSER`, else as the desktop does.
#[derive(Clone, Debug)]
pub struct Browser {
    command: Option<OsString>,
}

impl Browser {
    /// Returns the one in front of the person: over SSH and without a display there is none, unless
    /// `BROWSER` is set.
    pub fn of(environment: &Environment) -> Option<Self> {
        has_browser(environment).ok()?;
        Some(Self { command: environment.get_os("BROWSER").map(OsStr::to_owned) })
    }

    /// Opens a page without waiting for the browser; only https, and http on this machine.
    ///
    /// `BROWSER` is a command that gets the URL as its last argument, or in the place of `%s`. What
    /// has a blank in it is quoted as in a shell, but for the path of a file that is all there is.
    /// Several commands are separated as the directories of `PATH` are, by colons or on Windows by
    /// semicolons, and the first one that can be run is.
    ///
    /// # Errors
    /// Fails where no command can be run. What a command meets is not told.
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
            // The openers of the desktop, in the order in which there may be one.
            None => first_that_runs(openers(url)),
        }
    }
}

#[cfg(not(windows))]
fn openers(url: &str) -> Vec<Command> {
    open::commands(url)
}

/// Without a shell, for which `&` and `%` are not a part of the URL.
#[cfg(windows)]
fn openers(url: &str) -> Vec<Command> {
    let mut rundll = Command::new("rundll32.exe");
    rundll.args(["url.dll,FileProtocolHandler", url]);
    let mut explorer = Command::new("explorer.exe");
    explorer.arg(url);
    vec![rundll, explorer]
}

fn run_first(commands_of: &OsStr, url: &str) -> io::Result<()> {
    let is_file = |path: &str| Path::new(path).is_file();
    let all = commands(&commands_of.to_string_lossy(), url, cfg!(windows), is_file);
    first_that_runs(all.iter().filter_map(|words| {
        let (program, arguments) = words.split_first()?;
        let mut command = Command::new(program);
        command.args(arguments);
        Some(command)
    }))
}

/// Nobody waits for the command: some openers wait for their browser, and the listener must answer
/// meanwhile.
fn first_that_runs(commands: impl IntoIterator<Item = Command>) -> io::Result<()> {
    let mut result = Err(io::Error::other("there is no command that opens a page"));
    for mut command in commands {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        result = command.spawn().map(drop);
        if result.is_ok() {
            break;
        }
    }
    result
}

/// The words of each command in `BROWSER`, the URL among them. A command with a quotation mark that
/// is not closed is left out.
fn commands(
    browser: &str,
    url: &str,
    is_windows: bool,
    is_file: impl Fn(&str) -> bool,
) -> Vec<Vec<String>> {
    let words = |command: &str| {
        if is_file(command) {
            return Some(vec![command.to_owned()]);
        }
        // There a backslash separates names, and is written as two for a shell.
        let escaped = is_windows.then(|| command.replace('\\', r"\\"));
        shlex::split(escaped.as_deref().unwrap_or(command))
    };
    let with_url = |words: Vec<String>| {
        let has_place = words.iter().any(|word| word.contains("%s"));
        let last = (!has_place).then(|| url.to_owned());
        words.into_iter().map(|word| word.replace("%s", url)).chain(last).collect()
    };
    browser
        .split(if is_windows { ';' } else { ':' })
        .map(str::trim)
        .filter_map(words)
        .filter(|words| !words.is_empty())
        .map(with_url)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_pages_than_https_are_not_opened() {
        let environment = Environment::from_pairs([("BROWSER", "true")]);
        let browser = Browser::of(&environment).unwrap();
        for url in ["file:///etc/passwd", "http://example.com/", "javascript:alert(1)", "x"] {
            assert!(browser.open(url).is_err(), "{url}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_first_command_that_can_be_run_is() {
        let open = |browser| {
            let environment = Environment::from_pairs([("BROWSER", browser)]);
            Browser::of(&environment).unwrap().open("https://d-1.awsapps.com/start").is_ok()
        };
        assert!(open("/nonexistent/browser:true %s"));
        assert!(!open("/nonexistent/browser"));
    }

    const URL: &str = "https://d-1.awsapps.com/start?a=%73&b=c";

    /// The commands of a machine that has these files.
    fn parsed(browser: &str, is_windows: bool, files: &[&str]) -> Vec<Vec<String>> {
        commands(browser, URL, is_windows, |path| files.contains(&path))
    }

    #[test]
    fn the_url_comes_last_or_where_it_is_wanted() {
        assert_eq!(parsed("w3m", false, &[]), [["w3m", URL]]);
        assert_eq!(parsed("firefox -P work", false, &[]), [["firefox", "-P", "work", URL]]);
        let command = "open --url=%s --wait";
        assert_eq!(parsed(command, false, &[]), [["open", &format!("--url={URL}"), "--wait"]]);
    }

    #[test]
    fn colons_separate_commands_but_on_windows_semicolons_do() {
        assert_eq!(parsed("firefox %s:: w3m", false, &[]), [["firefox", URL], ["w3m", URL]]);
        let chrome = r"C:\chrome.exe";
        assert_eq!(parsed(r"C:\chrome.exe;edge", true, &[]), [[chrome, URL], ["edge", URL]]);
        assert!(parsed("", false, &[]).is_empty() && parsed(" ; ", true, &[]).is_empty());
    }

    #[test]
    fn a_path_may_have_blanks_where_it_is_quoted_or_all_there_is() {
        let chrome = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
        assert_eq!(parsed(&format!("\"{chrome}\" %s"), false, &[]), [[chrome, URL]]);
        assert_eq!(parsed(chrome, false, &[chrome]), [[chrome, URL]]);
        let (plain, firefox) = (r"C:\Program Files\x.exe", r"C:\Program Files\Firefox\f.exe");
        assert_eq!(parsed(plain, true, &[plain]), [[plain, URL]]);
        let quoted = format!("\"{firefox}\" -new-tab %s;{plain}");
        let commands = parsed(&quoted, true, &[plain]);
        assert_eq!(commands, [vec![firefox, "-new-tab", URL], vec![plain, URL]]);
    }

    #[test]
    fn a_quotation_that_is_not_closed_is_no_command() {
        assert_eq!(parsed("'a b:w3m", false, &[]), [["w3m", URL]]);
    }
}
