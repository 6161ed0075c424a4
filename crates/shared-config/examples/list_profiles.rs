//! Lists the profiles of a home directory and where each gets its credentials:
//! `list_profiles HOME`.

use shared_config::{Environment, Files, Locations, Sections};

fn main() {
    let Some(home) = std::env::args().nth(1) else {
        say("usage: list_profiles HOME");
        return;
    };
    match list(&home) {
        Ok(lines) => lines.iter().for_each(|line| say(line)),
        Err(error) => say(&error.to_string()),
    }
}

fn list(home: &str) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let locations = Locations::from_env(&Environment::from_pairs([("HOME", home)]))?;
    let files = Files::load(&locations)?;
    let sections = Sections::parse(&files);
    let describe = |name: &str| match sections.profile(name).and_then(|profile| profile.sso()) {
        Ok(Some(sso)) => format!(
            "{name}: {} in {}",
            sso.role_name.unwrap_or("no role"),
            sso.account_id.unwrap_or("no account")
        ),
        Ok(None) => format!("{name}: no SSO settings"),
        Err(error) => format!("{name}: {error}"),
    };
    Ok(sections.profiles().map(|section| describe(section.name())).collect())
}

#[expect(clippy::print_stdout, reason = "the point of the example")]
fn say(text: &str) {
    println!("{text}");
}

#[test]
fn it_lists_good_and_bad_profiles() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".aws")).unwrap();
    let config = "[default]\nregion = x\n[profile dev]\nsso_session = gone\n";
    #[expect(clippy::disallowed_methods, reason = "a file of the test's own")]
    std::fs::write(home.path().join(".aws/config"), config).unwrap();
    let lines = list(home.path().to_str().unwrap()).unwrap();
    assert_eq!(lines[0], "default: no SSO settings");
    assert!(lines[1].contains("names the sso-session `gone`"), "{lines:?}");
}
