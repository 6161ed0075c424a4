//! Tells how a sign-in stands: `show_token DIRECTORY SESSION`, where the directory is
//! `~/.aws/sso/cache` for everybody.
#![expect(clippy::print_stdout, reason = "a program of its own")]

use token_cache::{Directory, SessionKey, TokenError, wire::SystemTimes};

fn main() {
    let [directory, session] = [1, 2].map(|index| std::env::args().nth(index).unwrap_or_default());
    println!("{}", show(&directory, &session).unwrap_or_else(|error| error.to_string()));
}

fn show(directory: &str, session: &str) -> Result<String, TokenError> {
    let token = Directory::new(directory).token(SessionKey::Session(session))?;
    let verb = if token.is_expired(SystemTimes.now()) { "expired" } else { "expires" };
    Ok(format!("the token of {session} {verb} at {}", token.expires_at))
}

#[test]
fn it_tells_a_token_that_lives_from_a_dead_one_and_from_none() {
    use token_cache::{CacheKey, CachedToken, wire::Timestamp};
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().to_str().unwrap();
    assert!(show(directory, "dev").unwrap_err().to_string().starts_with("not signed in to `dev`"));
    let shown = |expires_at| {
        let token = CachedToken::new("t".into(), Timestamp::parse(expires_at).unwrap());
        let file = Directory::new(directory).file(&CacheKey::for_session("dev"));
        file.replace(token.to_vec().expose()).unwrap();
        show(directory, "dev").unwrap()
    };
    let dead = shown("2026-01-02T03:04:05Z");
    assert_eq!(dead, "the token of dev expired at 2026-01-02T03:04:05Z");
    let lives = shown("2999-01-02T03:04:05Z");
    assert_eq!(lives, "the token of dev expires at 2999-01-02T03:04:05Z");
}
