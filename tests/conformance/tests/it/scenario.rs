//! Scenario folders: an environment, files, recorded traffic, and what comes of it.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use http::{Request, Response};
use serde_json::Value;
use shared_config::Environment;
use wire::{ResponseFuture, RetryRule, Transport, TransportError};

/// A folder with an environment, files, recorded traffic and what comes of it; the shape that the
/// Rust and the Kotlin SDK share.
#[derive(Debug)]
pub(crate) struct ScenarioFolder {
    /// The name of the folder.
    pub(crate) name: String,
    /// The variables, with the paths of this machine.
    pub(crate) environment: Environment,
    /// What comes of it: `Ok` with members, or `ErrorContains`.
    pub(crate) result: Value,
    /// The recorded traffic.
    pub(crate) traffic: Replay,
    /// Every secret that stands in the files or the traffic.
    pub(crate) secrets: Vec<String>,
    _root: tempfile::TempDir,
}

/// Answers requests as they were recorded, in order, and says which request was another one.
#[derive(Debug)]
pub(crate) struct Replay {
    exchanges: Mutex<std::vec::IntoIter<Exchange>>,
    deviations: Mutex<Vec<String>>,
}

#[derive(Debug)]
struct Exchange {
    request: String,
    answer: Response<Vec<u8>>,
}

impl ScenarioFolder {
    /// Reads a folder; its files are copied to where the environment names them.
    pub(crate) fn load(folder: &Path) -> Self {
        let json = |file: &str| -> Value {
            let text = fs::read_to_string(folder.join(file)).unwrap_or_else(|_| "null".to_owned());
            serde_json::from_str(&text).unwrap()
        };
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("home")).unwrap();
        let files = copy(&folder.join("fs"), root.path());
        let mut variables: BTreeMap<String, String> =
            serde_json::from_value(json("env.json")).unwrap();
        variables.entry("HOME".to_owned()).or_insert_with(|| "/home".to_owned());
        for value in variables.values_mut() {
            if value.starts_with("/home") || value.starts_with("/token") {
                *value = format!("{}{value}", root.path().display());
            }
        }
        for file in &files {
            // The root of the scenario is not the root of this machine.
            let Ok(text) = fs::read_to_string(file) else { continue };
            let moved = format!("web_identity_token_file = {}/token", root.path().display());
            let moved = text.replace("web_identity_token_file = /token", &moved);
            fs::File::create(file).unwrap().write_all(moved.as_bytes()).unwrap();
        }
        let traffic = json("http-traffic.json");
        let case = json("test-case.json");
        let secrets = secrets(&files, &traffic);
        Self {
            name: folder.file_name().unwrap().to_string_lossy().into_owned(),
            environment: Environment::from_pairs(
                variables.iter().map(|(name, value)| (name.as_str(), value.as_str())),
            ),
            result: case["result"].clone(),
            traffic: Replay::of(&traffic),
            secrets,
            _root: root,
        }
    }
}

fn copy(from: &Path, to: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(from).into_iter().flatten() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir_all(&target).unwrap();
            files.extend(copy(&entry.path(), &target));
        } else {
            fs::copy(entry.path(), &target).unwrap();
            files.push(target);
        }
    }
    files
}

/// Finds secrets by the names that files and answers have for them.
fn secrets(files: &[PathBuf], traffic: &Value) -> Vec<String> {
    const NAMES: [&str; 8] = [
        "aws_secret_access_key = ",
        "aws_session_token = ",
        "\"accessToken\": \"",
        "<SecretAccessKey>",
        "<SessionToken>",
        "\"secretAccessKey\":\"",
        "\"sessionToken\":\"",
        "\"SecretAccessKey\": \"",
    ];
    let mut texts: Vec<String> =
        files.iter().filter_map(|file| fs::read_to_string(file).ok()).collect();
    texts.push(traffic.to_string().replace("\\\"", "\""));
    let mut secrets = Vec::new();
    for text in texts {
        for name in NAMES {
            for (at, _) in text.match_indices(name) {
                let rest = text.get(at + name.len()..).unwrap_or_default();
                let end = rest.find(['"', '<', '\n', '\r', '\\']).unwrap_or(rest.len());
                secrets.extend(rest.get(..end).map(str::to_owned));
            }
        }
    }
    secrets.retain(|secret| secret.len() > 2);
    secrets
}

impl Replay {
    fn of(traffic: &Value) -> Self {
        let exchanges = match traffic["events"].as_array() {
            Some(events) => of_events(events),
            None => traffic.as_array().into_iter().flatten().map(of_pair).collect(),
        };
        Self { exchanges: Mutex::new(exchanges.into_iter()), deviations: Mutex::default() }
    }

    /// Returns how the requests differed from the recorded ones, and what was not asked for.
    pub(crate) fn deviations(&self) -> Vec<String> {
        let left = self.exchanges.lock().unwrap().len();
        let mut deviations = self.deviations.lock().unwrap().clone();
        if left > 0 {
            deviations.push(format!("{left} recorded requests were not made"));
        }
        deviations
    }

    fn answer(&self, request: &Request<Vec<u8>>) -> Option<Response<Vec<u8>>> {
        let exchange = self.exchanges.lock().unwrap().next()?;
        let seen = described(
            request.method().as_str(),
            &request.uri().to_string(),
            &String::from_utf8_lossy(request.body()),
        );
        if seen != exchange.request {
            let deviation = format!("expected {}\n    sent {seen}", exchange.request);
            self.deviations.lock().unwrap().push(deviation);
        }
        Some(exchange.answer)
    }
}

impl Transport for Replay {
    /// Repeats a request as its rule allows, three attempts in all, without a wait.
    fn send<'a>(&'a self, request: Request<Vec<u8>>) -> ResponseFuture<'a> {
        let mut answer = self.answer(&request);
        for _ in 1..3 {
            let rule = request.extensions().get::<RetryRule>().copied();
            let again = |answer: &Response<_>| rule.is_some_and(|rule| rule.allows(answer));
            if answer.as_ref().is_some_and(again) {
                answer = self.answer(&request).or(answer);
            }
        }
        let host = request.uri().host().unwrap_or_default().to_owned();
        let answer = answer.ok_or_else(|| TransportError::new(host, false, "nothing recorded"));
        Box::pin(std::future::ready(answer))
    }
}

/// Groups the events of the Rust SDK by connection.
fn of_events(events: &[Value]) -> Vec<Exchange> {
    let mut connections: BTreeMap<u64, Vec<&Value>> = BTreeMap::new();
    for event in events {
        let id = event["connection_id"].as_u64().unwrap();
        connections.entry(id).or_default().push(&event["action"]);
    }
    connections.into_values().map(|actions| of_actions(&actions)).collect()
}

fn of_actions(actions: &[&Value]) -> Exchange {
    let data = |direction: &str| -> String {
        let of_direction = |action: &&&Value| action["Data"]["direction"] == direction;
        let texts = actions.iter().filter(of_direction);
        texts.filter_map(|action| action["Data"]["data"]["Utf8"].as_str()).collect()
    };
    let find = |name: &str| actions.iter().find_map(|action| action.get(name)).unwrap();
    let request = &find("Request")["request"];
    let response = &find("Response")["response"]["Ok"];
    let headers = response["headers"].as_object().unwrap().iter();
    Exchange {
        request: described(
            request["method"].as_str().unwrap(),
            request["uri"].as_str().unwrap(),
            &data("Request"),
        ),
        answer: answer(
            &response["status"],
            headers.map(|(name, value)| (name.as_str(), value[0].as_str().unwrap_or_default())),
            &data("Response"),
        ),
    }
}

/// Reads an exchange of the Kotlin SDK.
fn of_pair(pair: &Value) -> Exchange {
    let (request, response) = (&pair["request"], &pair["response"]);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let headers = response["headers"].as_object();
    Exchange {
        request: described(
            &text(&request["method"]),
            &text(&request["uri"]),
            &text(&request["body"]),
        ),
        answer: answer(
            &response["status"],
            headers
                .into_iter()
                .flatten()
                .map(|(n, v)| (n.as_str(), v.as_str().unwrap_or_default())),
            &text(&response["body"]),
        ),
    }
}

fn answer<'a>(
    status: &Value,
    headers: impl Iterator<Item = (&'a str, &'a str)>,
    body: &str,
) -> Response<Vec<u8>> {
    let mut answer = Response::builder().status(u16::try_from(status.as_u64().unwrap()).unwrap());
    for (name, value) in headers {
        answer = answer.header(name, value);
    }
    answer.body(body.as_bytes().to_vec()).unwrap()
}

/// Writes what counts of a request: where it goes, and the members of its query or form in order of
/// their names. Their values are those of other runs in half of the recordings, and no SDK compares
/// them, but for the action and what a portal is asked.
fn described(method: &str, uri: &str, body: &str) -> String {
    let (target, query) = uri.split_once('?').unwrap_or((uri, ""));
    let target = target.trim_end_matches('/').trim_end_matches(":443");
    let name = |member: &str| match member.split_once('=') {
        Some((name, _)) if name != "Action" && name != "Version" => name.to_owned(),
        _ => member.to_owned(),
    };
    let form = body.split('&').map(name).filter(|_| body.starts_with("Action="));
    let mut members: Vec<String> = query.split('&').map(str::to_owned).chain(form).collect();
    members.retain(|member| !member.is_empty());
    members.sort();
    format!("{method} {target} {}", members.join("&"))
}
