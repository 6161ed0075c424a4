//! A command for each of many roles: `exec --match`.

mod job;
mod output;
mod process;
mod run;
mod stop;

use std::sync::Arc;

use assignments::{Assigned, RoleCredentials, Search};
use providers::{Context, Session, SsoToken};
use shared_config::Sections;

use crate::args::{Exec, FanOut, SessionArgs, SignIn};
use crate::credentials::offer_sign_in;
use crate::env::World;
use crate::exit::{Exit, Failure};
use crate::labels::Labels;
use crate::listing::fetch;
use crate::log::StderrLog;
use crate::rows::{Row, sort};
use crate::ui::print;
use crate::{net, sessions};

use job::{Job, jobs};

/// The variables of the region, the first one first.
const REGION: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];

/// Runs the command for all roles that fit; returns the highest exit code.
pub(crate) fn run(world: &World, arguments: &Exec) -> Result<u8, Failure> {
    let (words, command) = arguments.words_and_command();
    let options = &arguments.fan_out;
    if !words.is_empty() {
        let error = format!("`{}` stands beside --match", words.join(" "));
        return Err(Failure::usage(error).with_hint("leave out one of both"));
    }
    if command.is_empty() {
        let hint = "put it behind `--`, such as `keyfob exec --match prod -- aws s3 ls`";
        return Err(Failure::usage("--match needs a command").with_hint(hint));
    }
    let files = world.files()?;
    let sections = Sections::parse(&files);
    let said = arguments.target.session.completed(&sections, world)?;
    let session = sessions::chosen_session(&sections, &world.environment, &said)?;
    let network = said.network(&sections, world)?;
    let context = net::context(world, &network, Arc::new(StderrLog::default()))?;
    let sign_in = arguments.sign_in;
    let labels = Labels::load(world)?;
    let list = || fetch(world, &session, &network, &labels, false);
    let (all, unknown) = signed_in(world, &context, &session, sign_in, list)?;
    let is_whole = unknown.is_empty();
    if !is_whole && !options.keep_going {
        let error = format!("the roles of {} accounts could not be listed", unknown.len());
        let hint = "the same command asks for them again; --keep-going leaves them out";
        return Err(Failure::new(Exit::Other, error).with_hint(hint));
    }
    let of_profile = said.profile.as_deref().map(|name| sections.profile(name)).transpose()?;
    let of_profile = of_profile.as_ref().and_then(shared_config::Profile::region);
    let given = arguments.region.as_deref().or(of_profile);
    let around = world.environment.first_text(&REGION)?;
    let jobs = jobs(&chosen(&all, &labels, options)?, command, options, given.or(around))?;
    if options.dry_run {
        let lines: String = jobs.iter().map(Job::line).collect();
        return print(lines.as_bytes()).map(|()| 0);
    }
    let credentials = RoleCredentials::new(&context, &session);
    if !jobs.iter().all(|job| credentials.has_kept(job.role())) {
        // Refreshed once for all; and a session that has ended is told once.
        let token = SsoToken::new(context.clone(), session.clone());
        let refresh = || net::run(None, async { Ok(token.token().await?) });
        signed_in(world, &context, &session, sign_in, refresh)?;
    }
    let code = run::run(run::Work {
        jobs,
        credentials,
        session: SessionArgs::from(&session),
        // What the environment has is there without us.
        sets_region: given.is_some() || !options.regions.is_empty(),
        output: options.output,
        parallel: options.parallel.map_or_else(parallel, usize::from),
        keep_going: options.keep_going,
    })?;
    Ok(if is_whole { code } else { code.max(Exit::Other as u8) })
}

/// The roles that the options mean, in the order of `keyfob roles`.
fn chosen<'a>(
    all: &'a [Assigned],
    labels: &'a Labels,
    options: &FanOut,
) -> Result<Vec<Row<'a>>, Failure> {
    let searches = |queries: &[String]| -> Vec<Search> {
        queries.iter().map(|query| Search::new(query)).collect()
    };
    let (mut wanted, mut unwanted) = (searches(&options.matches), searches(&options.exclude));
    let mut line = String::new();
    let mut rows: Vec<_> = all.iter().flat_map(|one| Row::of_roles(one, labels)).collect();
    rows.retain(|row| {
        line.clear();
        row.write_searched(&mut line);
        let is_found_by = |searches: &mut Vec<Search>| {
            searches.iter_mut().any(|search| search.score(&line).is_some())
        };
        is_found_by(&mut wanted)
            && !is_found_by(&mut unwanted)
            && options.role.as_ref().is_none_or(|regex| regex.is_match(row.role_name))
    });
    if rows.is_empty() {
        let error = "no role that is assigned to you fits --match, --exclude and --role";
        return Err(Failure::usage(error).with_hint(
            "`keyfob search QUERY` shows what a query finds, `keyfob roles` all roles",
        ));
    }
    sort(&mut rows);
    Ok(rows)
}

/// How many commands run at a time where nobody says.
fn parallel() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(8)
}

/// Does what needs a sign-in; where only that helps, a person may be asked for one.
fn signed_in<T>(
    world: &World,
    context: &Context,
    session: &Session,
    options: SignIn,
    work: impl Fn() -> Result<T, Failure>,
) -> Result<T, Failure> {
    match work() {
        Err(failure) if failure.exit == Exit::LoginNeeded => {
            match offer_sign_in(world, context, session, options)? {
                true => work(),
                false => Err(failure),
            }
        }
        result => result,
    }
}
