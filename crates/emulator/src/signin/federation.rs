//! Signing in to the console with the credentials of a role: `/federation` and `/oauth`.

use std::collections::HashMap;
use std::time::Duration;

use http::{HeaderMap, Response, StatusCode, header};
use serde_json::json;
use wire::Timestamp;

use super::page::{Outcome, message, outcome};
use crate::credentials::{Keys, Principal};
use crate::error::ServiceError;
use crate::form::{Form, encode};
use crate::instance::Instance;
use crate::members::Members;
use crate::random::Random;
use crate::reply;

/// How long a sign-in token may be used, once.
const TOKEN_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// How long a session of the console lasts that the portal opens.
const PORTAL_SESSION: Duration = Duration::from_secs(12 * 3600);

/// The cookie of a session of the console.
const COOKIE: &str = "emulator-console";

/// Who is signed in to the console, and until when.
#[derive(Clone)]
pub(crate) struct ConsoleSession {
    pub(crate) principal: Principal,
    pub(crate) ends_at: Timestamp,
}

struct SigninToken {
    session: ConsoleSession,
    expires_at: Timestamp,
}

/// What is remembered of sign-ins to the console.
#[derive(Default)]
pub(crate) struct Federation {
    tokens: HashMap<String, SigninToken>,
    sessions: HashMap<String, ConsoleSession>,
}

impl Federation {
    fn issue(&mut self, random: &mut Random, now: Timestamp, session: ConsoleSession) -> String {
        let token = random.token("");
        let expires_at = now + TOKEN_LIFETIME;
        self.tokens.insert(token.clone(), SigninToken { session, expires_at });
        token
    }

    /// Signs in as the portal does, which needs no credentials for it; returns where the browser goes.
    pub(crate) fn portal_sign_in(
        &mut self,
        random: &mut Random,
        now: Timestamp,
        principal: Principal,
        destination: &str,
    ) -> String {
        let session = ConsoleSession { principal, ends_at: now + PORTAL_SESSION };
        let token = self.issue(random, now, session);
        format!("/federation?Action=login&Destination={}&SigninToken={token}", encode(destination))
    }

    /// Returns the session of a browser.
    pub(crate) fn session(&self, now: Timestamp, headers: &HeaderMap) -> Option<&ConsoleSession> {
        let session = self.sessions.get(cookie(headers)?)?;
        (now < session.ends_at).then_some(session)
    }
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?.split("; ");
    cookies.filter_map(|pair| pair.split_once('=')).find(|pair| pair.0 == COOKIE).map(|pair| pair.1)
}

/// Answers `Action=getSigninToken`.
pub(crate) fn signin_token(
    now: Timestamp,
    random: &mut Random,
    keys: &Keys,
    federation: &mut Federation,
    form: &Form,
) -> Result<Response<Vec<u8>>, ServiceError> {
    let refuse = |why| ServiceError::bad_request("InvalidRequest", why);
    if form.get("Action") != Some("getSigninToken") {
        return Err(refuse("The action is not known"));
    }
    let session = form.get("Session").unwrap_or_default();
    let members = Members::parse(session.as_bytes()).map_err(|_| refuse("Session is no JSON"))?;
    let member = |name| members.text(name).map_err(|_| refuse("Session lacks a member"));
    let known = keys
        .get(member("sessionId")?)
        .filter(|known| member("sessionKey").is_ok_and(|secret| secret == known.secret_access_key));
    let known = known.ok_or_else(|| refuse("The credentials are not those of anybody"))?;
    let keys = known.session.as_ref();
    let keys = keys.ok_or_else(|| refuse("Keys of a user cannot sign in: assume a role"))?;
    if member("sessionToken")? != keys.token || keys.expires_at <= now {
        return Err(refuse("The credentials have expired, or are not those of anybody"));
    }
    let ends_at = match form.get("SessionDuration") {
        None => keys.expires_at,
        Some(_) if known.principal.is_chained => {
            return Err(refuse("SessionDuration cannot be given for a role of a chain"));
        }
        Some(text) => match text.parse() {
            Ok(seconds @ 900..=43_200) => now + Duration::from_secs(seconds),
            _ => return Err(refuse("SessionDuration is 900 to 43200")),
        },
    };
    let session = ConsoleSession { principal: known.principal.clone(), ends_at };
    let token = federation.issue(random, now, session);
    Ok(reply::json(StatusCode::OK, &json!({ "SigninToken": token })))
}

/// Answers `Action=login`: a token opens one session, and is used up then.
pub(crate) fn login(
    now: Timestamp,
    instance: &mut Instance,
    federation: &mut Federation,
    headers: &HeaderMap,
    form: &Form,
) -> Response<Vec<u8>> {
    let refuse = |text| message(StatusCode::BAD_REQUEST, "Sign-in failed", text);
    let destination = form.filled("Destination").unwrap_or("/console/home");
    if form.get("Action") != Some("login") {
        return refuse("The action is not known.");
    }
    let token = form.get("SigninToken").unwrap_or_default();
    let Some(token) = federation.tokens.remove(token).filter(|token| now < token.expires_at) else {
        return refuse("This link was used already, or is older than 15 minutes.");
    };
    let other = federation.session(now, headers);
    if other.is_some_and(|other| other.principal.arn != token.session.principal.arn) {
        let text = "You must first log out before logging into a different AWS account.";
        return refuse(text);
    }
    let id = instance.random.token("");
    let mut response = reply::redirect(&format!("/console?destination={}", encode(destination)));
    let value = format!("{COOKIE}={id}; Path=/; HttpOnly; SameSite=Lax");
    reply::set(&mut response, header::SET_COOKIE, &value);
    federation.sessions.insert(id, token.session);
    response
}

/// Answers `Action=logout`, and leads on only within the sign-in service.
pub(crate) fn logout(
    federation: &mut Federation,
    headers: &HeaderMap,
    form: &Form,
) -> Response<Vec<u8>> {
    if form.get("Action") != Some("logout") {
        return message(StatusCode::BAD_REQUEST, "Not signed out", "The action is not known.");
    }
    if let Some(id) = cookie(headers) {
        federation.sessions.remove(id);
    }
    let target = form.filled("redirect_uri").and_then(|uri| uri.parse::<http::Uri>().ok());
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let target = target.filter(|target| {
        target.authority().map(http::uri::Authority::as_str) == host
            && target.path() == "/federation"
    });
    let mut response = match target.as_ref().and_then(http::Uri::path_and_query) {
        Some(target) => reply::redirect(target.as_str()),
        None => outcome(Outcome::Approved, "Signed out", "You have signed out."),
    };
    let value = format!("{COOKIE}=; Path=/; Max-Age=0");
    reply::set(&mut response, header::SET_COOKIE, &value);
    response
}
