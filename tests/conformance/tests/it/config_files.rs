//! Configuration files in odd shapes, and what four SDKs read from them.

use conformance::Tally;
use serde_json::{Map, Value, json};
use shared_config::{Sections, Severity};

use crate::config_cases::{ConfigCase, of_others, own, reading, worst};
use crate::config_choices::{OF_OTHERS, OWN};

/// The SDKs that were asked, the one first to which a reading of our own is compared.
const READERS: [&str; 4] = ["rust", "go", "botocore", "js"];

/// What a reader reads; readers that agree share an entry.
fn reading_of(case: &ConfigCase, reader: &str) -> Value {
    let groups = case.expected["agreement"]["groups"].as_array().unwrap();
    let group = groups.iter().find(|group| group.as_array().unwrap().contains(&reader.into()));
    let reading = &case.expected["normalised"][group.unwrap()[0].as_str().unwrap()];
    if reading["error"] == true {
        return json!({ "error": true });
    }
    let kind = |kind: &str| match &reading[kind] {
        Value::Null => json!({}),
        sections => sections.clone(),
    };
    json!({
        "profiles": kind("profiles"),
        "services": kind("services"),
        "sso_sessions": kind("sso_sessions"),
    })
}

/// Describes a reading by the SDKs that share it, or else by what is other than in Rust (or the
/// next SDK that reads the file).
fn described(case: &ConfigCase, ours: &Value) -> String {
    let like: Vec<_> =
        READERS.into_iter().filter(|reader| reading_of(case, reader) == *ours).collect();
    match like.as_slice() {
        [] => {}
        all if all.len() == READERS.len() => return "like all".to_owned(),
        some => return format!("like {}", some.join(", ")),
    }
    let (base, theirs) = READERS
        .into_iter()
        .map(|reader| (reader, reading_of(case, reader)))
        .find(|(_, reading)| reading["error"] != true)
        .unwrap_or(("none", Value::Null));
    let empty = Map::new();
    let sections = |reading: &Value, kind: &str| {
        reading[kind].as_object().unwrap_or(&empty).clone().into_iter().collect::<Vec<_>>()
    };
    let mut changes = Vec::new();
    for kind in ["profiles", "services", "sso_sessions"] {
        let (theirs, ours) = (sections(&theirs, kind), sections(ours, kind));
        let added = ours.iter().filter(|section| !theirs.contains(section));
        changes.extend(added.map(|(name, settings)| format!("{kind}.{name} {settings}")));
        let names: Vec<_> = ours.iter().map(|(name, _)| name).collect();
        let lost = theirs.iter().filter(|(name, _)| !names.contains(&name));
        changes.extend(lost.map(|(name, _)| format!("no {kind}.{name}")));
    }
    format!("like {base}, but {}", changes.join(", "))
}

/// Describes what keyfob makes of a case, with the worst that it says about it.
fn outcome(case: &ConfigCase) -> String {
    let Ok(files) = case.load() else {
        return format!("{}; unreadable", described(case, &json!({ "error": true })));
    };
    let sections = Sections::parse(&files);
    let like = described(case, &reading(&sections));
    match worst(&sections) {
        None => like,
        Some(_) if like == "like all" => like,
        Some(Severity::Warning) => format!("{like}; warning"),
        Some(Severity::Error) => format!("{like}; error"),
    }
}

#[test]
fn files_in_odd_shapes_are_read_as_by_all_sdks_or_as_documented() {
    let mut tally = Tally::new("weird-configs", OWN);
    for case in own() {
        tally.compare(&case.id, "like all", &outcome(&case));
    }
    tally.finish();
}

#[test]
fn files_of_others_are_read_as_by_all_sdks_or_as_documented() {
    let Some((cases, absent)) = of_others() else { return };
    let mut tally = Tally::new("config-differential", OF_OTHERS);
    for _ in 0..absent {
        tally.skip("the file is in no corpus that is there");
    }
    for case in cases {
        tally.compare(&case.id, "like all", &outcome(&case));
    }
    tally.finish();
}

#[test]
fn what_an_sdk_refuses_is_never_read_without_a_diagnostic() {
    let of_others = of_others().map(|(cases, _)| cases).unwrap_or_default();
    for case in own().into_iter().chain(of_others) {
        let refused = READERS.iter().any(|reader| reading_of(&case, reader)["error"] == true);
        if let (true, Ok(files)) = (refused, case.load()) {
            // What botocore refuses there are sections that are none of ours.
            let is_read = worst(&Sections::parse(&files)).is_none();
            assert!(!is_read || case.id == "cauth-cfg-duplicate_profiles", "{}", case.id);
        }
    }
}

#[test]
fn a_value_of_64_kib_is_read_whole() {
    let long = "a".repeat(65536);
    let files = shared_config::Files::from_texts(&format!("[default]\nx = {long}\n"), "");
    let sections = Sections::parse(&files);
    assert_eq!(sections.profile("default").unwrap().get("x"), Some(long.as_str()));
}
