//! What is read of both files, through the public interface.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a panic is how a test fails, and files of its own are no shared files"
)]

use shared_config::{
    Environment, FileKind, Files, Header, Locations, ProfileError, SectionKind, Sections, Severity,
};

const CONFIG: &str = "\
[profile a]
Region = eu-west-1
on = TRUE
off = False
odd = yes
empty =
long = 1
  2
[sso-session s]
sso_start_url = https://x
sso_region = eu-west-2
[services v]
sso =
  Endpoint_URL = http://one
  endpoint_url = http://two
sts =
  endpoint_url =
[profile b]
services = v
endpoint_url = http://own
[profile c]
services = gone
";

fn with<T>(config: &str, credentials: &str, check: impl FnOnce(&Sections<'_>) -> T) -> T {
    let files = Files::from_texts(config, credentials);
    check(&Sections::parse(&files))
}

#[test]
fn a_profile_answers_for_its_settings() {
    with(CONFIG, "[b]\nregion = eu-west-3\n", |sections| {
        let profile = sections.profile("a").unwrap();
        assert_eq!((profile.name(), profile.region()), ("a", Some("eu-west-1")));
        assert_eq!(profile.get("REGION"), Some("eu-west-1"));
        let flags = ["on", "off", "odd", "gone"].map(|name| profile.flag(name));
        assert_eq!(flags, [Some(true), Some(false), None, None]);
        let values = ["empty", "long", "gone"].map(|name| profile.get(name));
        assert_eq!(values, [None; 3], "nothing, or more than a line");
        let long = profile.setting("long").unwrap();
        assert_eq!((&*long.value(), long.line(), long.file()), ("1\n2", 7, FileKind::Config));
        let region = profile.setting("region").unwrap();
        assert_eq!((&*region.name(), &*region.value()), ("region", "eu-west-1"));
        assert_eq!(profile.section().settings().count(), 6);
        assert_eq!(profile.place("odd").to_string(), "~/.aws/config:5");
        assert_eq!(profile.place("gone").to_string(), "~/.aws/config:1");
        let overlaid = sections.profile("b").unwrap();
        assert_eq!(overlaid.region(), Some("eu-west-3"));
        assert_eq!(overlaid.place("region").to_string(), "~/.aws/credentials:2");
    });
}

#[test]
fn the_account_is_that_of_the_role_before_that_of_the_session_and_that_of_the_keys() {
    let lines = [
        "role_arn = arn:aws:iam::111122223333:role/R\n",
        "sso_account_id = 444455556666\n",
        "aws_account_id = 777788889999\n",
    ];
    let account = |lines: &[&str]| {
        with(&format!("[profile a]\n{}", lines.concat()), "", |sections| {
            sections.profile("a").unwrap().account_id().map(str::to_owned)
        })
    };
    assert_eq!(account(&lines).as_deref(), Some("111122223333"));
    assert_eq!(account(&lines[1..]).as_deref(), Some("444455556666"));
    assert_eq!(account(&lines[2..]).as_deref(), Some("777788889999"));
    assert_eq!(account(&["role_arn = arn:aws:iam:::role/R\n", lines[2]]), account(&lines[2..]));
    assert_eq!(account(&[]), None);
}

#[test]
fn a_role_is_an_account_and_a_name() {
    let lines = ["sso_account_id = 1\n", "sso_role_name = R\n"];
    let role = |lines: &[&str]| {
        let session = "[profile a]\nsso_start_url = u\nsso_region = r\n";
        with(&format!("{session}{}", lines.concat()), "", |sections| {
            let profile = sections.profile("a").unwrap();
            let role = profile.sso().unwrap().unwrap().role(&profile);
            role.map(|(account_id, role_name)| format!("{account_id} {role_name}"))
        })
    };
    assert_eq!(role(&lines).as_deref(), Ok("1 R"));
    let error = role(&lines[..1]).unwrap_err().to_string();
    assert_eq!(error, "~/.aws/config:1: profile `a` lacks sso_role_name");
}

#[test]
fn an_endpoint_is_that_of_the_services_or_else_that_of_the_profile() {
    with(CONFIG, "", |sections| {
        let url = |profile: &str, service: &str| {
            let url = sections.profile(profile).unwrap().endpoint_url(service);
            url.map(|found| found.map(|(url, place)| format!("{url} at {place}")))
        };
        let own = Ok(Some("http://own at ~/.aws/config:20".to_owned()));
        assert_eq!(url("b", "sso"), Ok(Some("http://two at ~/.aws/config:15".to_owned())));
        assert_eq!(url("b", "sts"), own, "an empty one is none");
        assert_eq!(url("b", "sso_oidc"), own);
        assert_eq!(url("a", "sso"), Ok(None));
        let error = url("c", "sso").unwrap_err();
        assert!(matches!(error, ProfileError::MissingServices { .. }), "{error}");
        assert!(error.to_string().starts_with("~/.aws/config:22: profile `c`"), "{error}");
    });
}

#[test]
fn sections_are_listed_in_the_order_of_the_files() {
    with(CONFIG, "[d]\nx\n", |sections| {
        let names: Vec<_> = sections.profiles().map(|section| section.name()).collect();
        assert_eq!(names, ["a", "b", "c", "d"]);
        let each: Vec<_> =
            sections.each_profile().map(|(name, profile)| (name, profile.is_ok())).collect();
        assert_eq!(each, [("a", true), ("b", true), ("c", true), ("d", false)]);
        assert_eq!(sections.any_profile("d").unwrap().name(), "d");
        let session = sections.sso_sessions().next().unwrap();
        assert_eq!((session.name(), session.line()), ("s", 9));
        assert_eq!(session.header().kind, SectionKind::SsoSession);
        assert_eq!(sections.sso_sessions().count(), 1);
        let services: Vec<_> = sections.services().map(|section| section.line()).collect();
        assert_eq!(services, [12]);
        let last = sections.profiles().last().unwrap();
        assert_eq!((last.file(), last.line()), (FileKind::Credentials, 1));
        assert_eq!(sections.service("v", "gone").unwrap(), []);
        let nested = sections.service("v", "sso").unwrap();
        let nested: Vec<_> = nested.iter().map(|it| (&*it.name, it.value, it.line)).collect();
        assert_eq!(
            nested,
            [("endpoint_url", "http://one", 14), ("endpoint_url", "http://two", 15)]
        );
    });
}

#[test]
fn a_line_is_below_the_header_above_it() {
    with("# top\n[profile a]\nx = 1\n[plugins]\ny = 1\n", "[b]\nz = 1\n", |sections| {
        let above = |file, line| {
            let header: Option<Header<'_>> = sections.header_above(&sections.place(file, line));
            header.map(|header| header.name)
        };
        let config: Vec<_> = (1..=5).map(|line| above(FileKind::Config, line)).collect();
        assert_eq!(config, [None, Some("a"), Some("a"), None, None]);
        assert_eq!(above(FileKind::Credentials, 2), Some("b"));
        let mut elsewhere = sections.place(FileKind::Config, 2);
        elsewhere.path = "/elsewhere".into();
        assert_eq!(sections.header_above(&elsewhere), None);
    });
}

#[test]
fn a_comment_behind_a_value_is_known() {
    let config = "[profile a]\nx = 1 # c\ny = 1\nz = 1#c\nw = 1  \nv = # c\nu = 1 # c\n  more\n";
    with(config, "", |sections| {
        let profile = sections.profile("a").unwrap();
        let has =
            ["x", "y", "z", "w", "u"].map(|name| profile.setting(name).unwrap().has_comment());
        assert_eq!(has, [true, false, false, false, true]);
        assert_eq!(profile.setting("u").unwrap().value(), "1\nmore");
    });
}

/// The notes on a config file: line, column, severity, the beginning of the text.
fn notes(config: &str) -> Vec<(usize, usize, Severity, String)> {
    with(config, "", |sections| {
        let diagnostics = sections.diagnostics().iter();
        let begin = |text: &str| text.split([':', ';']).next().unwrap().to_owned();
        diagnostics.map(|it| (it.place.line, it.column, it.severity, begin(&it.message))).collect()
    })
}

#[test]
fn each_line_that_not_every_tool_reads_is_told_with_its_place() {
    use Severity::{Error, Warning};
    for (config, line, column, severity, text) in [
        ("x = 1\n", 1, 1, Error, "a line before the first section"),
        ("\n# c\n  # c\n", 3, 1, Error, "a line before the first section"),
        ("[profile a] b\n", 1, 13, Warning, "text behind the closing bracket is ignored"),
        ("[ profile a]\n", 1, 2, Warning, "blanks inside the brackets"),
        (
            "[profile !]\n",
            1,
            2,
            Warning,
            "the name has characters outside A-Z, a-z, 0-9 and _-/.%@",
        ),
        ("[profile a]\n[profile a]\n", 2, 2, Warning, "the section is repeated"),
        ("[profile a]\r\nx = 1\rx = 2\n", 3, 1, Warning, "the setting is repeated"),
        ("[default]\n[profile default]\n", 2, 2, Warning, "[profile default] replaces [default]"),
        (
            "[profile default]\n[default]\n",
            2,
            2,
            Warning,
            "[profile default] replaces this [default]",
        ),
        ("[profile a]\n  # c\n", 2, 3, Warning, "an indented comment"),
        ("[profile a]\n  x = 1\n", 2, 3, Warning, "an indented setting"),
        ("[profile a]\n  x\n", 2, 3, Error, "an indented line that continues nothing"),
        ("[profile a]\nx\n", 2, 1, Error, "expected `name = value`"),
        ("[profile a]\nx =\n  y\n", 3, 3, Error, "expected a nested `name = value`"),
        ("[profile a]\n  [profile b]\n", 2, 3, Error, "an indented section header"),
        ("[profile a]\na b = 1\n", 2, 1, Warning, "the name of the setting is not valid"),
        ("[profile a]\na b: c = 1\n", 2, 1, Error, "expected `name = value`"),
        ("[profile a\n", 1, 1, Error, "a line before the first section"),
    ] {
        assert_eq!(notes(config), [(line, column, severity, text.to_owned())], "{config:?}");
    }
    let clean = "# c\n\n[profile a] # c\nx = 1\n  2\ny =\n  z = 1\n[plugins]\nwhat\n  ever\n";
    assert_eq!(notes(clean), []);
    let mark = notes("\u{feff}[profile a]\n");
    assert_eq!(mark, [(1, 1, Warning, "a byte order mark".to_owned())]);
}

#[test]
fn lines_of_a_setting_that_is_dropped_go_with_it() {
    let config = "[profile a]\nx = 1\na b = 1\n  2\n  z = 3\ny = 4\n[profile b]\nw = 5\n";
    with(config, "", |sections| {
        let profile = sections.profile("a").unwrap();
        let values: Vec<_> =
            profile.section().settings().map(|it| it.value().into_owned()).collect();
        assert_eq!(values, ["1", "4"]);
        assert_eq!(sections.profile("b").unwrap().get("w"), Some("5"));
    });
}

#[test]
fn keys_of_the_credentials_file_replace_those_of_the_config_file_only() {
    let config = "[profile a]\naws_access_key_id = C\naws_account_id = 1\nx = 1\n";
    let credentials = "[a]\naws_session_token = T\naws_secret_access_key = S\naws_account_id = 2\n";
    with(config, credentials, |sections| {
        let profile = sections.profile("a").unwrap();
        let names =
            ["aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_account_id"];
        let values = names.map(|name| profile.get(name));
        assert_eq!(values, [None, Some("S"), Some("T"), Some("2")]);
        assert_eq!(profile.get("x"), Some("1"));
    });
    with(config, "[a]\naws_session_token = T\n", |sections| {
        let profile = sections.profile("a").unwrap();
        assert_eq!(profile.get("aws_access_key_id"), Some("C"), "a token is no pair of keys");
    });
}

#[test]
fn files_are_read_from_where_they_are() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".aws")).unwrap();
    let variables = [("HOME", home.path().to_str().unwrap())];
    let locations = Locations::from_env(&Environment::from_pairs(variables)).unwrap();
    let none = Files::load(&locations).unwrap();
    assert_eq!([none.text(FileKind::Config), none.text(FileKind::Credentials)], [""; 2]);
    std::fs::write(&locations.config, "\u{feff}[profile a]\n").unwrap();
    std::fs::write(&locations.credentials, "[a]\n").unwrap();
    for files in [Files::load(&locations), Files::load_for_profile(&locations, "a")] {
        let files = files.unwrap();
        assert_eq!(files.path(FileKind::Config), locations.config);
        assert_eq!(files.path(FileKind::Credentials), locations.credentials);
        assert_eq!(files.text(FileKind::Config), "[profile a]\n");
        assert_eq!(files.text(FileKind::Credentials), "[a]\n");
        let marks =
            [FileKind::Config, FileKind::Credentials].map(|kind| files.has_byte_order_mark(kind));
        assert_eq!((marks, files.is_excerpt()), ([true, false], false));
    }
    std::fs::write(&locations.credentials, "\u{feff}[a]\n").unwrap();
    assert!(Files::load(&locations).unwrap().has_byte_order_mark(FileKind::Credentials));
}

#[test]
fn variables_are_texts_flags_and_paths() {
    let pairs = [("A", "1"), ("B", ""), ("ON", "True"), ("OFF", "FALSE"), ("KEY", "hunter2")];
    let environment = Environment::from_pairs(pairs);
    assert_eq!(["A", "B", "C"].map(|name| environment.get(name)), [Some("1"), None, None]);
    assert_eq!(environment.text("A"), Ok(Some("1")));
    assert_eq!(environment.text("B"), Ok(None));
    assert_eq!(environment.first(&["B", "A", "ON"]), Some("1"));
    assert_eq!(environment.first_text(&["B", "A", "ON"]), Ok(Some("1")));
    assert_eq!(environment.first_text(&["B"]), Ok(None));
    let flags = ["ON", "OFF", "A", "C"].map(|name| environment.flag(name));
    assert_eq!(flags, [Some(true), Some(false), None, None]);
    let shown = format!("{environment:?}");
    assert!(shown.contains("KEY") && !shown.contains("hunter2"), "{shown}");
    #[cfg(unix)]
    {
        let broken = std::os::unix::ffi::OsStringExt::from_vec(b"\xff".to_vec());
        let environment = Environment::new([("X".into(), broken)]);
        assert_eq!(environment.get("X"), None);
        let error = environment.text("X").unwrap_err();
        assert_eq!(error.to_string(), "the variable X is not UTF-8");
        assert_eq!(environment.first_text(&["A", "X"]), Err(error));
        assert!(environment.get_os("X").is_some());
    }
}
