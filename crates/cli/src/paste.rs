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
        let is_plain = |c: char| c.is_alphanumeric() || r"-_./:\=@,+~#".contains(c);
        let is_plain = !printable.is_empty() && printable.chars().all(is_plain);
        return if is_plain { printable } else { format!("\"{printable}\"") };
    }
    // No NUL is left, which is all that could not be quoted.
    shlex::try_quote(&printable).map_or_else(|_| String::new(), |quoted| quoted.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

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
