//! `keyfob refresh`

use std::sync::Arc;

use providers::SsoToken;
use shared_config::Sections;
use wire::SystemTimes;

use crate::args::Named;
use crate::env::World;
use crate::exit::{Exit, Failure};
use crate::log::StderrLog;
use crate::paste::login_command;
use crate::ui::{talk, until};
use crate::{net, sessions};

pub(crate) fn run(arguments: &Named) -> Result<(), Failure> {
    let world = World::capture()?;
    let files = world.files()?;
    let sections = Sections::parse(&files);
    let said = arguments.completed(&sections, &world)?;
    let session = sessions::chosen_session(&sections, &world.environment, &said)?;
    let network = said.network(&sections, &world)?;
    let context = net::context(&world, &network, Arc::new(StderrLog::default()))?;
    let provider = SsoToken::new(context, session.clone());
    let renewed = net::run(None, async {
        let state = provider.state().await;
        let Some(token) = state.token else {
            return Err(state.problem.map_or_else(|| cannot(&session), Failure::from));
        };
        if state.problem.is_none() && !token.is_refreshable(SystemTimes.now()) {
            return Err(cannot(&session));
        }
        Ok(provider.replace(&token.access_token).await?)
    })?;
    let end = until(SystemTimes.now(), renewed.expires_at);
    talk(&format!("Refreshed `{session}`; access token until {end}."));
    Ok(())
}

fn cannot(session: &providers::Session) -> Failure {
    Failure::new(Exit::LoginNeeded, format!("the sign-in to `{session}` cannot be refreshed"))
        .with_hint(format!("run `{}`", login_command(session)))
}
