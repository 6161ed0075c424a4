//! `keyfob whoami`

use providers::{Base, Credentials, Error, Identity, call_signed};
use serde_json::{Value, json};
use sts_proto::{CallerIdentity, GetCallerIdentity, SigningKeys};
use wire::SystemTimes;

use crate::args::{Output, Whoami};
use crate::credentials::Access;
use crate::env::World;
use crate::exit::{Exit, Failure, printable};
use crate::{net, ui, variables};

pub(crate) fn run(arguments: &Whoami) -> Result<(), Failure> {
    let world = World::capture()?;
    // Nothing at all means what an SDK finds by itself.
    let target = &arguments.target;
    let target = &match target.says_something() || !arguments.words.is_empty() {
        true => target.completed(&arguments.words, &world)?,
        false => target.clone(),
    };
    let identity = target.identity_or_default(&world)?;
    let mut access = Access::new(&world, &identity, target, arguments.sign_in)?;
    let stale = |failure| told_of_keys(failure, &identity);
    let credentials = access.credentials().map_err(stale)?;
    let of_session = || identity.session().map(|session| session.region.as_str());
    let region = target.region(&identity, &world)?.or_else(of_session);
    let endpoint = identity.network.endpoints.sts(region.unwrap_or("us-east-1"));
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
    let caller = net::run(None, async { Ok(call_signed(sign, &endpoint, &access.context).await?) })
        .map_err(stale)?;
    ui::print(
        match arguments.output {
            Output::Json => ui::json_document(&json(&caller, &credentials)).into_bytes(),
            Output::Text => printable(&text(&caller, &credentials)).into_bytes(),
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
fn told_of_keys(failure: Failure, identity: &Identity) -> Failure {
    if failure.exit != Exit::Refused || !matches!(identity.base, Base::Environment) {
        return failure;
    }
    let is_set = |name: &&str| identity.environment.get_os(name).is_some();
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
    let now = SystemTimes.now();
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
