//! Files that are indented at random are read as botocore reads them, or refused.

use std::collections::BTreeMap;

use conformance::indented::{self, Reading, Setting};
use shared_config::{Files, ProfileError, Section, SectionKind, Sections, Severity};

/// The sections that keyfob does not refuse, in the shape of the model.
fn usable(sections: &Sections<'_>) -> Reading {
    let mut usable = Reading::new();
    let kinds = [
        ("profile", SectionKind::Profile, sections.profiles().collect::<Vec<_>>()),
        ("services", SectionKind::Services, sections.services().collect()),
        ("sso-session", SectionKind::SsoSession, sections.sso_sessions().collect()),
    ];
    for (prefix, kind, of_kind) in kinds {
        for section in of_kind {
            let name = section.name();
            let refused = match kind {
                SectionKind::Profile => sections.profile(name).err(),
                SectionKind::Services => sections.service(name, "s3").err(),
                SectionKind::SsoSession => sections.sso_session(name).err(),
            };
            if !matches!(refused, Some(ProfileError::Syntax(_))) {
                usable.insert(format!("{prefix} {name}"), settings(section));
            }
        }
    }
    usable
}

fn settings(section: Section<'_, '_>) -> BTreeMap<String, Setting> {
    let setting = |setting: shared_config::Setting<'_, '_>| {
        let nested: BTreeMap<_, _> = setting
            .nested()
            .into_iter()
            .map(|nested| (nested.name.into_owned(), nested.value.to_owned()))
            .collect();
        let text = setting.value().into_owned();
        let value = if nested.is_empty() { Setting::Text(text) } else { Setting::Nested(nested) };
        (setting.name().into_owned(), value)
    };
    section.settings().map(setting).collect()
}

#[test]
fn ten_thousand_indented_files_are_read_as_by_botocore_or_refused() {
    let (mut read, mut refused, mut nested) = (0, 0, 0);
    for seed in 0..10_000 {
        let text = indented::file(seed);
        let files = Files::from_texts(&text, "");
        let sections = Sections::parse(&files);
        let worst = sections.diagnostics().iter().map(|diagnostic| diagnostic.severity).max();
        let Some(expected) = indented::reading(&text) else {
            assert!(worst.is_some(), "seed {seed}: nothing is said about\n{text}");
            continue;
        };
        let usable = usable(&sections);
        for (header, settings) in &usable {
            assert_eq!(Some(settings), expected.get(header), "seed {seed}, [{header}] of\n{text}");
        }
        if worst != Some(Severity::Error) {
            assert_eq!(usable, expected, "seed {seed}:\n{text}");
        }
        read += usable.len();
        refused += expected.len() - usable.len();
        let settings = usable.values().flat_map(BTreeMap::values);
        nested += settings.filter(|setting| matches!(setting, Setting::Nested(_))).count();
    }
    // An indented header is the only thing that keyfob refuses and botocore reads.
    assert!(read > 5 * refused, "{read} sections are read, {refused} are refused");
    assert!(nested > 1_000, "{nested} settings have others nested below");
}
