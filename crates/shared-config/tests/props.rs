//! Properties of the lexer and of the sections that are made of its lines.

use proptest::prelude::*;
use shared_config::{Files, Sections, lex};

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
