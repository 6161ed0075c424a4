//! Finds a role by parts of its words: `find_role START_URL REGION WORD...`.
//!
//! Signs in with a device code where nobody is signed in; the token is the one that all SDKs share.

use std::sync::Arc;

use assignments::{Listing, Request, Search};
use login::{Login, Page, Ui};
use providers::{Context, Program, Session};
use shared_config::Environment;
use token_cache::Flow;
use transport::{Config, Hyper, TokioClock};

const PROGRAM: Program = Program::named("find-role");

/// Shows the page to sign in on.
struct Terminal;

impl Ui for Terminal {
    #[expect(clippy::print_stderr, reason = "the point of the example")]
    fn show(&self, page: &Page<'_>) {
        if let Page::DeviceCode { url, code, .. } = page {
            eprintln!("Sign in on {url} with the code {code}");
        }
    }
}

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a program of its own")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(start_url), Some(region)) = (arguments.next(), arguments.next()) else {
        return Err("usage: find_role START_URL REGION WORD...".into());
    };
    let words = arguments.collect::<Vec<_>>().join(" ");
    let environment = Environment::new(std::env::vars_os());
    let transport = Arc::new(Hyper::new(Config::default()));
    let context = Context::from_env(PROGRAM, &environment, Arc::new(TokioClock), transport)?;
    for role in find(&context, &Session::legacy(&start_url, &region), &words).await? {
        println!("{role}");
    }
    Ok(())
}

async fn find(
    context: &Context,
    session: &Session,
    words: &str,
) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let login = Login::new(context, session, &Terminal);
    if login.spared_until().await.is_none() {
        login.run(Flow::DeviceCode).await?;
    }
    let everything = Request::all();
    let all = Listing::new(context, session).list(&everything, &mut |_| {}).await?;
    let lines = all.iter().flat_map(|assigned| {
        let account = &assigned.account;
        let name = account.account_name.as_deref().unwrap_or_default();
        assigned
            .role_names()
            .iter()
            .map(move |role| format!("{}  {name}  {role}", account.account_id))
    });
    Ok(Search::new(words).best(lines, |line, text| text.push_str(line)))
}

#[test]
fn it_signs_in_and_finds() {
    use test_support::{SignedIn, block_on};
    let signed_in = SignedIn::with(emulator::Scenario::default());
    let caches = providers::Caches::below(signed_in.home.path());
    let transport = Arc::new(signed_in.emulator.clone());
    let context = Context::new(PROGRAM, signed_in.clock.clone(), transport, caches)
        .with_endpoints(providers::Endpoints::all_at("http://127.0.0.1"));
    let nobody = Session::legacy(&signed_in.start_url, &signed_in.region);
    let found = block_on(find(&context, &nobody, "stag dev")).unwrap();
    assert_eq!(found, ["222233334444  Staging  Developer"]);
    assert_eq!(signed_in.calls("StartDeviceAuthorization"), 1);
}
