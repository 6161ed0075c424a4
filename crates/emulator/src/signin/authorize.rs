//! The page of an authorization code.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Response, Uri};
use wire::Timestamp;

use super::consent::{consent, decision};
use super::page::failure;
use crate::approval::{ApproveError, Decision};
use crate::form::{Form, encode};
use crate::instance::Instance;
use crate::markup::Markup;
use crate::oidc::{AuthorizationCode, AuthorizationServer, Client, Clients};
use crate::reply;
use crate::route::Grant;

/// The parameters that the form on the page carries along.
const PARAMETERS: [&str; 8] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "state",
    "code_challenge_method",
    "scopes",
    "scope",
    "code_challenge",
];

/// Where a request comes from, once it is sure that the answer may be sent there.
struct Requester<'a> {
    client: &'a Client,
    client_id: &'a str,
    redirect_uri: &'a str,
    state: Option<&'a str>,
}

/// What OAuth calls an error response.
#[derive(Clone, Copy)]
struct Refusal {
    description: &'static str,
    error: &'static str,
}

const DENIED: Refusal =
    Refusal { description: "The user has denied the request", error: "access_denied" };

impl<'a> Requester<'a> {
    fn of(now: Timestamp, clients: &'a Clients, form: &'a Form) -> Result<Self, ApproveError> {
        let client_id = form.get("client_id").unwrap_or_default();
        let client = clients.live(now, client_id);
        let client = client.ok_or(ApproveError::InvalidRequest("The client is not registered"))?;
        let redirect_uri = form.get("redirect_uri").unwrap_or_default();
        if !client.redirects_to(redirect_uri) {
            let message = "The redirect URI is not registered";
            return Err(ApproveError::InvalidRequest(message));
        }
        Ok(Self { client, client_id, redirect_uri, state: form.filled("state") })
    }

    /// The redirect URI with these parameters and the state.
    fn url(&self, parameters: &[(&str, &str)]) -> String {
        let state = self.state.map(|state| ("state", state));
        let query: Vec<String> = parameters
            .iter()
            .copied()
            .chain(state)
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect();
        let separator = if self.redirect_uri.contains('?') { '&' } else { '?' };
        format!("{}{separator}{}", self.redirect_uri, query.join("&"))
    }

    fn refuse(&self, refusal: Refusal) -> String {
        self.url(&[("error", refusal.error), ("error_description", refusal.description)])
    }

    /// Checks what may be reported to the client, and returns the code challenge.
    fn challenge<'f>(&self, form: &'f Form) -> Result<&'f str, Refusal> {
        let refuse = |error, description| Err(Refusal { description, error });
        if form.get("response_type") != Some("code") {
            return refuse("unsupported_response_type", "response_type must be code");
        }
        if !self.client.may_use(Grant::AuthorizationCode) {
            return refuse("unauthorized_client", "The client is registered for another grant");
        }
        if form.get("code_challenge_method") != Some("S256") {
            return refuse("invalid_request", "code_challenge_method must be S256");
        }
        let challenge = form.get("code_challenge").unwrap_or_default();
        if URL_SAFE_NO_PAD.decode(challenge).map_or(true, |hash| hash.len() != 32) {
            return refuse("invalid_request", "code_challenge is no SHA-256 in Base64url");
        }
        let scopes = form.get("scopes").or_else(|| form.get("scope")).unwrap_or_default();
        let registered = |scope| self.client.scopes.iter().any(|known| known == scope);
        if !scopes.split_whitespace().all(registered) {
            return refuse("invalid_scope", "A scope is not registered");
        }
        Ok(challenge)
    }
}

/// Shows the page, or goes on at once where nobody is to be asked.
pub(crate) fn show(
    now: Timestamp,
    instance: &mut Instance,
    server: &mut AuthorizationServer,
    uri: &Uri,
) -> Response<Vec<u8>> {
    let form = Form::from_query(uri);
    match instance.scenario.approval.decision(&instance.user) {
        Some(decision) => respond(conclude(now, instance, server, &form, decision)),
        None => ask(now, instance, &server.clients, &form),
    }
}

fn ask(now: Timestamp, instance: &Instance, clients: &Clients, form: &Form) -> Response<Vec<u8>> {
    let requester = match Requester::of(now, clients, form) {
        Ok(requester) => requester,
        Err(error) => return failure(&error),
    };
    if let Err(refusal) = requester.challenge(form) {
        return reply::redirect(&requester.refuse(refusal));
    }
    let hidden: Vec<_> =
        PARAMETERS.iter().filter_map(|name| Some((*name, form.get(name)?))).collect();
    consent(instance, "/authorize", requester.client, Markup::default(), &hidden)
}

/// Answers the form of the page.
pub(crate) fn decide(
    now: Timestamp,
    instance: &mut Instance,
    server: &mut AuthorizationServer,
    form: &Form,
) -> Response<Vec<u8>> {
    let decision = decision(&instance.scenario, form);
    respond(decision.and_then(|decision| conclude(now, instance, server, form, decision)))
}

/// Returns where the browser goes next: with a code after an approval, else with an error.
pub(crate) fn conclude(
    now: Timestamp,
    instance: &mut Instance,
    server: &mut AuthorizationServer,
    form: &Form,
    decision: Decision,
) -> Result<String, ApproveError> {
    let AuthorizationServer { clients, codes, .. } = server;
    let code = instance.random.token("");
    let requester = Requester::of(now, clients, form)?;
    let outcome = requester.challenge(form).and_then(|challenge| match decision {
        Decision::Approved { user } => Ok((challenge, user)),
        Decision::Denied => Err(DENIED),
    });
    let (challenge, user) = match outcome {
        Ok(approved) => approved,
        Err(refusal) => return Ok(requester.refuse(refusal)),
    };
    let url = requester.url(&[("code", &code)]);
    let approved = AuthorizationCode {
        challenge: challenge.to_owned(),
        client_id: requester.client_id.to_owned(),
        expires_at: now + instance.scenario.lifetimes.authorization_code,
        redirect_uri: requester.redirect_uri.to_owned(),
        user,
    };
    codes.add(code, approved);
    Ok(url)
}

/// Sends the browser on, or shows why it cannot be.
fn respond(result: Result<String, ApproveError>) -> Response<Vec<u8>> {
    match result {
        Ok(url) => reply::redirect(&url),
        Err(error) => failure(&error),
    }
}
