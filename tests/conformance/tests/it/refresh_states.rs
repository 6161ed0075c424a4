//! When the cache in memory asks again, as all SDKs are tested.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use test_support::{TestClock, block_on};

use conformance::{Difference, Tally, corpus, text};
use providers::{
    Cached, Clock, Credentials, CredentialsFuture, Endpoints, Error, ProvideCredentials,
};
use serde_json::Value;
use wire::{Secret, Timestamp};

/// Cases in which SDKs go on with credentials that have expired.
pub(crate) const DIFFERENCES: &[Difference] = &[
    Difference {
        id: "refresh-02",
        row: "expired-credentials",
        keyfob: "the error, the source was asked",
    },
    Difference {
        id: "refresh-13",
        row: "expired-credentials",
        keyfob: "the error, the source was asked; the error, the source was asked; \
                 new, the source was asked",
    },
];

/// Does at each call what the step says.
struct Source {
    next: Mutex<Option<Result<Credentials, Error>>>,
    asked: AtomicUsize,
}

impl ProvideCredentials for Source {
    fn provide(&self) -> CredentialsFuture<'_> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let next = self.next.lock().unwrap().take();
        Box::pin(std::future::ready(next.unwrap_or_else(|| Err(error(false)))))
    }

    fn name(&self) -> &'static str {
        "test"
    }
}

fn credentials(id: &str, expiration: Timestamp) -> Credentials {
    Credentials::new(id.to_owned(), Secret::from("s"), None, Some(expiration), None)
}

/// An error that may pass, and one that does not.
fn error(is_final: bool) -> Error {
    if is_final {
        let endpoints = Endpoints::all_at("http://192.0.2.1");
        return endpoints.of(providers::Service::Sts, "eu-west-1").unwrap_err().into();
    }
    let mut answer = http::Response::new(Vec::new());
    *answer.status_mut() = http::StatusCode::BAD_GATEWAY;
    let error = <sts_proto::AssumeRole<'_> as wire::Operation>::decode(&answer).unwrap_err();
    Error::call("AssumeRole", &http::Uri::from_static("https://sts"), error.into())
}

fn run(case: &Value) -> (String, String) {
    let clock = TestClock::at(Timestamp::from_unix(1_767_323_045));
    let source = Arc::new(Source { next: Mutex::new(None), asked: AtomicUsize::new(0) });
    let given = &case["given"];
    let seconds = |value: &Value| value.as_u64().map(Duration::from_secs);
    let mut cached = Cached::new(Arc::clone(&source), Arc::clone(&clock) as Arc<dyn Clock>);
    if let Some(window) = seconds(&given["configuredAdvisoryWindowSeconds"]) {
        cached = cached.with_advisory_window(window);
    }
    if let Some(backoff) = seconds(&given["refreshBackoffSeconds"]) {
        cached = cached.with_backoff(backoff);
    }
    // An hour is cached, and time passes until so much of it is left as the case says.
    let left = match text(given, "cachedCredentials") {
        "none" => None,
        "valid" => Some(3000),
        "advisory" => Some(600),
        "mandatory" => Some(30),
        _ => Some(0),
    };
    if let Some(left) = left {
        let expiration = clock.now() + Duration::from_secs(3600);
        *source.next.lock().unwrap() = Some(Ok(credentials("cached", expiration)));
        block_on(cached.provide()).unwrap();
        block_on(clock.sleep(Duration::from_secs(3600 - left)));
    }
    let (mut expected, mut seen) = (Vec::new(), Vec::new());
    for step in case["steps"].as_array().unwrap() {
        match text(step, "type") {
            "advanceTime" => block_on(clock.sleep(seconds(&step["seconds"]).unwrap())),
            "invalidate" => cached.invalidate(),
            _ => {
                let life = seconds(&step["lifetimeSeconds"]).unwrap_or(Duration::from_secs(3600));
                let prepared = step["response"].as_str().map(|response| match response {
                    "freshCredentials" => Ok(credentials("new", clock.now() + life)),
                    "staleCredentials" => Ok(credentials("stale", clock.now())),
                    "error" => Err(error(false)),
                    _ => Err(error(true)),
                });
                source.asked.store(0, Ordering::Relaxed);
                *source.next.lock().unwrap() = prepared;
                let result = block_on(cached.provide());
                let asked = if source.asked.load(Ordering::Relaxed) > 0 {
                    "the source was asked"
                } else {
                    "the source was not asked"
                };
                seen.push(match result {
                    Ok(credentials) => format!("{}, {asked}", credentials.access_key_id),
                    Err(_) => format!("the error, {asked}"),
                });
                let wanted = &step["expected"];
                let result = match text(wanted, "result") {
                    "newCredentials" => "new",
                    "cachedCredentials" => "cached",
                    _ => "the error",
                };
                let contacted = if wanted["sourceContacted"] == true { "was" } else { "was not" };
                expected.push(format!("{result}, the source {contacted} asked"));
            }
        }
    }
    (expected.join("; "), seen.join("; "))
}

#[test]
fn credentials_are_renewed_as_the_sdks_renew_them() {
    let Some(corpus) = corpus("refresh-sep") else { return };
    let mut tally = Tally::new("refresh-sep", DIFFERENCES);
    let cases = corpus.json("data/credentials-refresh-tests.json");
    for (index, case) in cases.as_array().unwrap().iter().enumerate() {
        let (expected, seen) = run(case);
        tally.compare(&format!("refresh-{index:02}"), &expected, &seen);
    }
    tally.finish();
}
