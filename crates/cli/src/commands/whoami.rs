//! `keyfob whoami`

use providers::{Clock, Credentials, Error, call_signed};
use serde_json::{Value, json};
use sts_proto::{CallerIdentity, GetCallerIdentity, SigningKeys};

use crate::args::{Output, Whoami};
use crate::credentials::Access;
use crate::env::{SystemClock, World};
use crate::exit::{Failure, printable};
use crate::{net, ui};

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
    let credentials = access.credentials()?;
    let name = target.profile.as_deref();
    let profile = name.and_then(|name| sections.profile(name).ok());
    let region = profile
        .as_ref()
        .and_then(|profile| profile.region())
        .or_else(|| world.environment.first(&["AWS_REGION", "AWS_DEFAULT_REGION"]))
        .or_else(|| plan.region());
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
        net::run(None, async { Ok(call_signed(sign, &endpoint, &access.context).await?) })?;
    ui::print(
        match arguments.output {
            Output::Json => ui::json_line(&json(&identity, &credentials)).into_bytes(),
            Output::Text => printable(&text(&identity, &credentials)).into_bytes(),
        }
        .as_slice(),
    )
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
