//! What the SSO settings of a profile lead to: the token file and the role, as in botocore.

use std::collections::BTreeSet;

use conformance::{Difference, Tally, text};
use providers::Session;
use serde_json::Value;
use shared_config::{Profile, ProfileError, Sections, SsoError};

use crate::config_cases::{ConfigCase, of_others, own};

pub(crate) const DIFFERENCES: &[Difference] = &[
    Difference {
        id: "go-config_ua_credential_provider sso-token",
        row: "role-incomplete",
        keyfob: "token d033e22ae348aeb5660fc2140aec35850c4da997.json \
                 https://view.awsapps.com/start us-east-1, \
                 role lacks sso_account_id, sso_role_name",
    },
    Difference {
        id: "ruby-mock-shared sso_creds_mixed_legacy_mismatch",
        row: "session-conflict",
        keyfob: "token sso_start_url differs, role sso_start_url differs",
    },
    Difference {
        id: "sso-legacy-only-url dev",
        row: "role-incomplete",
        keyfob: "token 3947de8b16688092197fa616c34e01335f21d256.json \
                 https://x.awsapps.com/start eu-west-1, \
                 role lacks sso_account_id, sso_role_name",
    },
    Difference {
        id: "sso-mixed-differ dev",
        row: "session-conflict",
        keyfob: "token sso_region differs, role sso_region differs",
    },
    Difference {
        id: "sso-session-reuse c",
        row: "role-incomplete",
        keyfob: "token ee0bfd2552fbd840c02cc48b6e823320543c450f.json \
                 https://d-0123456789.awsapps.com/start eu-west-1, \
                 role lacks sso_account_id, sso_role_name",
    },
    Difference {
        id: "sso-session-token-only dev",
        row: "role-incomplete",
        keyfob: "token ee0bfd2552fbd840c02cc48b6e823320543c450f.json \
                 https://d-0123456789.awsapps.com/start eu-west-1, \
                 role lacks sso_account_id, sso_role_name",
    },
    Difference {
        id: "sso-session-unprefixed-default dev",
        row: "empty-variable",
        keyfob: "token 3947de8b16688092197fa616c34e01335f21d256.json \
                 https://x.awsapps.com/start eu-west-1, role 111122223333 R",
    },
];

const NO_SSO: &str = "token none, role none";

/// Puts the text of an error of botocore into words.
fn error_of_botocore(error: &Value) -> String {
    let message = text(error, "message");
    let after = |phrase: &str| message.split_once(phrase).map(|(_, rest)| rest.to_owned());
    if message.contains("does not exist") {
        "no such session".to_owned()
    } else if message.contains("is inconsistent") {
        let key = message.split_whitespace().find(|word| word.starts_with("sso_"));
        format!("{} differs", key.unwrap())
    } else if let Some(keys) = after("missing required configuration: ") {
        format!("lacks {keys}")
    } else if let Some(keys) = after("missing the following configuration: ") {
        format!("lacks {}", keys.trim_matches(['[', ']', '.']).replace('\'', ""))
    } else {
        message.to_owned()
    }
}

fn token_of_botocore(token: &Value) -> String {
    match &token["error"] {
        Value::Null => {
            ["cache_file", "sso_start_url", "sso_region"].map(|key| text(token, key)).join(" ")
        }
        error => error_of_botocore(error),
    }
}

/// What botocore makes of a profile: its token, for a legacy profile out of the credentials, for
/// which botocore has no provider of tokens; and its role.
fn expected(providers: &Value) -> String {
    let (token, credentials) = (&providers["token"], &providers["credentials"]);
    let role = match credentials {
        Value::Null => "none".to_owned(),
        Value::Object(role) if role.contains_key("error") => error_of_botocore(&role["error"]),
        role => ["sso_account_id", "sso_role_name"].map(|key| text(role, key)).join(" "),
    };
    let token = [token, credentials].into_iter().find(|provider| !provider.is_null());
    let token = token.map_or_else(|| "none".to_owned(), token_of_botocore);
    format!("token {token}, role {role}")
}

fn error_of_ours(error: &ProfileError) -> String {
    match error {
        ProfileError::Rejected(_) => "no such session".to_owned(),
        ProfileError::Sso(error) => error_of_sso(error),
        other => other.to_string(),
    }
}

fn error_of_sso(error: &SsoError) -> String {
    match error {
        SsoError::Conflict { key, .. } => format!("{key} differs"),
        SsoError::MissingSession { .. } => "no such session".to_owned(),
        SsoError::MissingKeys { keys, .. } => format!("lacks {}", keys.join(", ")),
        other => other.to_string(),
    }
}

/// What keyfob makes of a profile, in the same words.
fn seen(profile: &Profile<'_, '_>) -> String {
    let settings = match profile.sso() {
        Ok(Some(settings)) => settings,
        Ok(None) => return NO_SSO.to_owned(),
        Err(error) => {
            let error = error_of_ours(&error);
            return format!("token {error}, role {error}");
        }
    };
    let session = match settings.session_name {
        Some(name) => Session::named(name, settings.start_url, settings.region),
        None => Session::legacy(settings.start_url, settings.region),
    };
    let role = match settings.role(profile) {
        Ok((account_id, role_name)) => format!("{account_id} {role_name}"),
        Err(error) => error_of_sso(&error),
    };
    let (key, url, region) = (session.cache_key(), settings.start_url, settings.region);
    format!("token {key}.json {url} {region}, role {role}")
}

fn run(tally: &mut Tally, case: &ConfigCase) {
    let of_botocore = &case.expected["expected"]["sso"];
    let refused = case.expected["normalised"]["botocore"]["error"] == true;
    let Ok(files) = case.load() else { return };
    let sections = Sections::parse(&files);
    let known = of_botocore.as_object().into_iter().flat_map(|profiles| profiles.keys());
    let mut names: BTreeSet<_> = known.map(String::as_str).collect();
    names.extend(sections.profiles().map(|section| section.name()));
    for name in names {
        if refused {
            tally.skip("botocore refuses the file");
            continue;
        }
        let seen = match sections.profile(name) {
            Ok(profile) => seen(&profile),
            Err(error) => error.to_string(),
        };
        let expected = expected(&of_botocore[name]);
        if expected == NO_SSO && sections.profile(name).is_err() {
            tally.skip("a line of the profile is not understood, and it has no SSO settings");
        } else {
            tally.compare(&format!("{} {name}", case.id), &expected, &seen);
        }
    }
}

#[test]
fn sso_settings_lead_where_botocore_goes() {
    let mut tally = Tally::new("weird-configs sso", DIFFERENCES);
    for case in own() {
        run(&mut tally, &case);
    }
    tally.finish();
}

#[test]
fn sso_settings_of_others_lead_where_botocore_goes() {
    let Some((cases, _)) = of_others() else { return };
    let mut tally = Tally::new("config-differential sso", DIFFERENCES);
    for case in cases {
        run(&mut tally, &case);
    }
    tally.finish();
}
