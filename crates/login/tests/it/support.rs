use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use emulator::{Idp, InProcess, Scenario};
use http::{Request, Response};
use login::{Login, LoginError, Page, SignedIn, Ui};
use providers::{Caches, Context, Endpoints, Program, Role, Session};
use test_support::{Notes, TestClock};
use token_cache::{CacheFile, CacheKey, CachedRegistration, Flow, RegistrationKey};
use wire::{ResponseFuture, Timestamp, Transport};

pub(crate) const ROLE: Role<'static> = Role { account_id: "111122223333", role_name: "ReadOnly" };

/// A machine on which nobody has signed in yet, with a person before it.
pub(crate) struct World {
    pub(crate) caches: Caches,
    pub(crate) context: Context,
    pub(crate) emulator: InProcess,
    pub(crate) home: tempfile::TempDir,
    pub(crate) person: Person,
    pub(crate) service: Arc<Service>,
    pub(crate) session: Session,
    pub(crate) notes: Arc<Notes>,
}

/// The emulator, which answers some paths otherwise when it is told to.
pub(crate) struct Service {
    emulator: InProcess,
    answers: Mutex<HashMap<&'static str, (u16, &'static str)>>,
}

impl Service {
    /// Answers the next request for a path with this error.
    pub(crate) fn refuse(&self, path: &'static str, status: u16, body: &'static str) {
        self.answers.lock().unwrap().insert(path, (status, body));
    }
}

impl Transport for Service {
    fn send<'a>(&'a self, request: Request<Vec<u8>>) -> ResponseFuture<'a> {
        let refused = self.answers.lock().unwrap().remove(request.uri().path());
        let Some((status, body)) = refused else { return self.emulator.send(request) };
        let response = Response::builder().status(status).body(body.into()).unwrap();
        Box::pin(std::future::ready(Ok(response)))
    }
}

/// What the person does with a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Will {
    Approve,
    Deny,
    Ignore,
}

pub(crate) struct Person {
    emulator: InProcess,
    pub(crate) will: Will,
    /// The codes that were shown, and what the browser showed in the end.
    pub(crate) codes: Mutex<Vec<String>>,
    browser: Mutex<Option<JoinHandle<String>>>,
}

impl Person {
    /// The answer that the browser got when it came back.
    pub(crate) fn saw(&self) -> String {
        self.browser.lock().unwrap().take().unwrap().join().unwrap()
    }
}

impl Ui for Person {
    fn show(&self, page: &Page<'_>) {
        let (now, idp) = (self.emulator.now(), self.emulator.idp());
        let mut idp = idp.lock().unwrap();
        match page {
            Page::AuthorizationCode { url, .. } => {
                let redirect = match self.will {
                    Will::Approve => idp.approve_authorization(now, url),
                    Will::Deny => idp.deny_authorization(now, url),
                    Will::Ignore => return,
                };
                let redirect = redirect.unwrap();
                let browser = std::thread::spawn(move || get(&redirect));
                *self.browser.lock().unwrap() = Some(browser);
            }
            Page::DeviceCode { code, .. } => {
                self.codes.lock().unwrap().push((*code).to_owned());
                match self.will {
                    Will::Approve => idp.approve_device(now, code).unwrap(),
                    Will::Deny => idp.deny_device(now, code).unwrap(),
                    Will::Ignore => {}
                }
            }
            page => panic!("{page:?}"),
        }
    }
}

/// Asks as a browser does, and returns the whole answer.
pub(crate) fn get(url: &str) -> String {
    let url: http::Uri = url.parse().unwrap();
    let host = url.authority().unwrap().as_str();
    let mut stream = TcpStream::connect(host).unwrap();
    let target = url.path_and_query().unwrap();
    write!(stream, "GET {target} HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

impl World {
    pub(crate) fn new(will: Will) -> Self {
        Self::with(Scenario::default(), will)
    }

    pub(crate) fn with(scenario: Scenario, will: Will) -> Self {
        let session = Session::named("work", &scenario.start_urls[0], &scenario.region);
        let emulator = InProcess::new(Idp::new(scenario), Timestamp::from_unix(1_767_323_045));
        let service = Arc::new(Service { emulator: emulator.clone(), answers: Mutex::default() });
        let (notes, home) = (Arc::new(Notes::default()), test_support::directory());
        let (program, caches) = (Program::named("tests"), Caches::below(home.path()));
        let clock = TestClock::of(&emulator);
        let context = Context::new(program, clock, service.clone(), caches.clone())
            .with_endpoints(Endpoints::all_at("http://127.0.0.1"))
            .with_log(notes.clone());
        let person = Person {
            emulator: emulator.clone(),
            will,
            codes: Mutex::default(),
            browser: Mutex::default(),
        };
        Self { caches, context, emulator, home, person, service, session, notes }
    }

    pub(crate) fn login(&self) -> Login<'_> {
        Login::new(&self.context, &self.session, &self.person).with_known_roles(&[ROLE])
    }

    pub(crate) async fn sign_in(&self, flow: Flow) -> Result<SignedIn, LoginError> {
        self.login().run(flow).await
    }

    pub(crate) fn token_file(&self) -> CacheFile {
        self.caches.sso.file(&self.session.cache_key())
    }

    pub(crate) fn registration_file(&self) -> CacheFile {
        self.caches.sso.file(&CacheKey::for_registration(&RegistrationKey {
            region: &self.session.region,
            scopes: self.session.registration_scopes.as_deref(),
            session_name: self.session.name.as_deref(),
            start_url: &self.session.start_url,
        }))
    }

    pub(crate) fn registration(&self) -> CachedRegistration {
        let bytes = self.registration_file().load().unwrap().unwrap();
        CachedRegistration::from_slice(&bytes).unwrap()
    }

    pub(crate) fn calls(&self, operation: &str) -> usize {
        let idp = self.emulator.idp();
        let idp = idp.lock().unwrap();
        idp.calls().iter().filter(|call| call.operation == operation).count()
    }
}
