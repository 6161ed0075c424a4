use std::collections::{HashMap, HashSet};
use std::time::{Duration, UNIX_EPOCH};

use http::header::{DATE, RETRY_AFTER};
use http::{HeaderName, Request, Response, StatusCode};
use serde_json::json;
use wire::Timestamp;

use crate::company::Account;
use crate::credentials::{Credentials, Principal};
use crate::error::ServiceError;
use crate::fault::{Fault, FaultKind, FaultPlan, Strike};
use crate::form::Form;
use crate::oidc::{AuthorizationCode, Client, Device};
use crate::random::Random;
use crate::rate_limit::RateLimit;
use crate::reply::{self, Reply, WireFault};
use crate::route::{Action, Page, Route, Service};
use crate::scenario::Scenario;
use crate::session::Sessions;
use crate::signin::{self, ApproveError};
use crate::sts::RoleRequest;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// An emulated Identity Center: its OIDC service, its portal, its sign-in pages, and the part of
/// STS that assumes roles and tells whose credentials they are.
///
/// It reads no clock and opens no socket: [`Idp::handle`] answers one request at the given time.
pub struct Idp {
    calls: Vec<Call>,
    faults: FaultPlan,
    pub(crate) clients: HashMap<String, Client>,
    pub(crate) codes: HashMap<String, AuthorizationCode>,
    /// By device code.
    pub(crate) devices: HashMap<String, Device>,
    /// By access key id.
    pub(crate) keys: HashMap<String, Credentials>,
    pub(crate) random: Random,
    pub(crate) rate_limit: Option<RateLimit>,
    pub(crate) scenario: Scenario,
    pub(crate) sessions: Sessions,
    /// Serial numbers of devices, with codes of theirs that have been used.
    pub(crate) spent_mfa_codes: HashSet<(String, String)>,
    /// The address of the person who signs in where no page asks.
    pub(crate) user: String,
}

/// A request that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// When, by the caller's clock.
    pub at: Timestamp,
    /// The operation, such as `ListAccounts` or `CreateToken:refresh_token`; pages are `Authorize`
    /// and `Device`, their forms the same with `:decision`.
    pub operation: String,
    /// What AssumeRole and AssumeRoleWithWebIdentity ask for.
    pub role: Option<RoleRequest>,
    /// The status of the answer, 0 where the connection was dropped instead.
    pub status: u16,
}

impl Idp {
    /// Makes an emulator in which nobody has signed in yet.
    pub fn new(scenario: Scenario) -> Self {
        let keys = scenario.iam_users.iter().map(|user| {
            let credentials = Credentials {
                principal: Principal::of_iam_user(&scenario.region, user),
                secret_access_key: user.secret_access_key.expose().clone(),
                session: None,
            };
            (user.access_key_id.clone(), credentials)
        });
        Self {
            calls: Vec::new(),
            clients: HashMap::new(),
            codes: HashMap::new(),
            devices: HashMap::new(),
            faults: FaultPlan::new(&scenario.faults),
            keys: keys.collect(),
            random: Random::new(scenario.seed),
            rate_limit: scenario.rate_limit.map(RateLimit::new),
            sessions: Sessions::default(),
            spent_mfa_codes: HashSet::new(),
            user: scenario.users.first().map(|user| user.email.clone()).unwrap_or_default(),
            scenario,
        }
    }

    /// Answers one request.
    pub fn handle(&mut self, now: Timestamp, request: &Request<Vec<u8>>) -> Reply {
        let at = now;
        let now = self.service_time(now);
        let route = Route::of(request);
        let request_id = self.random.request_id();
        let strike = match (route.service(), route.operation()) {
            (Some(_), Some(operation)) => self.faults.strike(operation),
            _ => Strike::default(),
        };
        let injected = match (strike.kind, route.service()) {
            (Some(kind), Some(service)) => injected(kind, service, &request_id),
            _ => None,
        };
        let mut response =
            injected.unwrap_or_else(|| self.answer(now, route, request, &request_id));
        let since_epoch = Duration::from_secs(u64::try_from(now.unix()).unwrap_or(0));
        reply::set(&mut response, DATE, &httpdate::fmt_http_date(UNIX_EPOCH + since_epoch));
        reply::set(&mut response, REQUEST_ID, &request_id);
        let wire_fault = match strike.kind {
            Some(FaultKind::Drop { .. }) => Some(WireFault::Drop),
            Some(FaultKind::Truncated) => Some(WireFault::Truncate),
            _ => None,
        };
        if let Some(operation) = route.operation() {
            let dropped = wire_fault == Some(WireFault::Drop);
            let status = if dropped { 0 } else { response.status().as_u16() };
            let role = match route {
                Route::Sts(Some(Action::AssumeRole | Action::AssumeRoleWithWebIdentity)) => {
                    Some(RoleRequest::of(&Form::from_body(request.body())))
                }
                _ => None,
            };
            self.calls.push(Call { at, operation: operation.to_owned(), role, status });
        }
        Reply { delay: strike.delay, response, wire_fault }
    }

    fn answer(
        &mut self,
        now: Timestamp,
        route: Route,
        request: &Request<Vec<u8>>,
        request_id: &str,
    ) -> Response<Vec<u8>> {
        let (service, result) = match route {
            Route::Calls => return self.calls_json(),
            Route::Health => return reply::json(StatusCode::OK, &json!({ "status": "ok" })),
            Route::Index => return signin::index(&self.scenario),
            Route::Page(page) => {
                return match page {
                    Page::Authorize => self.authorize_page(now, request.uri()),
                    Page::AuthorizeDecision => {
                        self.decide_authorization(now, &Form::from_body(request.body()))
                    }
                    Page::Device => self.device_page(now, &Form::from_query(request.uri())),
                    Page::DeviceDecision => {
                        self.decide_device(now, &Form::from_body(request.body()))
                    }
                };
            }
            Route::Style => return signin::style(),
            Route::Unknown => return signin::not_found(request.uri()),
            Route::Oidc(operation) => (Service::Oidc, self.oidc(now, operation, request)),
            Route::Portal(operation) => (Service::Portal, self.portal(now, operation, request)),
            Route::Sts(action) => (Service::Sts, self.sts(now, action, request, request_id)),
        };
        result.unwrap_or_else(|error| error.into_response(service, request_id))
    }

    /// Does what the Approve button of the sign-in page at `authorize_url` does, and returns the URL
    /// that the browser is sent to, with the authorization code.
    ///
    /// # Errors
    /// Fails where the page would show an error instead of a button.
    pub fn approve_authorization(
        &mut self,
        now: Timestamp,
        authorize_url: &str,
    ) -> Result<String, ApproveError> {
        let user = self.user.clone();
        self.conclude_authorization(self.service_time(now), authorize_url, Some(user))
    }

    /// Does what the Deny button of the sign-in page does, like [`Idp::approve_authorization`].
    ///
    /// # Errors
    /// Fails where the page would show an error instead of a button.
    pub fn deny_authorization(
        &mut self,
        now: Timestamp,
        authorize_url: &str,
    ) -> Result<String, ApproveError> {
        self.conclude_authorization(self.service_time(now), authorize_url, None)
    }

    /// Approves the device that shows the user code.
    ///
    /// # Errors
    /// Fails where no device waits for this code.
    pub fn approve_device(&mut self, now: Timestamp, user_code: &str) -> Result<(), ApproveError> {
        let user = self.user.clone();
        self.conclude_device(self.service_time(now), user_code, Some(user))
    }

    /// Denies the device that shows the user code.
    ///
    /// # Errors
    /// Fails where no device waits for this code.
    pub fn deny_device(&mut self, now: Timestamp, user_code: &str) -> Result<(), ApproveError> {
        self.conclude_device(self.service_time(now), user_code, None)
    }

    /// Chooses the person as whom the coming sign-ins without a page are approved.
    ///
    /// # Errors
    /// Fails where the scenario has no such user.
    pub fn sign_in_as(&mut self, email: &str) -> Result<(), ApproveError> {
        let user = self.scenario.user(email).ok_or(ApproveError::UnknownUser)?;
        self.user.clone_from(&user.email);
        Ok(())
    }

    /// Replaces the accounts of the scenario, as an administrator can.
    pub fn set_accounts(&mut self, accounts: &[Account]) {
        accounts.clone_into(&mut self.scenario.accounts);
    }

    /// Replaces the faults of the scenario, from the next request on.
    pub fn set_faults(&mut self, faults: &[Fault]) {
        self.faults = FaultPlan::new(faults);
    }

    /// Ends every session, as an administrator can: access tokens are refused although they have
    /// not expired, and refresh tokens too. Role credentials stay valid.
    pub fn revoke_sessions(&mut self) {
        self.sessions.end_all();
    }

    /// Returns the requests that were answered, oldest first.
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    fn calls_json(&self) -> Response<Vec<u8>> {
        let calls = self.calls.iter().map(|call| {
            let mut entry = json!({
                "at": call.at.to_string(), "operation": call.operation, "status": call.status,
            });
            if let (Some(role), Some(entry)) = (&call.role, entry.as_object_mut()) {
                let role = json!({
                    "DurationSeconds": role.duration_seconds,
                    "RoleArn": role.role_arn,
                    "RoleSessionName": role.role_session_name,
                });
                entry.insert("role".to_owned(), role);
            }
            entry
        });
        reply::json(StatusCode::OK, &calls.collect())
    }

    fn service_time(&self, now: Timestamp) -> Timestamp {
        Timestamp::from_unix(now.unix().saturating_add(self.scenario.clock_offset))
    }
}

/// Returns what a fault answers in place of the service, `None` where the service goes ahead.
fn injected(kind: FaultKind, service: Service, request_id: &str) -> Option<Response<Vec<u8>>> {
    let status = |code| StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let error = match kind {
        FaultKind::Drop { processed: true } | FaultKind::Latency(_) | FaultKind::Truncated => {
            return None;
        }
        FaultKind::Drop { processed: false } => return Some(reply::empty(StatusCode::OK)),
        FaultKind::Empty { status: code } => return Some(reply::empty(status(code))),
        FaultKind::NotJson { status: code } => return Some(signin::captive_portal(status(code))),
        FaultKind::Throttle { retry_after } => {
            let mut response = ServiceError::throttled(service).into_response(service, request_id);
            if let Some(seconds) = retry_after {
                reply::set(&mut response, RETRY_AFTER, &seconds.to_string());
            }
            return Some(response);
        }
        FaultKind::ExpiredRegistration => ServiceError::invalid_client("Client has expired"),
        FaultKind::Forbidden => ServiceError::forbidden(service),
        FaultKind::IdpCommunicationError => {
            let message = "Error communicating with the identity provider";
            ServiceError::bad_request("IDPCommunicationError", message)
        }
        FaultKind::SlowDown => ServiceError::bad_request("SlowDownException", "Slow down"),
        FaultKind::Status(code) => ServiceError::failure(service, status(code)),
        FaultKind::Unauthorized if service == Service::Sts => {
            ServiceError::invalid_client_token_id()
        }
        FaultKind::Unauthorized => ServiceError::unauthorized(),
    };
    Some(error.into_response(service, request_id))
}
