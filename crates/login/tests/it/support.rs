use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use emulator::{Idp, InProcess, Scenario};
use http::{Request, Response};
use login::{Login, LoginError, Page, SignedIn, Ui};
use providers::{Caches, Clock, Context, Endpoints, Log, Role, Session, Sleep, Work};
use token_cache::{CacheFile, CacheKey, CachedRegistration, Directory, Flow, RegistrationKey};
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
    pub(crate) warnings: Arc<Warnings>,
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

#[derive(Default)]
pub(crate) struct Warnings(Mutex<Vec<String>>);

impl Warnings {
    pub(crate) fn taken(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl Log for Warnings {
    fn debug(&self, _: &str) {}

    fn warn(&self, text: &str) {
        self.0.lock().unwrap().push(text.to_owned());
    }
}

/// The time of the emulator; to sleep is to move it on.
struct JumpingClock {
    emulator: InProcess,
    slept: Mutex<Duration>,
}

impl Clock for JumpingClock {
    fn now(&self) -> Timestamp {
        self.emulator.now()
    }

    fn elapsed(&self) -> Duration {
        *self.slept.lock().unwrap()
    }

    fn sleep(&self, span: Duration) -> Sleep<'_> {
        *self.slept.lock().unwrap() += span;
        self.emulator.advance(span);
        Box::pin(tokio::task::yield_now())
    }

    fn spawn(&self, work: Work) {
        tokio::spawn(work);
    }
}

impl World {
    pub(crate) fn new(will: Will) -> Self {
        Self::with(Scenario::default(), will)
    }

    pub(crate) fn with(scenario: Scenario, will: Will) -> Self {
        let session = Session::named("work", &scenario.start_urls[0], &scenario.region);
        let emulator = InProcess::new(Idp::new(scenario), Timestamp::from_unix(1_767_323_045));
        let clock = JumpingClock { emulator: emulator.clone(), slept: Mutex::default() };
        let service = Arc::new(Service { emulator: emulator.clone(), answers: Mutex::default() });
        let transport = Arc::clone(&service) as Arc<dyn Transport>;
        let endpoints = Endpoints::all_at("http://127.0.0.1");
        let mut context = Context::new(Arc::new(clock), transport, endpoints);
        let warnings = Arc::new(Warnings::default());
        context.log = Arc::clone(&warnings) as Arc<dyn Log>;
        let home = tempfile::tempdir().unwrap();
        let directory = |name| Directory::new(home.path().join(name));
        let caches = Caches {
            sso: directory("sso"),
            cli: directory("cli"),
            assumed_roles: directory("assumed"),
            listings: directory("listings"),
        };
        let person = Person {
            emulator: emulator.clone(),
            will,
            codes: Mutex::default(),
            browser: Mutex::default(),
        };
        Self { caches, context, emulator, home, person, service, session, warnings }
    }

    pub(crate) fn login(&self) -> Login<'_> {
        Login {
            context: &self.context,
            session: &self.session,
            caches: self.caches.clone(),
            known_roles: &[ROLE],
            ui: &self.person,
        }
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
