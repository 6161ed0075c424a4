use shared_config::{Place, Profile};

use crate::ResolveError;
use crate::profile_settings::setting_error;

/// Something in a profile that works, but not in every tool alike.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lint {
    /// The setting.
    pub setting: &'static str,
    /// The line.
    pub place: Place,
    /// What it is.
    pub message: String,
}

/// How one family of SDKs sees a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SdkChoice {
    /// The SDK, or the tools that behave alike.
    pub sdk: &'static str,
    /// What it gets credentials from.
    pub provider: &'static str,
}

const SSO_KEYS: [&str; 5] =
    ["sso_session", "sso_account_id", "sso_role_name", "sso_start_url", "sso_region"];

/// The kinds of providers that a profile may name, and the setting by which it does.
const KINDS: [(&str, &str); 5] = [
    ("role", "role_arn"),
    ("web identity", "web_identity_token_file"),
    ("sso", ""), // any of SSO_KEYS
    ("process", "credential_process"),
    ("static", "aws_access_key_id"),
];

/// The order in which SDKs look at the kinds of a profile.
const ORDERS: [(&str, [&str; 5]); 6] = [
    ("AWS CLI, botocore", ["web identity", "role", "sso", "process", "static"]),
    ("Go", ["role", "static", "web identity", "sso", "process"]),
    ("Java", ["web identity", "sso", "role", "process", "static"]),
    ("JavaScript", ["role", "static", "web identity", "process", "sso"]),
    ("Kotlin", ["static", "role", "web identity", "sso", "process"]),
    ("Rust", ["web identity", "role", "sso", "process", "static"]),
];

pub(crate) fn has_sso(profile: &Profile<'_, '_>) -> bool {
    SSO_KEYS.iter().any(|key| profile.get(key).is_some())
}

fn kinds(profile: &Profile<'_, '_>) -> Vec<&'static str> {
    let has = |kind: &str, key: &str| match kind {
        "sso" => has_sso(profile),
        // With a token file the role is the one of the web identity.
        "role" => profile.get(key).is_some() && profile.get("web_identity_token_file").is_none(),
        _ => profile.setting(key).is_some(),
    };
    KINDS.iter().filter(|(kind, key)| has(kind, key)).map(|(kind, _)| *kind).collect()
}

impl SdkChoice {
    /// Returns what each family of SDKs gets the credentials of a profile from; only one kind leaves
    /// them no choice.
    pub fn of(profile: &Profile<'_, '_>) -> Vec<Self> {
        let kinds = kinds(profile);
        let chosen =
            |order: &[&'static str; 5]| order.iter().find(|kind| kinds.contains(kind)).copied();
        ORDERS
            .iter()
            .filter_map(|(sdk, order)| Some(Self { sdk, provider: chosen(order)? }))
            .collect()
    }
}

impl Lint {
    /// Finds what is left over in a profile, or said twice.
    pub fn of(profile: &Profile<'_, '_>) -> Vec<Self> {
        let mut lints = Vec::new();
        let mut add = |setting: &'static str, message: &str| {
            let (place, message) = (profile.place(setting), message.to_owned());
            lints.push(Self { setting, place, message });
        };
        if let Some(message) = included_elsewhere(profile) {
            add(INCLUDE, &message);
        }
        if has_sso(profile) {
            if profile.get("aws_access_key_id").is_some() {
                add(
                    "aws_access_key_id",
                    "static keys beside sso keys: Go, JavaScript and Kotlin use the static keys",
                );
            }
            if profile.get("role_arn").is_some() {
                add(
                    "role_arn",
                    "role_arn and sso keys in one profile: SDKs disagree which one counts",
                );
            }
            if profile.get("credential_process").is_some() {
                add(
                    "credential_process",
                    "credential_process beside sso keys: only JavaScript runs it",
                );
            }
        }
        if profile.get("sso_session").is_some() {
            for key in ["sso_region", "sso_start_url"] {
                if profile.get(key).is_some() {
                    add(
                        key,
                        &format!("{key} beside sso_session: the Rust SDK refuses the profile"),
                    );
                }
            }
        }
        if profile.get("login_session").is_some() {
            let kinds = kinds(profile);
            if kinds.iter().any(|kind| ["role", "web identity", "sso"].contains(kind)) {
                add("login_session", "login_session beside sso keys or a role: no SDK uses it");
            } else if kinds.contains(&"static") {
                add(
                    "login_session",
                    "login_session beside static keys: Rust does not use the keys, the AWS CLI and \
                 botocore only those of the credentials file, JavaScript all",
                );
            } else if kinds.contains(&"process") {
                add(
                    "login_session",
                    "login_session beside credential_process: the AWS CLI, botocore and Rust use the \
                 one, JavaScript the other",
                );
            }
        }
        if let Some(account_id) = profile.get("sso_account_id")
            && !is_account_id(account_id)
        {
            let reason = no_account_id(account_id);
            add("sso_account_id", &format!("profile `{}`: {reason}", profile.name()));
        }
        lints
    }
}

const INCLUDE: &str = "include_profile";

/// Says what is wrong where a profile means the settings of another one by a setting of aws-vault.
fn included_elsewhere(profile: &Profile<'_, '_>) -> Option<String> {
    let other = profile.get(INCLUDE)?;
    Some(format!(
        "include_profile is read by aws-vault alone; write the settings of `{other}` here too"
    ))
}

/// The error of a profile without a source of its own, where `include_profile` is why.
pub(crate) fn not_included(profile: &Profile<'_, '_>) -> Option<ResolveError> {
    included_elsewhere(profile).map(|reason| setting_error(profile, INCLUDE, &reason))
}

pub(crate) fn no_account_id(text: &str) -> String {
    format!("`{text}` is no account id, which has twelve digits")
}

/// Whether a text is the id of an account: twelve digits.
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared_config::{Files, Sections};

    fn with<T>(lines: &str, check: impl FnOnce(&Profile<'_, '_>) -> T) -> T {
        let files = Files::from_texts(&format!("[profile p]\n{lines}"), "");
        let sections = Sections::parse(&files);
        check(&sections.profile("p").unwrap())
    }

    #[test]
    fn sdks_disagree_on_what_is_left_over() {
        let lines = "sso_start_url = u\naws_access_key_id = A\ncredential_process = x\n";
        let choices = with(lines, SdkChoice::of);
        let of = |sdk| choices.iter().find(|choice| choice.sdk == sdk).unwrap().provider;
        assert_eq!([of("AWS CLI, botocore"), of("Rust"), of("Java")], ["sso"; 3]);
        assert_eq!([of("Go"), of("JavaScript"), of("Kotlin")], ["static"; 3]);
        assert!(with("region = x\n", SdkChoice::of).is_empty());
        // The role is the one of the token, not another source.
        let choices = with("role_arn = r\nweb_identity_token_file = f\n", SdkChoice::of);
        assert!(choices.iter().all(|choice| choice.provider == "web identity"), "{choices:?}");
        let choices = with("role_arn = r\nsource_profile = q\n", SdkChoice::of);
        assert!(choices.len() == 6 && choices.iter().all(|choice| choice.provider == "role"));
    }

    #[test]
    fn what_stands_beside_a_login_session_is_told() {
        let messages = |lines: &str| -> Vec<String> {
            with(lines, Lint::of).into_iter().map(|lint| lint.message).collect()
        };
        assert!(messages("login_session = a\n").is_empty());
        for (lines, beside) in [
            ("credential_process = b\n", "credential_process"),
            ("credential_process = b\naws_access_key_id = A\n", "static keys"),
            ("credential_process = b\nrole_arn = r\n", "sso keys or a role"),
        ] {
            let found = messages(&format!("login_session = a\n{lines}")).join("\n");
            assert!(found.starts_with(&format!("login_session beside {beside}:")), "{found}");
            assert!(!found.contains('\n'), "{found}");
        }
    }

    #[test]
    fn left_overs_are_named_with_their_line() {
        let lines = "sso_session = s\nsso_region = r\nsso_account_id = 12\nrole_arn = a\n\
                     aws_access_key_id = A\n";
        let found: Vec<_> = with(lines, Lint::of)
            .into_iter()
            .map(|lint| (lint.place.line, lint.message.split(':').next().unwrap().to_owned()))
            .collect();
        let expected = [
            (6, "static keys beside sso keys"),
            (5, "role_arn and sso keys in one profile"),
            (3, "sso_region beside sso_session"),
            (4, "profile `p`"),
        ];
        assert_eq!(found, expected.map(|(line, text)| (line, text.to_owned())));
    }
}
