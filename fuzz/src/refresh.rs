//! Refreshes of a token that another program uses, too, on a network that breaks.

use std::sync::Arc;
use std::time::Duration;

use emulator::{Fault, FaultKind, Idp, InProcess, Scenario};
use oidc_proto::{CreateToken, Grant, RegisterClient, StartDeviceAuthorization};
use providers::{Caches, Context, Endpoints, Error, Program, Session, SsoToken};
use test_support::{TestClock, block_on};
use token_cache::{CacheFile, CachedRefusal};
use wire::{Secret, Timestamp};

const START: i64 = 1_767_323_045;

/// The world of one run.
struct World {
    emulator: InProcess,
    context: Context,
    session: Session,
    file: CacheFile,
}

/// Any sequence of refreshes, of what another program does to the file, of faults and of time: a
/// token that is returned lives, no refresh token is spent twice by us, a dead session is asked
/// about once a minute, and the file is never harmed.
pub fn refresh(data: &[u8]) {
    let home = test_support::directory();
    let world = World::new(home.path());
    for byte in data.iter().copied().take(64) {
        let amount = u64::from(byte >> 4);
        match byte & 15 {
            0..=5 => world.refresh(),
            6 => world.emulator.advance(Duration::from_secs(60 * amount)),
            7 => world.emulator.advance(Duration::from_secs(3600 * amount)),
            8 => world.other_program_refreshes(true),
            9 => world.other_program_refreshes(false),
            10 => world.other_program_breaks_the_file(amount),
            11 => world.change(Idp::revoke_sessions),
            12 => drop(world.file.remove()),
            _ => world.fault(amount),
        }
    }
}

impl World {
    fn new(home: &std::path::Path) -> Self {
        let mut scenario = Scenario::default();
        scenario.approval = emulator::Approval::Automatic;
        scenario.seed = Some(1);
        let session = Session::named("work", &scenario.start_urls[0], &scenario.region);
        let emulator = InProcess::new(Idp::new(scenario), Timestamp::from_unix(START));
        let clock = TestClock::of(&emulator);
        let (program, caches) = (Program::named("fuzz"), Caches::below(home));
        let file = caches.sso.file(&session.cache_key());
        let context = Context::new(program, clock, Arc::new(emulator.clone()), caches)
            .with_endpoints(Endpoints::all_at("http://127.0.0.1"));
        let world = Self { emulator, context, session, file };
        world.sign_in();
        world
    }

    /// Writes a token as a sign-in by device code does.
    fn sign_in(&self) {
        let scopes = ["sso:account:access".to_owned()];
        let registration = RegisterClient {
            client_name: "fuzz",
            scopes: Some(&scopes),
            redirect_uris: None,
            grant_types: None,
            issuer_url: None,
            entitled_application_arn: None,
        };
        let registration = self.call(&registration).expect("it is registered");
        let start = StartDeviceAuthorization {
            client_id: &registration.client_id,
            client_secret: &registration.client_secret,
            start_url: &self.session.start_url,
        };
        let device = self.call(&start).expect("it is started");
        let create = CreateToken {
            client_id: &registration.client_id,
            client_secret: &registration.client_secret,
            grant: Grant::device_code(&device.device_code),
            scope: None,
        };
        let answer = self.call(&create).expect("it is approved");
        let mut token =
            token_cache::CachedToken::new(answer.access_token, self.now() + answer.expires_in);
        token.start_url = Some(self.session.start_url.clone());
        token.region = Some(self.session.region.clone());
        token.refresh_token = answer.refresh_token;
        token.registration_expires_at = Some(registration.client_secret_expires_at);
        token.client_id = Some(registration.client_id);
        token.client_secret = Some(registration.client_secret);
        self.file.replace(token.to_vec().expose()).expect("a directory of our own");
    }

    fn refresh(&self) {
        let before = self.file.load().expect("readable");
        let is_untouched = || self.file.load().expect("readable") == before;
        let spent_before = self.refreshes();
        let token = SsoToken::new(self.context.clone(), self.session.clone());
        let result = block_on(token.token());
        let spent = self.refreshes() - spent_before;
        assert!(spent <= 1, "{spent} refreshes for one token");
        match result {
            Ok(token) => {
                assert!(token.expires_at > self.now(), "a token that has expired");
                let after = self.stored().expect("the file is whole");
                assert!(after.access_token == token.token, "another one is stored");
            }
            Err(Error::InvalidToken { .. }) => {
                assert!(is_untouched(), "the file is touched although nothing was got");
                // Where the server refused the refresh token, it is not asked again at once.
                if spent == 1 && self.is_noted() {
                    let count = self.refreshes();
                    assert!(block_on(token.token()).is_err());
                    assert_eq!(self.refreshes(), count, "the server is asked again");
                }
            }
            Err(_) => assert!(is_untouched(), "the file is touched although nothing was got"),
        }
        let names = std::fs::read_dir(self.file.path().parent().expect("a directory"));
        let names = names.expect("it exists").map(|entry| entry.expect("readable").file_name());
        assert!(names.into_iter().all(|name| !name.to_string_lossy().ends_with(".tmp")));
    }

    /// Whether a refusal of the refresh token is noted.
    fn is_noted(&self) -> bool {
        let note = self.file.beside("refused").load().ok().flatten();
        let note = note.and_then(|bytes| CachedRefusal::from_slice(&bytes).ok());
        let token = self.stored().and_then(|token| token.refresh_token);
        note.zip(token).is_some_and(|(note, token)| note.bars(&token, self.now()))
    }

    /// A program without locks spends the refresh token; it may be killed before it writes.
    fn other_program_refreshes(&self, writes: bool) {
        let Some(mut token) = self.stored() else { return };
        let (Some(refresh_token), Some(client_id), Some(client_secret)) =
            (&token.refresh_token, &token.client_id, &token.client_secret)
        else {
            return;
        };
        let grant = Grant::refresh_token(refresh_token);
        let create = CreateToken { client_id, client_secret, grant, scope: None };
        let Ok(answer) = self.call(&create) else { return };
        token.access_token = answer.access_token;
        token.expires_at = self.now() + answer.expires_in;
        token.refresh_token = answer.refresh_token;
        if writes {
            std::fs::write(self.file.path(), token.to_vec().expose()).expect("writable");
        }
    }

    fn other_program_breaks_the_file(&self, amount: u64) {
        let Ok(Some(mut bytes)) = self.file.load() else { return };
        match amount {
            0 => bytes.clear(),
            1..=7 => bytes.truncate(bytes.len() * usize::try_from(amount).unwrap_or(0) / 8),
            _ => bytes.extend(b"}garbage"),
        }
        std::fs::write(self.file.path(), bytes).expect("writable");
    }

    fn fault(&self, amount: u64) {
        let kind = match amount {
            0 => FaultKind::Drop { processed: false },
            1 => FaultKind::Drop { processed: true },
            2 => FaultKind::Truncated,
            3 => FaultKind::Status(500),
            4 => FaultKind::NotJson { status: 200 },
            5 => FaultKind::SlowDown,
            6 => FaultKind::Throttle { retry_after: Some(5) },
            7 => FaultKind::ExpiredRegistration,
            8 => FaultKind::Empty { status: 200 },
            9 => FaultKind::Latency(Duration::from_secs(20)),
            _ => return self.change(|idp| idp.set_faults(&[])),
        };
        self.change(|idp| idp.set_faults(&[Fault::new("CreateToken:refresh_token", kind)]));
    }

    fn call<O: wire::Operation>(&self, operation: &O) -> Result<O::Output, wire::CallError> {
        block_on(wire::call(operation, &http::Uri::from_static("http://127.0.0.1"), &self.emulator))
    }

    fn change(&self, change: impl FnOnce(&mut Idp)) {
        change(&mut self.emulator.idp().lock().expect("one thread"));
    }

    fn stored(&self) -> Option<token_cache::CachedToken> {
        let bytes = Secret::new(self.file.load().ok()??);
        let read = token_cache::CachedToken::from_slice(bytes.expose());
        read.or_else(|_| token_cache::CachedToken::salvage(bytes.expose())).ok()
    }

    fn refreshes(&self) -> usize {
        let idp = self.emulator.idp();
        let idp = idp.lock().expect("one thread");
        idp.calls().iter().filter(|call| call.operation == "CreateToken:refresh_token").count()
    }

    fn now(&self) -> Timestamp {
        self.emulator.now()
    }
}
