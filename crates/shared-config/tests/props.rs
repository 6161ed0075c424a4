//! Properties of the lexer and of the sections that are made of its lines.

#![expect(
    clippy::disallowed_methods,
    clippy::string_slice,
    reason = "a panic is how a test fails, and a file of its own is no shared file"
)]

use proptest::prelude::*;
use shared_config::{
    Document, Environment, FileKind, Files, LineKind, Locations, SectionKind, Sections, lex,
};

/// Text that looks like a configuration file, good lines and bad ones.
fn config() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["a", "b", "default", "a b", "'q q'", "é", ""]);
    let header = (prop::sample::select(vec!["profile ", "sso-session ", "services ", ""]), name)
        .prop_map(|(prefix, name)| format!("[{prefix}{name}]"));
    let line = prop_oneof![
        4 => header,
        6 => "[ \t]{0,2}[a-cA-C_%]{0,4} ?[=:]? ?[a-z#; ]{0,6}",
        1 => "[ \t]*",
        1 => "[#;\\[\\]a ]{0,5}",
    ];
    let end = prop::sample::select(vec!["\n", "\r\n", "\r", "\n\n"]);
    prop::collection::vec((line, end), 0..30)
        .prop_map(|lines| lines.into_iter().map(|(line, end)| line + end).collect())
}

proptest! {
    #[test]
    fn the_spans_of_all_lines_tile_the_text(text in prop_oneof![config(), any::<String>()]) {
        let mut position = 0;
        for (index, line) in lex(&text).enumerate() {
            prop_assert_eq!(line.span.start, position);
            prop_assert_eq!(line.number, index + 1);
            position = line.span.end;
        }
        prop_assert_eq!(position, text.len());
    }

    #[test]
    fn what_is_parsed_alone_is_what_the_full_parse_makes_of_it(
        config in config(),
        credentials in config(),
    ) {
        let files = Files::from_texts(&config, &credentials);
        let full = Sections::parse(&files);
        for name in ["a", "b", "default", "q q", "é"] {
            let alone = Sections::for_profile(&files, name);
            prop_assert_eq!(
                format!("{:?}", alone.profile(name).map(|profile| settings(&alone, profile.name()))),
                format!("{:?}", full.profile(name).map(|profile| settings(&full, profile.name())))
            );
            prop_assert_eq!(
                format!("{:?}", alone.profile(name).ok().map(|profile| profile.sso())),
                format!("{:?}", full.profile(name).ok().map(|profile| profile.sso()))
            );
        }
    }

    #[test]
    fn every_line_has_a_place_that_exists(config in config()) {
        let files = Files::from_texts(&config, "");
        let lines = lex(&config).count();
        for diagnostic in Sections::parse(&files).diagnostics() {
            prop_assert!((1..=lines.max(1)).contains(&diagnostic.place.line), "{}", diagnostic);
        }
    }
}

proptest! {
    // The files are large: a case takes ten times as long as another.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_excerpt_of_a_large_file_says_what_the_file_says(
        blocks in prop::collection::vec((config(), 0_usize..3), 1..8),
        padding in "[a-z ]{0,9}",
    ) {
        // Blocks of padding push what is interesting to the borders of what is looked at at a time.
        let block = |(text, pads): &(String, usize)| {
            format!("{text}[profile pad]\n{}", format!("p = {padding}\n").repeat(pads * 4000 + 1))
        };
        let config: String = blocks.iter().map(block).collect();
        let config = format!("{config}[profile pad]\n{}", "q = q\n".repeat(12_000));
        let home = tempfile::tempdir().unwrap();
        let config_path = home.path().join("config");
        std::fs::write(&config_path, config).unwrap();
        let variables = [("HOME", home.path()), ("AWS_CONFIG_FILE", &*config_path)];
        let environment = Environment::new(
            variables.map(|(name, path)| (name.into(), path.as_os_str().to_owned())),
        );
        let locations = Locations::from_env(&environment).unwrap();
        let full = Files::load(&locations).unwrap();
        for name in ["a", "b", "default", "q q", "é"] {
            let excerpt = Files::load_for_profile(&locations, name).unwrap();
            prop_assert!(excerpt.is_excerpt());
            let (full, excerpt) = (Sections::for_profile(&full, name), Sections::for_profile(&excerpt, name));
            prop_assert_eq!(excerpt.diagnostics(), full.diagnostics());
            prop_assert_eq!(
                format!("{:?}", excerpt.profile(name).map(|profile| settings(&excerpt, profile.name()))),
                format!("{:?}", full.profile(name).map(|profile| settings(&full, profile.name())))
            );
            prop_assert_eq!(
                format!("{:?}", excerpt.profile(name).ok().map(|profile| profile.sso())),
                format!("{:?}", full.profile(name).ok().map(|profile| profile.sso()))
            );
        }
    }
}

fn settings(sections: &Sections<'_>, profile: &str) -> String {
    sections
        .profiles()
        .filter(|section| section.name() == profile)
        .map(|section| {
            let settings: Vec<_> = section
                .settings()
                .map(|setting| (setting.name(), setting.value(), setting.nested(), setting.line()))
                .collect();
            format!("{} {settings:?}", section.line())
        })
        .collect()
}

/// An edit of a profile: set, unset, add, remove, rename.
#[derive(Clone, Debug)]
enum Edit {
    Set(&'static str, &'static str, String),
    Nest(&'static str, String),
    Unset(&'static str, &'static str),
    Add(&'static str),
    Remove(&'static str),
    Rename(&'static str, &'static str),
}

fn edit() -> impl Strategy<Value = Edit> {
    let profile = || prop::sample::select(vec!["a", "b", "default", "new"]);
    let key = || prop::sample::select(vec!["a", "b", "region"]);
    prop_oneof![
        (profile(), key(), "[a-z]{1,5}").prop_map(|(p, k, v)| Edit::Set(p, k, v)),
        (profile(), "[a-z]{1,5}").prop_map(|(p, v)| Edit::Nest(p, v)),
        (profile(), key()).prop_map(|(p, k)| Edit::Unset(p, k)),
        profile().prop_map(Edit::Add),
        profile().prop_map(Edit::Remove),
        (profile(), profile()).prop_map(|(p, q)| Edit::Rename(p, q)),
    ]
}

fn apply(document: &mut Document, edit: &Edit) {
    let kind = SectionKind::Profile;
    // An edit that is refused changes nothing, which the properties hold for as well.
    match edit {
        Edit::Set(profile, key, value) => drop(document.set(kind, profile, key, value)),
        Edit::Nest(profile, value) => drop(document.set_nested(kind, profile, "s3", "x", value)),
        Edit::Unset(profile, key) => drop(document.unset(kind, profile, key)),
        Edit::Add(profile) => drop(document.add_section(kind, profile)),
        Edit::Remove(profile) => drop(document.remove_section(kind, profile)),
        Edit::Rename(profile, to) => drop(document.rename_section(kind, profile, to)),
    }
}

/// The lines outside of the profiles that are edited.
fn other_lines(text: &str) -> Vec<&str> {
    let mut inside = false;
    let mut lines = Vec::new();
    for line in lex(text) {
        if let LineKind::Section { inner, .. } = line.kind {
            inside = ["profile a", "profile b", "default", "profile default", "profile new"]
                .contains(&inner);
        }
        let text = text[line.span].trim();
        if !inside && !text.is_empty() {
            lines.push(text);
        }
    }
    lines
}

proptest! {
    #[test]
    fn a_document_that_is_not_edited_is_printed_byte_for_byte(text in any::<String>()) {
        prop_assert_eq!(Document::new(text.as_str(), FileKind::Config).to_string(), text);
    }

    #[test]
    fn lines_of_other_sections_survive_any_edits(
        others in "(# c\n)?(\\[sso-session s\\]\nsso_region = x # c\n\n; end\n|\\[plugins\\]\n  x\n)?",
        profiles in "(\\[profile a\\]\n( ?a = 1\n){0,2}( more\n)?)?(\\[default\\]\nb=2\n\n)?",
        tail in "(\\[services l\\]\nsso =\n  endpoint_url = y\n)?",
        edits in prop::collection::vec(edit(), 0..8),
    ) {
        let text = format!("{others}{profiles}{tail}");
        let mut document = Document::new(text.as_str(), FileKind::Config);
        for edit in &edits {
            apply(&mut document, edit);
        }
        prop_assert_eq!(other_lines(document.as_str()), other_lines(&text));
    }

    #[test]
    fn what_is_set_is_read(config in config(), profile in "[a-c]", key in "[a-d]{1,3}", value in "[a-z ]{0,4}[a-z]") {
        let mut document = Document::new(config.as_str(), FileKind::Config);
        let set = document.set(SectionKind::Profile, &profile, &key, &value);
        if set.is_err() {
            prop_assert_eq!(document.as_str(), config);
            return Ok(());
        }
        let files = Files::from_texts(document.as_str(), "");
        let sections = Sections::parse(&files);
        let section = sections.profiles().find(|section| section.name() == profile).unwrap();
        prop_assert_eq!(section.get(&key).unwrap().value(), value);
    }
}

#[test]
fn a_setting_that_is_added_does_not_take_an_indented_header_as_its_own() {
    let mut document = Document::new("[profile a]\n  [profile b]\n  x = 1\n", FileKind::Config);
    document.set(SectionKind::Profile, "a", "region", "y").unwrap();
    assert_eq!(document.as_str(), "[profile a]\n  region = y\n  [profile b]\n  x = 1\n");
}

#[test]
fn a_setting_behind_a_line_without_an_end_begins_a_new_one() {
    for (end, text) in [("\n", "[profile a]\nx = 1"), ("\r\n", "[profile a]\r\nx = 1")] {
        let mut document = Document::new(text, FileKind::Config);
        document.set(SectionKind::Profile, "a", "y", "2").unwrap();
        assert_eq!(document.as_str(), format!("{text}{end}y = 2{end}"));
    }
}
