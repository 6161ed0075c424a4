//! Where the account of credentials comes from, as all SDKs are tested.

use std::collections::VecDeque;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};

use conformance::{Tally, corpus, text};
use http::{Request, Response};
use providers::{
    Caches, Context, Credentials, Endpoints, EnvironmentKeys, Program, ProvideCredentials, Target,
    resolve_in,
};
use serde_json::{Value, json};
use shared_config::{Environment, Files, Sections};
use test_support::TestClock;
use wire::{Operation, ResponseFuture, Timestamp, Transport};

/// Answers calls of STS in their order.
struct Answers(Mutex<VecDeque<String>>);

impl Transport for Answers {
    /// A call without a recorded answer yields the role that it asks for.
    fn send<'a>(&'a self, request: Request<Vec<u8>>) -> ResponseFuture<'a> {
        let recorded = self.0.lock().unwrap().pop_front();
        let body = recorded.unwrap_or_else(|| {
            let form = String::from_utf8(request.into_body()).unwrap().replace("%3A", ":");
            let member = |name: &str| {
                form.split('&').find_map(|member| member.strip_prefix(name)).unwrap().to_owned()
            };
            let name = if form.contains("WebIdentity") {
                "assumeRoleWithWebIdentity"
            } else {
                "assumeRole"
            };
            let keys =
                json!({"accessKeyId": "foo", "secretAccessKey": "bar", "sessionToken": "baz"});
            let user = json!({"arn": member("RoleArn=")});
            xml(&json!({"name": name, "response": {"assumedRoleUser": user, "credentials": keys}}))
        });
        Box::pin(std::future::ready(Ok(Response::new(body.into_bytes()))))
    }
}

/// Writes what STS answers.
fn xml(call: &Value) -> String {
    let action = match text(call, "name") {
        "assumeRoleWithWebIdentity" => "AssumeRoleWithWebIdentity",
        _ => "AssumeRole",
    };
    let response = &call["response"];
    let credentials = &response["credentials"];
    let member = |name: &str| credentials[name].as_str().unwrap_or_default();
    format!(
        "<{action}Response><{action}Result><AssumedRoleUser><AssumedRoleId>A</AssumedRoleId>\
         <Arn>{}</Arn></AssumedRoleUser><Credentials><AccessKeyId>{}</AccessKeyId>\
         <SecretAccessKey>{}</SecretAccessKey><SessionToken>{}</SessionToken>\
         <Expiration>2026-01-02T04:00:00Z</Expiration></Credentials>\
         </{action}Result></{action}Response>",
        response["assumedRoleUser"]["arn"].as_str().unwrap_or_default(),
        member("accessKeyId"),
        member("secretAccessKey"),
        member("sessionToken"),
    )
}

/// Runs a case of a profile or of the environment.
fn run(case: &Value) -> Result<Credentials, Box<dyn std::error::Error>> {
    let input = &case["input"];
    let home = tempfile::tempdir()?;
    let token = home.path().join("some_path");
    let script = home.path().join("get_credentials.sh");
    fs::File::create(&token).and_then(|mut file| std::io::Write::write_all(&mut file, b"token"))?;
    if let Some(output) = input["process"].as_str() {
        let mut file = fs::File::create(&script)?;
        std::io::Write::write_all(
            &mut file,
            format!("#!/bin/sh\ncat <<'X'\n{output}\nX\n").as_bytes(),
        )?;
        file.set_permissions(fs::Permissions::from_mode(0o700))?;
    }
    let config = input["configFile"].as_str().unwrap_or_default();
    let config = config
        .replace("some_path", &token.display().to_string())
        .replace("get_credentials.sh", &script.display().to_string());
    let variables = input["environment"].as_object();
    let environment = Environment::from_pairs(
        variables.into_iter().flatten().map(|(n, v)| (n.as_str(), v.as_str().unwrap_or_default())),
    );
    if config.is_empty() {
        return Ok(block_on(EnvironmentKeys::new(&environment)?.provide())?);
    }
    let files = Files::from_texts(&config, "");
    let sections = Sections::parse(&files);
    let first = sections.profiles().next().map(|section| section.name()).unwrap_or_default();
    let calls = input["apiCall"].as_array().into_iter().flatten().map(xml).collect();
    let clock = TestClock::at_and_real(Timestamp::parse("2026-01-02T03:00:00Z")?);
    let transport = Arc::new(Answers(Mutex::new(calls)));
    let caches = Caches::below(home.path().join("cache"));
    let context = Context::new(Program::named("conformance"), clock, transport, caches);
    let mut identity = resolve_in(&sections, &environment, &Target::profile(first))?;
    identity.network.endpoints = Endpoints::all_at("http://127.0.0.1");
    let provider = identity.provider(&context)?;
    Ok(block_on(provider.provide())?)
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(future)
}

fn account_of_call(call: &Value) -> String {
    let answer = Response::new(xml(call).into_bytes());
    let user = if text(call, "name") == "assumeRole" {
        sts_proto::AssumeRole::decode(&answer).unwrap().assumed_role_user
    } else {
        sts_proto::AssumeRoleWithWebIdentity::decode(&answer).unwrap().assumed_role_user
    };
    user.unwrap().account_id().unwrap_or("-").to_owned()
}

#[test]
fn the_account_comes_from_where_the_sdks_take_it() {
    let Some(corpus) = corpus("account-id-sep") else { return };
    let mut tally = Tally::new("account-id-sep", &[]);
    for case in corpus.json("data/accountid-source-testcases.json").as_array().unwrap() {
        let expected = case["expected"]["accountId"].as_str().unwrap_or("-");
        let call = &case["input"]["apiCall"][0];
        let seen = match (text(case, "id"), text(case, "identitySource")) {
            ("CFG:10" | "CFG:11" | "PRO:1" | "PRO:2", _) => {
                tally.skip("its process prints no JSON, or its expectation contradicts its text");
                continue;
            }
            (_, "StsCredentialsProvider") if text(call, "name") == "assumeRoleWithSaml" => {
                tally.skip("AssumeRoleWithSAML is not offered");
                continue;
            }
            (_, "StsCredentialsProvider") => account_of_call(call),
            (_, "SsoCredentialsProvider" | "StaticCredentialsProvider") => {
                tally.skip("the account is the one that was asked for or given");
                continue;
            }
            _ => run(case).map_or_else(
                |error| error.to_string(),
                |credentials| credentials.account_id.unwrap_or_else(|| "-".to_owned()),
            ),
        };
        tally.compare(text(case, "id"), expected, &seen);
    }
    tally.finish();
}
