//! Sign-ins to an emulator in this process.

use std::sync::Arc;

use emulator::Scenario;
use login::{Login, Page, Ui};
use providers::{Caches, Context, Endpoints, Program, Session};
use test_support::SignedIn;
use token_cache::{Flow, SsoToken};

struct Nobody;

impl Ui for Nobody {
    fn show(&self, _: &Page<'_>) {}
}

#[tokio::test]
async fn what_nobody_can_read_is_kept_beside_the_new_token() {
    let world = SignedIn::with(Scenario::default());
    let session = Session::named("work", &world.start_url, &world.region);
    let caches = Caches::below(world.home.path());
    let file = caches.sso.file(&session.cache_key());
    let (clock, transport) = (world.clock.clone(), Arc::new(world.emulator.clone()));
    let context = Context::new(Program::named("tests"), clock, transport, caches)
        .with_endpoints(Endpoints::all_at("http://127.0.0.1"));
    file.replace(b"not a token").unwrap();
    let login = Login { context: &context, session: &session, known_roles: &[], ui: &Nobody };
    login.run(Flow::DeviceCode).await.unwrap();
    let kept = file.beside("json.corrupt").load().unwrap();
    assert_eq!(kept.as_deref(), Some(&b"not a token"[..]));
    let token = SsoToken::from_slice(&file.load().unwrap().unwrap()).unwrap();
    assert!(!token.access_token.expose().is_empty());
}
