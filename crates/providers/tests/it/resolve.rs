//! Whose credentials are meant, by files, variables and what is said.

use providers::{
    Base, Identity, ResolveError, Session, Target, resolve, resolve_default, resolve_session,
};
use shared_config::{Environment, Files, Locations, Sections};

const CONFIG: &str = "\
[sso-session work]
sso_start_url = https://work.awsapps.com/start
sso_region = eu-west-1
[sso-session home]
sso_start_url = https://home.awsapps.com/start
sso_region = us-east-1
sso_registration_scopes = a, b
[profile sso]
sso_session = work
sso_account_id = 111122223333
sso_role_name = R
region = eu-west-3
[profile bare]
sso_session = work
[profile role]
role_arn = arn:aws:iam::222233334444:role/Hub
source_profile = sso
[profile keys]
aws_access_key_id = A
aws_secret_access_key = S
[profile nothing]
region = eu-west-1
[forgotten]
region = eu-west-1
";

type Variables<'a> = &'a [(&'a str, &'a str)];

/// Something to resolve, with these files and variables.
fn with<T>(
    config: &str,
    variables: Variables<'_>,
    resolve: impl FnOnce(&Locations, &Environment) -> Result<T, ResolveError>,
) -> Result<T, String> {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().to_str().unwrap();
    std::fs::create_dir(home.path().join(".aws")).unwrap();
    std::fs::write(home.path().join(".aws/config"), config).unwrap();
    let variables = variables.iter().copied().chain([("HOME", path)]);
    let environment = Environment::from_pairs(variables);
    let locations = Locations::from_env(&environment).unwrap();
    resolve(&locations, &environment)
        .map_err(|error| error.to_string().replace(path, "~").replace('\\', "/"))
}

/// What a target means: its session, account and role, or what else it is.
fn meant(target: &Target<'_>, variables: Variables<'_>) -> Result<String, String> {
    with(CONFIG, variables, |locations, environment| {
        described(&resolve(locations, environment, target)?)
    })
}

fn described(identity: &Identity) -> Result<String, ResolveError> {
    let base = match &identity.base {
        Base::Sso(sso) => {
            let (session, role) = (&sso.session, sso.role()?);
            let (account_id, role_name) = (role.account_id, role.role_name);
            format!("{session} in {}: {account_id} {role_name}", session.region)
        }
        Base::Static(keys) => format!("keys of {}", keys.profile),
        Base::WebIdentity(base) => format!("{} with {}", base.role_arn, base.token_file.display()),
        other => format!("{other:?}"),
    };
    let hops = identity.hops.iter().map(|hop| format!(" > {}", hop.role_arn));
    Ok(base + &hops.collect::<String>())
}

fn target<'a>(profile: Option<&'a str>, say: impl FnOnce(&mut Target<'a>)) -> Target<'a> {
    let mut target = Target::default();
    target.profile = profile;
    say(&mut target);
    target
}

#[test]
fn what_is_said_wins_over_the_profile() {
    let plain = meant(&Target::profile("sso"), &[]);
    assert_eq!(plain.as_deref(), Ok("work in eu-west-1: 111122223333 R"));
    type Say = fn(&mut Target<'_>);
    let cases: [(Say, &str); 5] = [
        (|target| target.account_id = Some("444455556666"), "work in eu-west-1: 444455556666 R"),
        (|target| target.role_name = Some("Q"), "work in eu-west-1: 111122223333 Q"),
        (|target| target.sso_session = Some("home"), "home in us-east-1: 111122223333 R"),
        (|target| target.start_url = Some("https://x"), "https://x in eu-west-1: 111122223333 R"),
        (
            |target| target.sso_region = Some("eu-west-2"),
            "https://work.awsapps.com/start in eu-west-2: 111122223333 R",
        ),
    ];
    for (say, expected) in cases {
        assert_eq!(meant(&target(Some("sso"), say), &[]).as_deref(), Ok(expected));
        let refused = meant(&target(Some("keys"), say), &[]).unwrap_err();
        assert_eq!(refused, "profile `keys` gets its credentials by static, not by sso");
        let refused = meant(&target(Some("role"), say), &[]).unwrap_err();
        assert_eq!(refused, "profile `role` gets its credentials by role, not by sso");
    }
}

#[test]
fn variables_say_what_nobody_else_does() {
    let variables = [
        ("AWS_SSO_START_URL", "https://v"),
        ("AWS_SSO_REGION", "eu-west-9"),
        ("AWS_SSO_ACCOUNT_ID", "999999999999"),
        ("AWS_SSO_ROLE_NAME", "V"),
    ];
    let nobody = meant(&Target::default(), &variables);
    assert_eq!(nobody.as_deref(), Ok("https://v in eu-west-9: 999999999999 V"));
    let bare = meant(&Target::profile("bare"), &variables);
    assert_eq!(bare.as_deref(), Ok("work in eu-west-1: 999999999999 V"));
    let sso = meant(&Target::profile("sso"), &variables);
    assert_eq!(sso.as_deref(), Ok("work in eu-west-1: 111122223333 R"));
    let said = target(None, |target| {
        target.sso_session = Some("home");
        target.role_name = Some("Q");
    });
    assert_eq!(meant(&said, &variables).as_deref(), Ok("home in us-east-1: 999999999999 Q"));
    for (left_out, missing) in [(0, "session"), (1, "session"), (2, "account id"), (3, "role name")]
    {
        let mut some = variables.to_vec();
        some.remove(left_out);
        let error = meant(&Target::default(), &some).unwrap_err();
        assert_eq!(error, format!("it is not said whose credentials: there is no {missing}"));
    }
}

#[test]
fn an_account_that_is_none_is_told_with_who_named_it() {
    let reason = "`12` is no account id, which has twelve digits";
    let said = target(Some("sso"), |target| target.account_id = Some("12"));
    assert_eq!(meant(&said, &[]), Err(format!("account id: {reason}")));
    let variables = [("AWS_SSO_ACCOUNT_ID", "12"), ("AWS_SSO_ROLE_NAME", "V")];
    let error = meant(&Target::profile("bare"), &variables).unwrap_err();
    assert_eq!(error, format!("AWS_SSO_ACCOUNT_ID: {reason}"));
    let error = meant(&Target::profile("bare"), &[]).unwrap_err();
    assert_eq!(error, "~/.aws/config:13: profile `bare` lacks sso_account_id, sso_role_name");
    let config = CONFIG.replace("111122223333", "12");
    let of_profile = with(&config, &[], |locations, environment| {
        let said = target(Some("sso"), |target| target.role_name = Some("Q"));
        described(&resolve(locations, environment, &said)?)
    });
    assert_eq!(of_profile, Err(format!("~/.aws/config:10: profile `sso`: {reason}")));
}

#[test]
fn of_a_large_file_a_source_and_the_reason_of_a_failure_are_found() {
    let padding = format!("[profile pad]\n{}", "x = y\n".repeat(20_000));
    for config in [format!("{CONFIG}{padding}"), CONFIG.to_owned()] {
        let meant = |profile| {
            with(&config, &[], |locations, environment| {
                described(&resolve(locations, environment, &Target::profile(profile))?)
            })
        };
        let role = "work in eu-west-1: 111122223333 R > arn:aws:iam::222233334444:role/Hub";
        assert_eq!(meant("role").as_deref(), Ok(role));
        assert_eq!(meant("keys").as_deref(), Ok("keys of keys"));
        assert!(meant("forgotten").unwrap_err().starts_with("~/.aws/config:23:"));
        assert_eq!(meant("gone").unwrap_err(), "there is no profile `gone` in ~/.aws/config");
    }
}

#[test]
fn an_identity_has_the_region_of_its_profile() {
    let region = |profile| {
        with(CONFIG, &[], |locations, environment| {
            Ok(resolve(locations, environment, &Target::profile(profile))?.region)
        })
    };
    assert_eq!(region("sso"), Ok(Some("eu-west-3".to_owned())));
    assert_eq!(region("keys"), Ok(None));
}

/// The session of a target.
fn session(target: &Target<'_>, variables: Variables<'_>) -> Result<Session, String> {
    with(CONFIG, variables, |locations, environment| {
        let files = Files::load(locations)?;
        resolve_session(&Sections::parse(&files), environment, target)
    })
}

#[test]
fn a_session_is_that_of_the_profile_unless_another_one_is_said() {
    let work = Session::named("work", "https://work.awsapps.com/start", "eu-west-1");
    for profile in ["sso", "bare", "role"] {
        assert_eq!(session(&Target::profile(profile), &[]).as_ref(), Ok(&work));
        let home = target(Some(profile), |target| target.sso_session = Some("home"));
        let home = session(&home, &[]).unwrap();
        assert_eq!(home.name.as_deref(), Some("home"));
        assert_eq!(home.registration_scopes, Some(vec!["a".to_owned(), "b".to_owned()]));
    }
    let said = |target: &mut Target<'_>| {
        target.start_url = Some("https://x");
        target.sso_region = Some("eu-west-2");
    };
    for profile in [Some("sso"), Some("keys"), Some("nothing"), None] {
        let legacy = Session::legacy("https://x", "eu-west-2");
        assert_eq!(session(&target(profile, said), &[]), Ok(legacy));
    }
    let keys = session(&Target::profile("keys"), &[]).unwrap_err();
    assert_eq!(keys, "~/.aws/config:18: profile `keys` gets its credentials without a sign-in");
    let nothing = session(&Target::profile("nothing"), &[]).unwrap_err();
    assert!(nothing.starts_with("~/.aws/config:21: profile `nothing` has no credentials"));
}

#[test]
fn half_of_a_session_is_told_with_the_other_half() {
    let none =
        |missing: &str| Err(format!("it is not said whose credentials: there is no {missing}"));
    assert_eq!(session(&Target::default(), &[]), none("start URL"));
    assert_eq!(session(&Target::default(), &[("AWS_SSO_REGION", "r")]), none("start URL"));
    let start_url = target(None, |target| target.start_url = Some("https://x"));
    assert_eq!(session(&start_url, &[]), none("region of the start URL"));
    let variable = ("AWS_SSO_START_URL", "https://v");
    assert_eq!(session(&Target::default(), &[variable]), none("region of the start URL"));
    let both = [variable, ("AWS_SSO_REGION", "eu-west-9")];
    let session = session(&Target::default(), &both);
    assert_eq!(session, Ok(Session::legacy("https://v", "eu-west-9")));
}

#[test]
fn a_program_that_is_told_nothing_looks_where_every_sdk_does() {
    let keys = [("AWS_ACCESS_KEY_ID", "A"), ("AWS_SECRET_ACCESS_KEY", "S")];
    let web = [("AWS_WEB_IDENTITY_TOKEN_FILE", "/token"), ("AWS_ROLE_ARN", "arn:web")];
    let relative = [("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x")];
    let full = [("AWS_CONTAINER_CREDENTIALS_FULL_URI", "https://h/x")];
    let default = "[default]\naws_access_key_id = D\naws_secret_access_key = S\n";
    let empty = "[default]\nregion = eu-west-1\n";
    let work = ("AWS_PROFILE", "sso");
    for (config, variables, expected) in [
        (default, [&keys[..], &[work]].concat(), Ok("Environment")),
        (default, [&keys[..1], &web, &relative].concat(), Ok("keys of default")),
        (CONFIG, [&web[..], &[work]].concat(), Ok("work in eu-west-1: 111122223333 R")),
        (empty, [&web[..], &relative].concat(), Ok("arn:web with /token")),
        ("", [&web[..], &relative].concat(), Ok("arn:web with /token")),
        ("", [&web[..1], &relative].concat(), Ok("Container")),
        (empty, full.to_vec(), Ok("Container")),
        ("", vec![], Err("no credentials are configured: there is no profile `default`")),
        (
            default,
            vec![("AWS_PROFILE", "gone")],
            Err("there is no profile `gone` in ~/.aws/config"),
        ),
        (
            "",
            [&relative[..], &[("AWS_DEFAULT_PROFILE", "gone")]].concat(),
            Err("there is no profile `gone` in ~/.aws/config"),
        ),
    ] {
        let found = with(config, &variables, |locations, environment| {
            described(&resolve_default(locations, environment)?)
        });
        assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned), "{variables:?}");
    }
}

#[test]
fn the_variable_of_a_web_identity_names_its_session() {
    let variables = [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "/token"),
        ("AWS_ROLE_ARN", "arn:web"),
        ("AWS_ROLE_SESSION_NAME", "me"),
    ];
    let identity = with("", &variables, resolve_default).unwrap();
    let Base::WebIdentity(base) = identity.base else { panic!("{identity:?}") };
    assert_eq!(base.role_session_name.as_deref(), Some("me"));
}
