use std::sync::Arc;

use emulator::{Approval, Idp, InProcess, Scenario};
use oidc_proto::{CreateToken, DEFAULT_SCOPE, Grant, RegisterClient, StartDeviceAuthorization};
use token_cache::{CacheFile, CachedToken};
use wire::{Operation, Timestamp};

use crate::{Notes, TestClock, block_on};

/// When time begins.
pub const START: u64 = 1_767_323_045;

/// The endpoint of every service.
const ENDPOINT: &str = "http://127.0.0.1";

/// An emulator whose people approve at once, a clock that jumps, a directory, and what was noted.
#[derive(Debug)]
#[non_exhaustive]
pub struct SignedIn {
    /// A directory of the test's own.
    pub home: tempfile::TempDir,
    /// The emulator.
    pub emulator: InProcess,
    /// Its clock.
    pub clock: Arc<TestClock>,
    /// What was noted.
    pub notes: Arc<Notes>,
    /// The start URL of its portal.
    pub start_url: String,
    /// The region of its portal.
    pub region: String,
}

impl SignedIn {
    /// Begins with a scenario.
    pub fn with(mut scenario: Scenario) -> Self {
        scenario.approval = Approval::Automatic;
        scenario.approve_after_polls = 0;
        let start_url = scenario.start_urls.first().cloned().unwrap_or_default();
        let region = scenario.region.clone();
        let start = Timestamp::from_unix(i64::try_from(START).unwrap());
        let emulator = InProcess::new(Idp::new(scenario), start);
        let clock = TestClock::of(&emulator);
        Self { home: directory(), emulator, clock, notes: Arc::default(), start_url, region }
    }

    /// Signs in by device code, and stores the token as a sign-in does.
    pub fn sign_in(&self, file: &CacheFile) {
        let scopes = [DEFAULT_SCOPE.to_owned()];
        let registration = RegisterClient {
            client_name: "tests",
            scopes: Some(&scopes),
            ..RegisterClient::default()
        };
        let registration = self.call(&registration);
        let start = StartDeviceAuthorization {
            client_id: &registration.client_id,
            client_secret: &registration.client_secret,
            start_url: &self.start_url,
        };
        let device = self.call(&start);
        let answer = self.call(&CreateToken {
            client_id: &registration.client_id,
            client_secret: &registration.client_secret,
            grant: Grant::device_code(&device.device_code),
            scope: None,
        });
        let mut token =
            CachedToken::new(answer.access_token, self.emulator.now() + answer.expires_in);
        token.start_url = Some(self.start_url.clone());
        token.region = Some(self.region.clone());
        token.refresh_token = answer.refresh_token;
        token.registration_expires_at = Some(registration.client_secret_expires_at);
        token.client_id = Some(registration.client_id);
        token.client_secret = Some(registration.client_secret);
        file.replace(token.to_vec().expose()).unwrap();
    }

    fn call<O: Operation>(&self, operation: &O) -> O::Output {
        block_on(wire::call(operation, &ENDPOINT.parse().unwrap(), &self.emulator)).unwrap()
    }

    /// Returns how often an operation was called.
    pub fn calls(&self, operation: &str) -> usize {
        self.emulator.count(operation)
    }
}

/// A directory in memory where there is one: a sync there costs nothing.
pub fn directory() -> tempfile::TempDir {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}
