//! Who is signed in, as far as the files tell.

use std::sync::Arc;

use providers::{Error, InvalidTokenCause, NoLog, SsoToken};
use shared_config::Sections;

use super::report::Report;
use crate::env::World;
use crate::exit::with_causes;
use crate::net;
use crate::paste::login_command;
use crate::sessions;

const CHECK: &str = "sign-in";

pub(super) async fn look(report: &mut Report, world: &World, sections: &Sections<'_>) {
    let context = net::offline(world, Arc::new(NoLog), "it is not asked");
    let (configured, _) = sessions::all(sections);
    for sessions::Configured { session, .. } in configured {
        let command = login_command(&session);
        let problem = SsoToken::new(context.clone(), session.clone()).state().await.problem;
        let cause = match problem {
            None => {
                report.fine(CHECK, format!("somebody is signed in to `{session}`"));
                continue;
            }
            Some(Error::InvalidToken { cause, .. }) => cause,
            Some(_) => continue, // a file that nobody can read is told with the cache
        };
        match cause {
            InvalidTokenCause::Absent { .. } => {
                report.note(CHECK, format!("nobody is signed in to `{session}`"), command);
            }
            InvalidTokenCause::RefusedBefore { .. } => {
                let text = format!("the sign-in to `{session}` is over: {}", with_causes(&cause));
                report.error(CHECK, text, command);
            }
            cause => {
                let text = format!("nobody is signed in to `{session}`: {}", with_causes(&cause));
                report.note(CHECK, text, command);
            }
        }
    }
}
