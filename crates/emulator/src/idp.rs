use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use http::header::DATE;
use http::{HeaderName, Request, Response, StatusCode};
use serde_json::json;
use wire::{SessionCredentials, Timestamp};

use crate::approval::{ApproveError, Decision};
use crate::calls::{Call, Calls};
use crate::company::Account;
use crate::credentials::Keys;
use crate::error::{self, Service};
use crate::fault::{Fault, FaultKind, FaultPlan, Strike};
use crate::form::Form;
use crate::instance::Instance;
use crate::oidc::{self, AuthorizationServer};
use crate::rate_limit::RateLimit;
use crate::reply::{self, Reply, WireFault};
use crate::route::{Action, Page, Route};
use crate::scenario::Scenario;
use crate::sign_in::SignIn;
use crate::signin::federation::{self, Federation};
use crate::signin::{self, authorize, device};
use crate::sts::{RoleRequest, Sts};
use crate::{fault, fault_answer, portal};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// An emulated Identity Center: its OIDC service, its portal, its sign-in pages, and the part of
/// STS that assumes roles and tells whose credentials they are.
///
/// It reads no clock and opens no socket: [`Idp::handle`] answers one request at the given time.
pub struct Idp {
    calls: Calls,
    faults: FaultPlan,
    federation: Federation,
    instance: Instance,
    rate_limit: RateLimit,
    server: AuthorizationServer,
    sts: Sts,
}

impl fmt::Debug for Idp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Idp")
            .field("scenario", &self.instance.scenario)
            .field("calls", &self.calls().len())
            .finish_non_exhaustive()
    }
}

impl Idp {
    /// Makes an emulator in which nobody has signed in yet.
    pub fn new(scenario: Scenario) -> Self {
        Self {
            calls: Calls::default(),
            faults: FaultPlan::new(&scenario.faults),
            federation: Federation::default(),
            rate_limit: RateLimit::new(scenario.rate_limit),
            server: AuthorizationServer::default(),
            sts: Sts::new(Keys::new(&scenario.region, &scenario.iam_users)),
            instance: Instance::new(scenario),
        }
    }

    /// Answers one request.
    pub fn handle(&mut self, now: Timestamp, request: &Request<Vec<u8>>) -> Reply {
        let at = now;
        let now = self.instance.time(now);
        let route = Route::of(request);
        let request_id = self.instance.random.request_id();
        let strike = match (route.service(), route.operation()) {
            (Some(_), Some(operation)) => self.faults.strike(operation),
            _ => Strike::default(),
        };
        let injected = match (strike.kind, route.service()) {
            (Some(kind), Some(service)) => fault_answer::answer(kind, service, &request_id),
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
        let Self { calls, federation, instance, server, sts, .. } = self;
        let form = || Form::from_body(request.body());
        let (service, result) = match route {
            Route::Calls => return calls.json(),
            Route::Health => return reply::json(StatusCode::OK, &json!({ "status": "ok" })),
            Route::Icon => return signin::icon(),
            Route::Index => return signin::index(&instance.scenario),
            Route::Page(page) => {
                let query = || Form::from_query(request.uri());
                let headers = request.headers();
                return match page {
                    Page::Authorize => authorize::show(now, instance, server, request.uri()),
                    Page::AuthorizeDecision => authorize::decide(now, instance, server, &form()),
                    Page::Console => {
                        signin::console(now, &instance.scenario, federation, headers, &query())
                    }
                    Page::ConsoleLogout => federation::logout(federation, headers, &query()),
                    Page::Device => device::show(now, instance, server, &query()),
                    Page::DeviceDecision => {
                        device::decide(now, &instance.scenario, server, &form())
                    }
                    Page::Federation => {
                        federation::login(now, instance, federation, headers, &query())
                    }
                    Page::Start => signin::start(instance),
                    Page::StartConsole => {
                        signin::start_console(now, instance, federation, &query())
                    }
                };
            }
            Route::PortalScript => return signin::portal_script(),
            Route::SigninToken => {
                let form = match request.uri().query() {
                    Some(_) => Form::from_query(request.uri()),
                    None => form(),
                };
                let random = &mut instance.random;
                let answer = federation::signin_token(now, random, &sts.keys, federation, &form);
                (Service::Signin, answer)
            }
            Route::Style => return signin::style(),
            Route::Unknown => return error::not_found(request.uri()),
            Route::Oidc(operation) => {
                (Service::Oidc, oidc::answer(now, instance, server, operation, request))
            }
            Route::Portal(operation) => {
                let (sessions, keys) = (&mut server.sessions, &mut sts.keys);
                let admitted = self.rate_limit.admit(now);
                let answer = admitted.and_then(|()| {
                    portal::answer(now, instance, sessions, keys, operation, request)
                });
                (Service::Portal, answer)
            }
            Route::Sts(action) => {
                (Service::Sts, sts.answer(now, instance, action, request, request_id))
            }
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
        self.conclude_authorization(now, authorize_url, self.approved())
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
        self.conclude_authorization(now, authorize_url, Decision::Denied)
    }

    /// Approves the device that shows the user code.
    ///
    /// # Errors
    /// Fails where no device waits for this code.
    pub fn approve_device(&mut self, now: Timestamp, user_code: &str) -> Result<(), ApproveError> {
        self.server.devices.decide(self.instance.time(now), user_code, self.approved())
    }

    /// Denies the device that shows the user code.
    ///
    /// # Errors
    /// Fails where no device waits for this code.
    pub fn deny_device(&mut self, now: Timestamp, user_code: &str) -> Result<(), ApproveError> {
        self.server.devices.decide(self.instance.time(now), user_code, Decision::Denied)
    }

    /// Chooses the person as whom the coming sign-ins without a page are approved.
    ///
    /// # Errors
    /// Fails where the scenario has no such user.
    pub fn sign_in_as(&mut self, email: &str) -> Result<(), ApproveError> {
        let Instance { scenario, user, .. } = &mut self.instance;
        user.clone_from(&scenario.user(email).ok_or(ApproveError::UnknownUser)?.email);
        Ok(())
    }

    /// Signs the chosen person in, without a page and without a request.
    pub fn sign_in(&mut self, now: Timestamp) -> SignIn {
        oidc::sign_in(self.instance.time(now), &mut self.instance, &mut self.server)
    }

    /// Returns the temporary credentials that were issued with this access key id, for a server of
    /// a test that verifies signatures.
    pub fn issued_credentials(&self, access_key_id: &str) -> Option<SessionCredentials> {
        let keys = self.sts.keys.get(access_key_id)?;
        let session = keys.session.as_ref()?;
        Some(SessionCredentials {
            access_key_id: access_key_id.to_owned(),
            secret_access_key: keys.secret_access_key.as_str().into(),
            session_token: session.token.as_str().into(),
            expiration: session.expires_at,
        })
    }

    /// Replaces the accounts of the scenario, as an administrator can.
    pub fn set_accounts(&mut self, accounts: &[Account]) {
        accounts.clone_into(&mut self.instance.scenario.accounts);
    }

    /// Replaces the faults of the scenario, from the next request on.
    pub fn set_faults(&mut self, faults: &[Fault]) {
        self.faults = FaultPlan::new(faults);
    }

    /// Ends every session, as an administrator can: access tokens are refused although they have
    /// not expired, and refresh tokens too. Role credentials stay valid.
    pub fn revoke_sessions(&mut self) {
        self.server.sessions.end_all();
    }

    /// Returns the requests that were answered, oldest first.
    pub fn calls(&self) -> &[Call] {
        self.calls.as_slice()
    }

    /// Returns how often an operation was called; it is named as in [`Fault::operation`].
    pub fn count(&self, operation: &str) -> usize {
        self.calls().iter().filter(|call| fault::covers(operation, &call.operation)).count()
    }

    pub(crate) fn scenario(&self) -> &Scenario {
        &self.instance.scenario
    }

    fn conclude_authorization(
        &mut self,
        now: Timestamp,
        authorize_url: &str,
        decision: Decision,
    ) -> Result<String, ApproveError> {
        let query = authorize_url.split_once('?').map_or("", |(_, query)| query);
        let (now, form) = (self.instance.time(now), Form::parse(query.as_bytes()));
        authorize::conclude(now, &mut self.instance, &mut self.server, &form, decision)
    }

    fn approved(&self) -> Decision {
        Decision::Approved { user: self.instance.user.clone() }
    }
}
