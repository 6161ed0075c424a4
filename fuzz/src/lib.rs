//! One function for each fuzz target. Each states, by assertions, what must hold for any bytes.

mod refresh;

use std::time::Duration;

use assignments::{Index, Portal};
use oidc_proto::{CreateToken, DevicePoll, RegisterClient, StartDeviceAuthorization, Step};
use shared_config::{Document, FileKind, Files, SectionKind, Sections};
use sso_proto::{GetRoleCredentials, ListAccountRoles, ListAccounts, Logout};
use sts_proto::{AssumeRole, AssumeRoleWithWebIdentity, GetCallerIdentity, Signer, SigningKeys};
use token_cache::{CachedAssumedRole, CachedRefusal, CachedRegistration, CachedRole, CachedToken};
use wire::{Operation, Secret, ServiceError, Timestamp};

pub use refresh::refresh;

/// Every target, for the replay.
pub const TARGETS: [(&str, fn(&[u8])); 21] = [
    ("assignments_index", assignments_index),
    ("callback_line", callback_line),
    ("device_poll", device_poll),
    ("idp_request", idp_request),
    ("ini_edit", ini_edit),
    ("ini_lex", ini_lex),
    ("ini_parse", ini_parse),
    ("json_error", json_error),
    ("oidc_decode", oidc_decode),
    ("process_output", process_output),
    ("profile_plan", profile_plan),
    ("refresh", refresh),
    ("registration", registration),
    ("role_cache", role_cache),
    ("scenario", scenario),
    ("sigv4", sigv4),
    ("sso_decode", sso_decode),
    ("sso_token", sso_token),
    ("start_url", start_url),
    ("sts_xml", sts_xml),
    ("timestamp", timestamp),
];

/// A file of accounts and roles: what is read is written as it was read.
pub fn assignments_index(data: &[u8]) {
    let portal = Portal { start_url: "https://d-1.awsapps.com/start", region: "eu-west-1" };
    let read = |bytes: &[u8]| Index::from_slice(bytes, portal);
    if let Ok(index) = read(data) {
        assert_eq!(read(&index.to_vec(portal)).as_ref(), Ok(&index));
    }
    // Sums keep random bytes out: here they are right.
    let mut text = Index::default().to_vec(portal);
    for json in data.split(|byte| *byte == b'\n') {
        text.extend(format!("{:08x} ", crc32fast::hash(json)).as_bytes());
        text.extend(json);
        text.push(b'\n');
    }
    let Ok(index) = read(&text) else { return };
    assert!(index.assigned().is_sorted_by(|a, b| a.account.account_id < b.account.account_id));
    assert_eq!(read(&index.to_vec(portal)).as_ref(), Ok(&index));
}

/// A request line at the listener of a sign-in: a code is only believed with the right state.
pub fn callback_line(data: &[u8]) {
    let Ok(line) = std::str::from_utf8(data) else { return };
    let state = Secret::from("0123456789abcdef");
    if oidc_proto::parse_callback(line, &state).is_ok() {
        assert!(line.contains("state="));
        assert!(line.starts_with("GET /oauth/callback?"));
    }
}

/// Answers and times in any order: polling waits at least a second and ends when the code does.
pub fn device_poll(data: &[u8]) {
    let mut bytes = data.iter().copied();
    let mut next = || bytes.next();
    let mut now = Timestamp::from_unix(1_767_323_045);
    let (Some(expires_in), Some(interval)) = (next(), next()) else { return };
    let expires_in = Duration::from_secs(u64::from(expires_in));
    let mut poll = DevicePoll::new(now, expires_in, Some(Duration::from_secs(interval.into())));
    let end = now + expires_in + Duration::from_secs(60);
    while let Some(byte) = next() {
        match poll.step(now) {
            Step::Expired => return,
            Step::Wait(until) => {
                assert!(until > now && until <= end);
                now = until;
            }
            Step::Send => {
                let (status, code) = match byte % 4 {
                    0 => (400, "AuthorizationPendingException"),
                    1 => (400, "SlowDownException"),
                    2 => (500, "InternalServerException"),
                    _ => (400, "AccessDeniedException"),
                };
                let answer = http::Response::builder()
                    .status(status)
                    .header("x-amzn-errortype", code)
                    .body(Vec::new())
                    .expect("a status and a header");
                let result = CreateToken::decode(&answer).map_err(Into::into);
                if poll.on_result(now, result).is_some() {
                    assert_eq!(byte % 4, 3);
                    return;
                }
                assert!(!matches!(poll.step(now), Step::Send));
            }
            _ => unreachable!("there are three steps"),
        }
        now = now + Duration::from_secs(u64::from(byte / 32));
    }
    assert!(matches!(poll.step(end), Step::Expired));
}

/// A request to the emulator: it always answers, and nothing is given without a sign-in.
pub fn idp_request(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.splitn(4, '\n');
    let (method, target) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let (header, body) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let mut request = http::Request::builder().method(method).uri(target);
    if let Some((name, value)) = header.split_once(':') {
        request = request.header(name, value);
    }
    let Ok(request) = request.body(body.as_bytes().to_vec()) else { return };
    let mut scenario = emulator::Scenario::default();
    scenario.seed = Some(1);
    let mut idp = emulator::Idp::new(scenario);
    let reply = idp.handle(Timestamp::from_unix(1_767_323_045), &request);
    if target.starts_with("/federation") || target.starts_with("/assignment") {
        assert!(!reply.response.status().is_success());
    }
}

/// Any text and any edits: what is set is read again, what is refused changes nothing.
pub fn ini_edit(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (edits, text) = text.split_once('\0').unwrap_or((text, ""));
    let mut document = Document::new(text, FileKind::Config);
    let kind = SectionKind::Profile;
    for edit in edits.split('\n').take(16) {
        let words: Vec<&str> = edit.splitn(4, ' ').collect();
        let before = document.as_str().to_owned();
        match words.as_slice() {
            ["set", section, name, value] => match document.set(kind, section, name, value) {
                Err(_) => assert_eq!(document.as_str(), before),
                Ok(()) => {
                    let files = Files::from_texts(document.as_str(), "");
                    let sections = Sections::parse(&files);
                    let profile = sections.profiles().find(|profile| profile.name() == *section);
                    let setting = profile.and_then(|profile| profile.get(name));
                    assert_eq!(setting.expect("it was set").value(), *value);
                }
            },
            ["unset", section, name] => {
                document.unset(kind, section, name);
                let files = Files::from_texts(document.as_str(), "");
                let sections = Sections::parse(&files);
                let profile = sections.profiles().find(|profile| profile.name() == *section);
                assert!(profile.is_none_or(|profile| profile.get(name).is_none()));
            }
            ["nest", section, name, value] => {
                drop(document.set_nested(kind, section, "s3", name, value));
            }
            ["add", section] => drop(document.add_section(kind, section)),
            ["remove", section] => drop(document.remove_section(kind, section)),
            ["rename", section, to] => drop(document.rename_section(kind, section, to)),
            _ => {}
        }
    }
}

/// Any text: the lines tile it.
pub fn ini_lex(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut position = 0;
    for line in shared_config::lex(text) {
        assert_eq!(line.span.start, position);
        assert!(line.span.end > position);
        position = line.span.end;
    }
    assert_eq!(position, text.len());
}

/// Any text: a profile parsed alone is what the full parse makes of it.
pub fn ini_parse(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (config, credentials) = text.split_once('\0').unwrap_or((text, ""));
    let files = Files::from_texts(config, credentials);
    let full = Sections::parse(&files);
    for section in full.profiles().take(8) {
        let name = section.name();
        let alone = Sections::for_profile(&files, name);
        let settings = |sections: &Sections<'_>| {
            let section = sections.profiles().find(|section| section.name() == name);
            let settings = section.into_iter().flat_map(|section| section.settings());
            let shown = settings
                .map(|setting| (setting.name(), setting.value(), setting.nested(), setting.line()));
            format!("{:?}", shown.collect::<Vec<_>>())
        };
        assert_eq!(settings(&alone), settings(&full));
    }
}

/// The body of an error: the text holds nothing that is not seen, and is not endless.
pub fn json_error(data: &[u8]) {
    for header in [None, Some("UnauthorizedException")] {
        let mut response = http::Response::builder().status(400);
        if let Some(header) = header {
            response = response.header("x-amzn-errortype", header);
        }
        let response = response.body(data.to_vec()).expect("a status and a header");
        let error = ServiceError::from_rest_json(&response);
        let _ = oidc_proto::ErrorKind::of(&error);
        let text = error.to_string();
        assert!(!text.chars().any(wire::is_hidden));
        assert!(text.chars().count() < 1200);
    }
}

/// The answers of SSO OIDC.
pub fn oidc_decode(data: &[u8]) {
    let response = http::Response::new(data.to_vec());
    let _ = RegisterClient::decode(&response);
    let _ = StartDeviceAuthorization::decode(&response);
    if let Ok(token) = CreateToken::decode(&response) {
        assert!(!token.access_token.expose().is_empty());
    }
}

/// Any config: what a profile means names an account and a role, or an error with a line.
pub fn profile_plan(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let files = Files::from_texts(text, "");
    let sections = Sections::parse(&files);
    for section in sections.profiles().take(8) {
        let target = providers::Target::profile(section.name());
        let environment = shared_config::Environment::default();
        let identity = providers::resolve_in(&sections, &environment, &target);
        let Ok(identity) = identity else { continue };
        assert!(identity.hops.len() <= 10);
        if let providers::Base::Sso(sso) = identity.base
            && let Ok(role) = sso.role()
        {
            assert!(!role.account_id.is_empty() && !role.role_name.is_empty());
        }
    }
}

/// A client registration: what is written is read again.
pub fn registration(data: &[u8]) {
    if let Ok(registration) = CachedRegistration::from_slice(data) {
        let again = CachedRegistration::from_slice(registration.to_vec().expose());
        assert_eq!(again.expect("it is whole").client_id, registration.client_id);
    }
}

/// An entry of the role cache: what is written is read again.
pub fn role_cache(data: &[u8]) {
    if let Ok(entry) = CachedRole::from_slice(data) {
        let again = CachedRole::from_slice(entry.to_vec().expose()).expect("it is whole");
        assert_eq!(again.origin, entry.origin);
        assert_eq!(again.credentials, entry.credentials);
        assert!(!format!("{entry:?}").contains("SecretAccessKey\":"));
        let _ = entry.serves(Timestamp::from_unix(1_767_323_045));
    }
}

/// A scenario of the emulator.
pub fn scenario(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = emulator::Scenario::from_toml(text);
    }
}

/// The output of a `credential_process`, and the files of assumed roles and of refusals: what is
/// read is written so that it reads the same.
pub fn process_output(data: &[u8]) {
    if let Ok(credentials) = providers::read_process_output(data) {
        let written = providers::process_output(&credentials);
        let again = providers::read_process_output(written.expose());
        assert_eq!(again.as_ref(), Ok(&credentials));
    }
    if let Ok(entry) = CachedAssumedRole::from_slice(data) {
        let again = CachedAssumedRole::from_slice(entry.to_vec().expose());
        assert!(
            again.is_ok_and(|again| again.steps == entry.steps && again.portal == entry.portal)
        );
    }
    if let Ok(refusal) = CachedRefusal::from_slice(data) {
        assert_eq!(CachedRefusal::from_slice(refusal.to_vec().expose()).ok(), Some(refusal));
    }
}

/// A request to sign: signing it again changes nothing, and presigning makes a URL.
pub fn sigv4(data: &[u8]) {
    if data.len() > 4096 {
        return;
    }
    let mut lines = data.split(|byte| *byte == b'\n');
    let target = [b"https://h".as_slice(), lines.next().unwrap_or_default()].concat();
    let mut request = http::Request::get(target.as_slice());
    for line in lines.by_ref().take_while(|line| !line.is_empty()) {
        let mut parts = line.splitn(2, |byte| *byte == b':');
        request =
            request.header(parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    }
    let body = lines.next().unwrap_or_default().to_vec();
    let Ok(mut request) = request.body(body) else { return };
    let (secret_access_key, token) = (Secret::from("secret"), Secret::from("token"));
    let keys = SigningKeys {
        access_key_id: "AKID",
        secret_access_key: &secret_access_key,
        session_token: Some(&token),
    };
    let now = Timestamp::from_unix(1_767_323_045);
    for literal_path in [false, true] {
        let mut signer = Signer::new(keys, "sts", "us-east-1", now);
        signer.literal_path = literal_path;
        let url = signer.presign(&request, Duration::from_secs(60)).expect("it has a host");
        let url: http::Uri = url.expose().parse().expect("it is a URL");
        assert_eq!(url.path(), request.uri().path());
        signer.sign(&mut request).expect("the keys are text");
        let first = request.headers().clone();
        signer.sign(&mut request).expect("the keys are text");
        assert_eq!(*request.headers(), first);
    }
}

/// The answers of the portal: paging never repeats a page.
pub fn sso_decode(data: &[u8]) {
    let response = http::Response::new(data.to_vec());
    let _ = GetRoleCredentials::decode(&response);
    let _ = Logout::decode(&response);
    let token = Secret::from("t");
    if let Ok(page) = ListAccounts::decode(&response)
        && let Ok(Some(next)) = ListAccounts::first_page(&token).next(&page)
    {
        assert!(next.next(&page).is_err());
    }
    if let Ok(page) = ListAccountRoles::decode(&response)
        && let Ok(Some(next)) = ListAccountRoles::first_page(&token, "1").next(&page)
    {
        assert!(next.next(&page).is_err());
    }
}

/// A token file: what is written is read again, with the members of other tools.
pub fn sso_token(data: &[u8]) {
    for token in [CachedToken::from_slice(data), CachedToken::salvage(data)].into_iter().flatten() {
        let written = token.to_vec();
        let again = CachedToken::from_slice(written.expose()).expect("it is whole");
        assert_eq!(again.access_token, token.access_token);
        assert_eq!(again.expires_at, token.expires_at);
        assert_eq!(again.refresh_token, token.refresh_token);
        let rest = |token: &CachedToken| {
            token.rest.rest().map(|(name, raw)| (name.to_owned(), raw.to_owned())).collect()
        };
        let (before, after): (Vec<_>, Vec<_>) = (rest(&token), rest(&again));
        assert_eq!(before, after);
    }
}

/// A start URL and where it leads: only to an https host.
pub fn start_url(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (url, location) = text.split_once('\n').unwrap_or((text, ""));
    let _ = oidc_proto::StartUrl::classify(url);
    let _ = oidc_proto::StartUrl::region(url);
    if let Ok(target) = oidc_proto::StartUrl::follow(url, 302, Some(location)) {
        let rest = target.strip_prefix("https://").expect("nothing else is followed");
        assert!(!rest.contains(['?', '#']));
        let authority = rest.split('/').next().unwrap_or_default();
        assert!(!authority.contains('@'), "no user information is kept");
    }
}

/// The answers of STS.
pub fn sts_xml(data: &[u8]) {
    for status in [200, 403] {
        let mut response = http::Response::new(data.to_vec());
        *response.status_mut() = http::StatusCode::from_u16(status).expect("a status");
        let _ = AssumeRole::decode(&response);
        let _ = AssumeRoleWithWebIdentity::decode(&response);
        let _ = GetCallerIdentity::decode(&response);
    }
}

/// Any text: a time that is read is written in one form and read again.
pub fn timestamp(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(time) = Timestamp::parse(text) {
        assert_eq!(Timestamp::parse(&time.to_string()), Ok(time));
        assert_eq!(time.to_string().len(), 20);
    }
}
