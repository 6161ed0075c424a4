//! Tells how a sign-in stands: `show_token DIRECTORY SESSION`, where the directory is
//! `~/.aws/sso/cache` for everybody.

use std::path::Path;

use token_cache::{CacheKey, CachedToken, Directory, Policy};
use wire::Timestamp;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [directory, session] = arguments.as_slice() else {
        say("usage: show_token DIRECTORY SESSION");
        return;
    };
    #[expect(clippy::disallowed_methods, reason = "a program of its own reads the clock itself")]
    let now = Timestamp::from(std::time::SystemTime::now());
    match show(Path::new(directory), session, now) {
        Ok(text) => say(&text),
        Err(error) => say(&format!("{session}: {error}")),
    }
}

fn show(
    directory: &Path,
    session: &str,
    now: Timestamp,
) -> Result<String, Box<dyn std::error::Error>> {
    let file = Directory::new(directory).file(&CacheKey::for_session(session));
    let Some(bytes) = file.load()? else { return Ok(format!("{session}: not signed in")) };
    let token = CachedToken::from_slice(&bytes)?;
    let freshness = token.freshness(now, file.last_attempt(), &Policy::default());
    Ok(format!("{session}: {freshness:?} until {}", token.expires_at))
}

#[expect(clippy::print_stdout, reason = "the point of the example")]
fn say(text: &str) {
    println!("{text}");
}

#[test]
fn it_tells_a_token_from_none() {
    let directory = tempfile::tempdir().unwrap();
    let now = Timestamp::parse("2026-01-02T03:04:05Z").unwrap();
    assert_eq!(show(directory.path(), "dev", now).unwrap(), "dev: not signed in");
    let file = Directory::new(directory.path()).file(&CacheKey::for_session("dev"));
    let token = CachedToken::new(wire::Secret::from("t"), now + std::time::Duration::from_secs(60));
    file.replace(token.to_vec().expose()).unwrap();
    let shown = show(directory.path(), "dev", now).unwrap();
    assert_eq!(shown, "dev: Fresh until 2026-01-02T03:05:05Z");
}
