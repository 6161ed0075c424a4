//! `keyfob whoami`

use providers::{Base, Clock, Credentials, Error, Plan, call_signed};
use serde_json::{Value, json};
use shared_config::Environment;
use sts_proto::{CallerIdentity, GetCallerIdentity, SigningKeys};

use crate::args::{Output, Whoami};
use crate::credentials::Access;
use crate::env::{SystemClock, World};
use crate::exit::{Exit, Failure, printable};
use crate::{net, ui, variables};

pub(crate) fn run(arguments: &Whoami) -> Result<(), Failure> {
    let world = World::capture()?;
    let target = &arguments.target;
    let files = target.files(&world)?;
    // Without a profile any may count: that of AWS_PROFILE, or the default one.
    let sections = match &target.profile {
        Some(_) => target.sections(&files)?,
        None => shared_config::Sections::parse(&files),
    };
    let plan = target.plan_or_default(&world.environment, &sections)?;
    let mut access = Access::new(&world, &sections, &plan, target, arguments.sign_in)?;
    let stale = |failure| told_of_keys(failure, &plan, &world.environment);
    let credentials = access.credentials().map_err(stale)?;
    let name = target.profile.as_deref();
    let profile = name.and_then(|name| sections.profile(name).ok());
    let of_environment = world.environment.first_text(&["AWS_REGION", "AWS_DEFAULT_REGION"]);
    let region = match profile.as_ref().and_then(|profile| profile.region()) {
        Some(region) => Some(region),
        None => of_environment?.or_else(|| plan.region()),
    };
    let endpoint = access.context.endpoints.sts(region.unwrap_or("us-east-1"));
    let endpoint = endpoint.map_err(Error::Endpoint)?;
    let sign = |now| GetCallerIdentity {
        keys: SigningKeys {
            access_key_id: &credentials.access_key_id,
            secret_access_key: &credentials.secret_access_key,
            session_token: credentials.session_token.as_ref(),
        },
        region: &endpoint.signing_region,
        now,
    };
    let identity =
        net::run(None, async { Ok(call_signed(sign, &endpoint, &access.context).await?) })
            .map_err(stale)?;
    ui::print(
        match arguments.output {
            Output::Json => ui::json_line(&json(&identity, &credentials)).into_bytes(),
            Output::Text => printable(&text(&identity, &credentials)).into_bytes(),
        }
        .as_slice(),
    )
}

/// AWS refuses keys that somebody has left in the environment.
#[derive(Debug, thiserror::Error)]
#[error("the keys of the environment are refused ({variables})")]
struct StaleKeys {
    variables: String,
    source: Box<dyn std::error::Error>,
}

/// Names the variables where their keys are refused: a shell has them long after they have expired.
fn told_of_keys(failure: Failure, plan: &Plan<'_>, environment: &Environment) -> Failure {
    if failure.exit != Exit::Refused || !matches!(plan.base, Base::Environment) {
        return failure;
    }
    let is_set = |name: &&str| environment.get_os(name).is_some();
    let set: Vec<&str> = variables::KEYS.into_iter().filter(is_set).collect();
    let error = StaleKeys { variables: set.join(", "), source: failure.error };
    Failure::new(Exit::Refused, error)
        .with_hint(format!("run `unset {}` to be who your profiles say", set.join(" ")))
}

fn json(identity: &CallerIdentity, credentials: &Credentials) -> Value {
    let hops = credentials.sources.iter().map(|source| {
        json!({
            "provider": source.provider,
            "detail": source.detail,
            "expiresAt": source.expiration.map(|time| time.to_string()),
        })
    });
    json!({
        "account": identity.account,
        "arn": identity.arn,
        "userId": identity.user_id,
        "hops": hops.collect::<Vec<_>>(),
    })
}

fn text(identity: &CallerIdentity, credentials: &Credentials) -> String {
    let now = SystemClock.now();
    let CallerIdentity { account, arn, user_id, .. } = identity;
    let mut text = format!("{arn}\naccount {account}, user id {user_id}\n\n");
    for source in &credentials.sources {
        let left = match source.expiration {
            Some(end) => format!("until {}", ui::until(now, end)),
            None => "does not expire".to_owned(),
        };
        text += &format!("{}: {}, {left}\n", source.provider, source.detail);
    }
    text
}
