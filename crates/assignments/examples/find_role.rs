//! Finds a role by parts of its words: `find_role START_URL REGION WORD...`.
//!
//! Signs in with a device code where nobody is signed in; the token is the one that all SDKs share.

use assignments::{Listing, Request, Search};
use login::{Login, Page, Ui};
use providers::{Caches, Context, Session};
use shared_config::Environment;
use token_cache::Flow;

#[path = "../../providers/examples/support/mod.rs"]
#[expect(dead_code, reason = "the examples of another crate show credentials")]
mod support;

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

#[expect(clippy::print_stdout, reason = "the point of the example")]
fn main() -> support::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(start_url), Some(region)) = (arguments.next(), arguments.next()) else {
        return Err("usage: find_role START_URL REGION WORD...".into());
    };
    let words = arguments.collect::<Vec<_>>().join(" ");
    let (locations, context) = support::from_environment()?;
    let caches = Caches::new(&locations, &Environment::default());
    let session = Session::legacy(&start_url, &region);
    for role in support::block_on(find(&context, &session, &caches, &words))? {
        println!("{role}");
    }
    Ok(())
}

async fn find(
    context: &Context,
    session: &Session,
    caches: &Caches,
    words: &str,
) -> support::Result<Vec<String>> {
    let login = Login { context, session, caches: caches.clone(), known_roles: &[], ui: &Terminal };
    if login.spared_until().await.is_none() {
        login.run(Flow::DeviceCode).await?;
    }
    let everything = Request { accounts: &|_| true, renew: false, roles: true };
    let all = Listing::new(context, session, caches).list(&everything, &mut |_| {}).await?;
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
    let signed_in = support::SignedIn::new();
    let caches = Caches::new(&signed_in.locations, &Environment::default());
    let Session { start_url, region, .. } = &signed_in.session;
    let nobody = Session::legacy(start_url, region);
    let found = support::block_on(find(&signed_in.context, &nobody, &caches, "stag dev")).unwrap();
    assert_eq!(found, ["222233334444  Staging  Developer"]);
    assert_eq!(signed_in.calls("StartDeviceAuthorization"), 2);
}
