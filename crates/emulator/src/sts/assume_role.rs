use wire::Timestamp;

use super::mfa_codes::MfaCodes;
use super::parameters::{Parameters, Rule};
use super::role_session::{ARN, NAME, Wanted, access_denied, open_role_session};
use crate::credentials::{Keys, Principal};
use crate::error::ServiceError;
use crate::form::Form;
use crate::iam::{IamRole, is_name};
use crate::instance::Instance;

const EXTERNAL_ID: Rule = Rule {
    allows: |c| is_name(c) || ":/".contains(c),
    length: 2..=1224,
    pattern: r"[\w+=,.@:\/-]*",
};
const SERIAL_NUMBER: Rule =
    Rule { allows: |c| is_name(c) || "/:".contains(c), length: 9..=256, pattern: r"[\w+=/:,.@-]*" };
const TOKEN_CODE: Rule = Rule { allows: |c| c.is_ascii_digit(), length: 6..=6, pattern: r"[\d]*" };
const TAG_KEY: Rule =
    Rule { allows: is_tag, length: 1..=128, pattern: r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+" };
const TAG_VALUE: Rule =
    Rule { allows: is_tag, length: 0..=256, pattern: r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*" };
const CONTEXT_ASSERTION: Rule = Rule { allows: |_| true, length: 4..=2048, pattern: "" };

/// Nearly the pattern: the standard library has no Unicode categories, only their relatives.
fn is_tag(character: char) -> bool {
    character.is_alphanumeric()
        || (character.is_whitespace() && !character.is_control())
        || "_.:/=+-@".contains(character)
}

/// Assumes a role for the caller.
pub(super) fn assume_role(
    now: Timestamp,
    instance: &mut Instance,
    keys: &mut Keys,
    mfa_codes: &mut MfaCodes,
    caller: &Principal,
    form: &Form,
) -> Result<String, ServiceError> {
    let mut parameters = Parameters::new(form);
    let mut wanted = Wanted::read(&mut parameters, usize::MAX);
    let external_id = parameters.optional("ExternalId", &EXTERNAL_ID);
    let serial_number = parameters.optional("SerialNumber", &SERIAL_NUMBER);
    let token_code = parameters.optional("TokenCode", &TOKEN_CODE);
    let source_identity = parameters.optional("SourceIdentity", &NAME);
    let tags = read_tags(&mut parameters);
    let transitive = read_transitive_tag_keys(&mut parameters);
    for member in parameters.members("ProvidedContexts", 5) {
        parameters.required(&format!("{member}.ProviderArn"), &ARN);
        parameters.required(&format!("{member}.ContextAssertion"), &CONTEXT_ASSERTION);
    }
    parameters.finish()?;
    let arn = wanted.role_arn()?;
    let transitive_tag_keys = transitive_tag_keys(caller, &tags, transitive)?;
    wanted.packed += tags.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>();

    let has_mfa = match (serial_number, token_code) {
        (None, None) => false,
        (Some(serial_number), Some(code)) => {
            mfa_codes.spend(&instance.scenario, caller, serial_number, code)?;
            true
        }
        _ => {
            return Err(access_denied(
                "MultiFactorAuthentication failed, must provide both MFA serial number and \
                 one time pass code.",
            ));
        }
    };
    let source_identity = match (&caller.source_identity, source_identity) {
        (Some(inherited), Some(sent)) if inherited != sent => {
            let message = "The source identity is already set for this assume role session";
            return Err(access_denied(message));
        }
        (inherited, sent) => sent.map(str::to_owned).or_else(|| inherited.clone()),
    };
    let trusts = |role: &IamRole| {
        is_trusted(role, caller)
            && (has_mfa || !role.mfa)
            && role.external_id.as_deref().is_none_or(|wanted| external_id == Some(wanted))
            && (role.source_identity.is_none() || role.source_identity == source_identity)
    };
    let Some(role) = instance.scenario.iam_role(arn.arn).filter(trusts) else {
        let (caller, role) = (&caller.arn, arn.arn);
        return Err(access_denied(format!(
            "User: {caller} is not authorized to perform: sts:AssumeRole on resource: {role}"
        )));
    };
    let duration = wanted.duration(&role, Some(caller))?;
    let is_chained = caller.role_arn.is_some();
    let principal =
        Principal { is_chained, source_identity, transitive_tag_keys, ..wanted.principal(&arn) };
    open_role_session(&mut instance.random, keys, now, principal, duration, wanted.packed)
}

fn read_tags<'a>(parameters: &mut Parameters<'a>) -> Vec<(&'a str, &'a str)> {
    let members = parameters.members("Tags", 50);
    let read = |member: String| {
        let key = parameters.required(&format!("{member}.Key"), &TAG_KEY);
        (key, parameters.required(&format!("{member}.Value"), &TAG_VALUE))
    };
    members.into_iter().map(read).collect()
}

fn read_transitive_tag_keys(parameters: &mut Parameters<'_>) -> Vec<String> {
    let members = parameters.members("TransitiveTagKeys", 50);
    let read = |member: String| parameters.required(&member, &TAG_KEY).to_lowercase();
    members.into_iter().map(read).collect()
}

/// Whether the role's trust policy names the caller, as a session or as its role or user.
fn is_trusted(role: &IamRole, caller: &Principal) -> bool {
    role.trusted.as_ref().is_none_or(|trusted| {
        let mut arns = caller.role_arn.iter().chain([&caller.arn]);
        arns.any(|arn| trusted.iter().any(|beginning| arn.starts_with(beginning)))
    })
}

/// Checks the tags, and returns the keys of those that sessions of this session inherit.
fn transitive_tag_keys(
    caller: &Principal,
    tags: &[(&str, &str)],
    transitive: Vec<String>,
) -> Result<Vec<String>, ServiceError> {
    let refuse = |message| Err(ServiceError::bad_request("InvalidParameterValue", message));
    let mut keys = Vec::new();
    for (key, _) in tags {
        let key = key.to_lowercase();
        if keys.contains(&key) {
            let message =
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
            return refuse(message);
        }
        if caller.transitive_tag_keys.contains(&key) {
            return refuse(
                "One of the specified transitive tag keys can't be set because it conflicts with a \
                 transitive tag key from the calling session.",
            );
        }
        keys.push(key);
    }
    if !transitive.iter().all(|key| keys.contains(key)) {
        return refuse("The specified transitive tag key must be included in the requested tags.");
    }
    Ok([caller.transitive_tag_keys.clone(), transitive].concat())
}
