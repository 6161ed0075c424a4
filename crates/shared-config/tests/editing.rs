//! What is edited and what is refused, through the public interface.

use shared_config::{Document, EditError, FileKind, ProfileEdit, SectionKind};

fn document(text: &str) -> Document {
    Document::new(text, FileKind::Config)
}

#[test]
fn a_section_is_added_once_behind_one_empty_line() {
    for (before, after) in [
        ("", "[profile b]\n"),
        ("[profile a]", "[profile a]\n\n[profile b]\n"),
        ("[profile a]\n", "[profile a]\n\n[profile b]\n"),
        ("[profile a]\n\n", "[profile a]\n\n[profile b]\n"),
        ("\n\n", "\n\n[profile b]\n"),
    ] {
        let mut document = document(before);
        document.add_section(SectionKind::Profile, "b").unwrap();
        assert_eq!(document.as_str(), after);
        let again = document.add_section(SectionKind::Profile, "b");
        assert_eq!(again, Err(EditError::Exists("profile b".to_owned())));
        assert_eq!(document.as_str(), after);
    }
}

#[test]
fn profiles_are_added_with_one_empty_line_between_them() {
    let profiles = "[profile a]\nx = 1\n\n[profile b]\n";
    for (before, between) in [("", ""), ("[default]\n", "\n"), ("[default]", "\n\n")] {
        let mut document = document(before);
        let settings = vec![("x".to_owned(), "1".to_owned())];
        let edits = [ProfileEdit::add("a", settings), ProfileEdit::add("b", Vec::new())];
        document.edit_profiles(&edits).unwrap();
        assert_eq!(document.as_str(), format!("{before}{between}{profiles}"));
    }
}

#[test]
fn a_quote_that_is_no_pair_is_written() {
    for value in ["\"", "'", "\"a", "a\"", "'a", "a'", "\"a'"] {
        let mut document = document("");
        document.set(SectionKind::Profile, "a", "x", value).unwrap();
        assert_eq!(document.as_str(), format!("[profile a]\nx = {value}\n"));
    }
}

#[test]
fn a_comment_behind_a_setting_that_is_removed_stays() {
    let text = "[profile a]\nx = 1 # why\n  more\ny = 2\n";
    let (mut one, mut many) = (document(text), document(text));
    assert!(one.unset(SectionKind::Profile, "a", "x"));
    many.edit_profiles(&[ProfileEdit::change("a", Vec::new(), vec!["x".to_owned()])]).unwrap();
    for document in [one, many] {
        assert_eq!(document.as_str(), "[profile a]\n# why\ny = 2\n");
    }
}

#[test]
fn what_some_tool_would_read_otherwise_is_refused() {
    let mut document = document("[profile a]\n");
    for value in ["", "a\nb", "a\rb", "a\0b", " a", "a ", "a # b", "a\t;b", "#a", "\"a\"", "'a'"] {
        assert!(document.set(SectionKind::Profile, "a", "x", value).is_err(), "{value:?}");
    }
    for name in ["", "a b", "a=b", "a:b", "[a]", "ä", "a\n"] {
        assert!(document.set(SectionKind::Profile, "a", name, "v").is_err(), "{name:?}");
    }
    for section in ["", "a b", "a]", "a/b", "a:b", "é", "a\nb"] {
        assert!(document.set(SectionKind::Profile, section, "x", "v").is_err(), "{section:?}");
    }
    assert_eq!(document.as_str(), "[profile a]\n");
    let mut credentials = Document::new("", FileKind::Credentials);
    assert_eq!(credentials.set(SectionKind::SsoSession, "s", "x", "v"), Err(EditError::Kind));
    credentials.set(SectionKind::Profile, "a", "x", "v").unwrap();
    assert_eq!(credentials.as_str(), "[a]\nx = v\n");
}
