//! One profile alone is read as among all others.

use conformance::{Corpus, Tally, corpus};
use serde_json::{Map, Value};
use shared_config::{Files, LoadError, ProfileError, Sections};

use crate::config_cases::{load, of_others, own};

/// Describes a profile with all its settings and where they stand, or why it is none.
fn described(sections: &Sections<'_>, name: &str) -> String {
    let profile = match sections.profile(name) {
        Ok(profile) => profile,
        Err(ProfileError::Unknown { .. }) => return "unknown".to_owned(),
        Err(error) => return error.to_string(),
    };
    let settings = profile.section().settings().map(|setting| {
        let place = sections.place(setting.file(), setting.line());
        let nested: Map<_, _> = setting
            .nested()
            .into_iter()
            .map(|nested| (nested.name.into_owned(), nested.value.into()))
            .collect();
        format!("{place} {}={:?} {}", setting.name(), setting.value(), Value::from(nested))
    });
    let settings: Vec<_> = settings.collect();
    let sso = profile.sso().map_err(|error| error.to_string());
    format!("{} {settings:?} {sso:?}", profile.place(""))
}

/// Compares every profile of the files, and some names of none.
fn compare(tally: &mut Tally, id: &str, files: Result<Files, LoadError>) {
    let Ok(files) = files else {
        tally.skip("the file is not UTF-8");
        return;
    };
    let all = Sections::parse(&files);
    let profiles = all.profiles().map(|section| section.name());
    let sessions = all.sso_sessions().map(|section| section.name());
    for name in profiles.chain(sessions).chain(["no such profile"]) {
        let alone = Sections::for_profile(&files, name);
        tally.compare(&format!("{id} {name}"), &described(&all, name), &described(&alone, name));
        for diagnostic in alone.diagnostics() {
            assert!(all.diagnostics().contains(diagnostic), "{id} {name}: {diagnostic}");
        }
    }
}

/// The files of a folder, by name.
fn folder(corpus: &Corpus, folder: &str) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(corpus.path(folder)).unwrap().map(|entry| entry.unwrap());
    let mut files: Vec<_> = entries
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name.clone(), corpus.read(&format!("{folder}/{name}")))
        })
        .collect();
    files.sort();
    files
}

#[test]
fn a_profile_of_our_cases_reads_the_same_alone() {
    let mut tally = Tally::new("weird-configs one profile", &[]);
    for case in own() {
        compare(&mut tally, &case.id, case.load());
    }
    tally.finish();
}

#[test]
fn a_profile_of_others_reads_the_same_alone() {
    let Some((cases, _)) = of_others() else { return };
    let mut tally = Tally::new("config-differential one profile", &[]);
    for case in cases {
        compare(&mut tally, &case.id, case.load());
    }
    tally.finish();
}

#[test]
fn whatever_stands_before_a_profile_does_not_change_it() {
    let of_others = of_others().map(|(cases, _)| cases).unwrap_or_default();
    for mut case in own().into_iter().chain(of_others) {
        case.config.extend(b"\n[profile untouched]\nregion = eu-west-3\n");
        let Ok(files) = case.load() else { continue };
        for sections in [Sections::parse(&files), Sections::for_profile(&files, "untouched")] {
            let profile = sections.profile("untouched");
            let profile = profile.unwrap_or_else(|error| panic!("{}: {error}", case.id));
            assert_eq!(profile.region(), Some("eu-west-3"), "{}", case.id);
            assert_eq!(profile.section().settings().count(), 1, "{}", case.id);
        }
    }
}

#[test]
fn a_profile_of_the_ruby_sdk_reads_the_same_alone() {
    let Some(corpus) = corpus("ruby") else { return };
    let mut tally = Tally::new("ruby one profile", &[]);
    let file = |name: &str| corpus.read(&format!("data/{name}"));
    let files = load(&file("mock_shared_config"), &file("mock_shared_credentials"));
    compare(&mut tally, "both files", files);
    tally.finish();
}

#[test]
fn seeds_of_a_fuzzer_are_read_without_a_panic() {
    let Some(corpus) = corpus("c-auth-fuzz-profiles") else { return };
    let mut tally = Tally::new("c-auth-fuzz-profiles", &[]);
    let mut seeds = folder(&corpus, "data/parse_config_profile");
    seeds.extend(folder(&corpus, "data/parse_credentials_profile"));
    for (name, seed) in &seeds {
        for files in [load(seed, b""), load(b"", seed), load(seed, seed)] {
            compare(&mut tally, name, files);
        }
    }
    tally.finish();
}
