//! Commands that a person can paste into a shell.

use providers::Session;

/// Returns the command that signs in to a session.
pub(crate) fn login_command(session: &Session) -> String {
    format!("keyfob login {}", session_options(session))
}

/// Returns the options that name a session.
pub(crate) fn session_options(session: &Session) -> String {
    match &session.name {
        Some(name) => format!("--sso-session {}", quote(name)),
        None => format!(
            "--start-url {} --sso-region {}",
            quote(&session.start_url),
            quote(&session.region)
        ),
    }
}

/// Quotes a word for a POSIX shell, on Windows as `cmd.exe` and PowerShell read it, where it needs
/// it; characters that are not seen are escaped.
pub(crate) fn quote(word: &str) -> String {
    let printable = wire::printable(word);
    if cfg!(windows) {
        return quote_for_windows(&printable);
    }
    // No NUL is left, which is all that could not be quoted.
    shlex::try_quote(&printable).map_or_else(|_| String::new(), |quoted| quoted.into_owned())
}

/// What ends a quotation or is replaced within it, in one of the two, becomes a question mark: there is
/// no way to write it for both, and a command that is pasted must not run another one.
fn quote_for_windows(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || r"-_./:\=+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    // PowerShell takes typographic quotation marks for its own.
    let inside = word.replace(['"', '\u{201c}', '\u{201d}', '\u{201e}', '$', '`', '%', '!'], "?");
    format!("\"{inside}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_windows_a_pasted_word_runs_nothing() {
        assert_eq!(quote_for_windows("work-1.a"), "work-1.a");
        assert_eq!(quote_for_windows(""), "\"\"");
        assert_eq!(quote_for_windows("a b&c"), "\"a b&c\"");
        for hostile in
            ["a\" & calc & \"", "$(calc)", "`calc`", "%PATH%", "\u{201d}; calc; \u{201c}"]
        {
            let quoted = quote_for_windows(hostile);
            let inside = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap();
            let is_special = |c| "\"$`%!\u{201c}\u{201d}\u{201e}".contains(c);
            assert!(!inside.contains(is_special), "{quoted}");
        }
    }

    #[test]
    fn the_login_command_can_be_pasted() {
        let login = |session: Session| login_command(&session);
        assert_eq!(login(Session::named("dev", "u", "r")), "keyfob login --sso-session dev");
        let odd = login(Session::named("o'b x", "u", "r"));
        assert_eq!(shlex::split(&odd).unwrap(), ["keyfob", "login", "--sso-session", "o'b x"]);
        let hidden = login(Session::named("a\u{1b}[2J\nb\0", "u", "r"));
        assert!(!hidden.chars().any(wire::is_hidden), "{hidden:?}");
        assert_eq!(
            login(Session::legacy("https://d-1.awsapps.com/start#/", "eu-west-1")),
            "keyfob login --start-url 'https://d-1.awsapps.com/start#/' --sso-region eu-west-1"
        );
    }
}
