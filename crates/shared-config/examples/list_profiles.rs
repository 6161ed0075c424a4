//! Lists the profiles with their accounts and regions.
#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a program of its own")]

use shared_config::{Environment, Files, Locations, Profile, ProfileError, Sections};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{}", list(&Environment::new(std::env::vars_os()))?.join("\n"));
    Ok(())
}

fn list(environment: &Environment) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let files = Files::load(&Locations::from_env(environment)?)?;
    let line = |(name, profile): (&str, Result<Profile<'_, '_>, ProfileError>)| match profile {
        Ok(p) => [name, p.account_id().unwrap_or("-"), p.region().unwrap_or("-")].join("\t"),
        Err(error) => format!("{name}: {error}"),
    };
    Ok(Sections::parse(&files).each_profile().map(line).collect())
}

#[test]
fn it_lists_good_and_bad_profiles() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".aws")).unwrap();
    let config = "[default]\nregion = eu-west-1\n\
                  [profile dev]\nsso_account_id = 111122223333\n\
                  [profile admin]\nrole_arn = arn:aws:iam::444455556666:role/Admin\nregion = x\n\
                  [profile bad]\nno setting\n";
    std::fs::write(home.path().join(".aws/config"), config).unwrap();
    let lines = list(&Environment::from_pairs([("HOME", home.path().to_str().unwrap())])).unwrap();
    let good = ["default\t-\teu-west-1", "dev\t111122223333\t-", "admin\t444455556666\tx"];
    assert_eq!(lines[..3], good);
    assert!(lines[3].starts_with("bad: ") && lines[3].contains("config:9"), "{lines:?}");
}
