//! Servers that repeat what they were sent: no secret of a request is shown.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::json;

use crate::support::{ACCOUNT, Run, TestEnv};

const ACCESS_TOKEN: &str = "aoaAAAAAGx/Lk3+Qw9=yZ7bTtUmNvBq_access";
const REFRESH_TOKEN: &str = "aorAAAAAGz/Pm4+Rw8=xY6cSsVnMwCr_refresh";
const CLIENT_SECRET: &str = "eyJraWQiOiJrZXkx.Zm9vYmFy/c2Vj+cmV0=_client";
const DEVICE_CODE: &str = "Gqx7/Hn2+Vd8=KjPsLmTz_device";
const SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const SESSION_TOKEN: &str = "IQoJb3JpZ2luX2VjEJr//////////wEaCWV1/Zx9+Qs7=_session";
const WEB_TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJyZXBvOngifQ.c2lnbmF0dXJl";
const MFA_CODE: &str = "918273";

const SECRETS: [&str; 7] =
    [ACCESS_TOKEN, REFRESH_TOKEN, CLIENT_SECRET, DEVICE_CODE, SECRET_KEY, SESSION_TOKEN, WEB_TOKEN];

/// Answers every request with an error that repeats it, but begins a device authorization.
struct Echo {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

/// In what form a request comes back.
#[derive(Clone, Copy, Debug)]
enum Form {
    Plain,
    Percent,
    Cut,
    NotHttp,
}

impl Echo {
    fn start(form: Form) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let seen = Arc::clone(&seen);
                thread::spawn(move || answer(&mut stream.unwrap(), form, &seen));
            }
        });
        Self { url, requests }
    }
}

fn answer(stream: &mut TcpStream, form: Form, seen: &Mutex<Vec<String>>) -> Option<()> {
    let request = read_request(stream)?;
    seen.lock().unwrap().push(request.clone());
    if request.starts_with("POST /client/register") {
        let body = json!({
            "clientId": "the-client", "clientSecret": CLIENT_SECRET,
            "clientSecretExpiresAt": 4_000_000_000_u32,
        });
        return respond(stream, "200 OK", "", &body.to_string());
    }
    if request.starts_with("POST /device_authorization") && !matches!(form, Form::Percent) {
        let body = json!({
            "deviceCode": DEVICE_CODE, "userCode": "ABCD-EFGH", "interval": 1, "expiresIn": 60,
            "verificationUri": "https://device.example/", "verificationUriComplete": null,
        });
        return respond(stream, "200 OK", "", &body.to_string());
    }
    let flat: String = request.split("\r\n").collect::<Vec<_>>().join(" | ");
    let echo = match form {
        Form::Plain => flat,
        Form::Percent => wire::percent_encode(&flat),
        Form::Cut => {
            // It ends in the middle of a secret.
            let half = |secret: &&str| Some(flat.find(*secret)? + secret.len() / 2);
            let end = SECRETS.iter().filter_map(half).next_back().unwrap_or(flat.len());
            flat.get(..end).unwrap().to_owned()
        }
        Form::NotHttp => {
            write!(stream, "HTTP/1.1 999 {flat}\r\n{flat}: {flat}\r\n\r\n").ok()?;
            return Some(());
        }
    };
    let headers =
        format!("x-amzn-requestid: {echo}\r\nx-echo: {echo}\r\nlocation: https://x/?{echo}\r\n");
    if request.contains("Action=") {
        let echo = echo.replace('&', "&amp;").replace('<', "&lt;");
        let body = format!(
            "<ErrorResponse><Error><Code>AccessDenied</Code><Message>{echo}</Message></Error>\
             <RequestId>{echo}</RequestId></ErrorResponse>"
        );
        return respond(stream, "403 Forbidden", &headers, &body);
    }
    let body = json!({ "message": echo, "__type": echo, "reason": echo });
    respond(stream, "400 Bad Request", &headers, &body.to_string())
}

fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.to_ascii_lowercase();
            let length = length.split("content-length: ").nth(1).and_then(|l| l.lines().next());
            if body.len() >= length.map_or(0, |length| length.trim().parse().unwrap()) {
                return Some(text);
            }
        }
        match stream.read(&mut chunk).ok()? {
            0 => return None,
            read => request.extend_from_slice(&chunk[..read]),
        }
    }
}

fn respond(stream: &mut TcpStream, status: &str, headers: &str, body: &str) -> Option<()> {
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
    .ok()
}

/// A home with known secrets, whose services are the echo.
fn env(echo: &Echo) -> TestEnv {
    let mut env = TestEnv::new();
    for service in ["SSO", "SSO_OIDC", "STS"] {
        env.set(&format!("AWS_ENDPOINT_URL_{service}"), &echo.url);
    }
    env.set("AWS_CONTAINER_AUTHORIZATION_TOKEN", WEB_TOKEN);
    env.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", &echo.url);
    let web = env.path("web-token");
    fs::write(&web, WEB_TOKEN).unwrap();
    let config = fs::read_to_string(env.path(".aws/config")).unwrap();
    env.write_config(&format!(
        "{config}[profile user]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n\
         aws_secret_access_key = {SECRET_KEY}\naws_session_token = {SESSION_TOKEN}\n\
         [profile role]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/Admin\nsource_profile = user\n\
         mfa_serial = arn:aws:iam::{ACCOUNT}:mfa/ci\n\
         [profile web]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/Admin\n\
         web_identity_token_file = {}\n\
         [profile box]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/Admin\n\
         credential_source = EcsContainer\n",
        web.display()
    ));
    write_token(&env, "2099-01-01T00:00:00Z");
    env
}

fn write_token(env: &TestEnv, expires_at: &str) {
    let token = json!({
        "startUrl": "https://keyfob.awsapps.com/start", "region": "eu-central-1",
        "accessToken": ACCESS_TOKEN, "expiresAt": expires_at, "clientId": "the-client",
        "clientSecret": CLIENT_SECRET, "registrationExpiresAt": "2099-01-01T00:00:00Z",
        "refreshToken": REFRESH_TOKEN,
    });
    let file = env.token_file();
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, token.to_string()).unwrap();
}

/// Looks for eight characters of a secret in a row, plain or percent-encoded.
fn assert_hidden(text: &str, what: &str) {
    for secret in SECRETS.map(str::to_owned).into_iter().chain(SECRETS.map(wire::percent_encode)) {
        for piece in secret.as_bytes().windows(8) {
            let piece = std::str::from_utf8(piece).unwrap();
            assert!(!text.contains(piece), "{what}: {piece} of {secret} in {text}");
        }
    }
    assert!(!text.contains(MFA_CODE), "{what}: the code in {text}");
    if let Some((_, signature)) = text.split_once("Signature=") {
        assert!(signature.starts_with("***"), "{what}: {text}");
    }
}

fn assert_quiet(env: &TestEnv, arguments: &[&str]) -> Run {
    let run = env.run(arguments);
    assert_hidden(&run.stdout, &format!("{arguments:?}"));
    assert_hidden(&run.stderr, &format!("{arguments:?}"));
    run
}

#[test]
fn what_a_server_repeats_of_a_request_shows_no_secret() {
    for form in [Form::Plain, Form::Percent, Form::Cut, Form::NotHttp] {
        let echo = Echo::start(form);
        let env = env(&echo);
        let commands: [&[&str]; 10] = [
            &["credential-process", "--profile", "dev", "--debug"],
            &["whoami", "--profile", "dev"],
            &["roles"],
            &["search", "x"],
            &["whoami", "--profile", "user"],
            &["export", "--profile", "role", "--mfa-code", MFA_CODE],
            &["export", "--profile", "web"],
            &["export", "--profile", "box"],
            &["login", "--device-code", "--no-browser", "--timeout", "2"],
            &["logout"],
        ];
        for command in commands {
            let run = assert_quiet(&env, command);
            let said = ["***", "no answer from", "Signed out", "not done within"];
            assert!(said.iter().any(|said| run.stderr.contains(said)), "{form:?}: {run:?}");
        }
        let log = env.path(".aws/sso/keyfob-credential-process-log.txt");
        assert_hidden(&fs::read_to_string(log).unwrap(), "the log");
        write_token(&env, "2020-01-01T00:00:00Z");
        assert_quiet(&env, &["credential-process", "--profile", "dev", "--debug"]);
        let requests = echo.requests.lock().unwrap().join("\n");
        for sent in [ACCESS_TOKEN, REFRESH_TOKEN, CLIENT_SECRET, WEB_TOKEN, MFA_CODE] {
            assert!(requests.contains(sent), "{form:?}: {sent} was not sent");
        }
    }
}

/// Answers each connection with an error that repeats its first bytes; tells its address.
fn hostile_proxy() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let Some(request) = read_request(&mut stream) else { continue };
            let flat = request.split("\r\n").collect::<Vec<_>>().join(" ");
            let _ = respond(&mut stream, &format!("403 {flat}"), "", &request);
        }
    });
    address
}

#[test]
fn what_is_to_blame_for_a_lost_answer_is_named_and_no_password() {
    let mut env = TestEnv::with_tls();
    env.sign_in();
    let fetch = ["credential-process", "--profile", "dev", "--debug"];
    let right = env.variable("HTTPS_PROXY").to_owned();
    env.set("HTTPS_PROXY", &format!("http://me:s3cret-of-the-proxy@{}", hostile_proxy()));
    let run = env.run(&fetch);
    assert_eq!(run.code, 5, "{run:?}");
    assert!(run.stderr.contains("; check HTTPS_PROXY and NO_PROXY"), "{run:?}");
    let log = env.path(".aws/sso/keyfob-credential-process-log.txt");
    let log = fs::read_to_string(log).unwrap();
    for text in [&run.stderr, &log] {
        for part in ["s3cret", "bWU6", "LW9mLXRoZS"] {
            assert!(!text.contains(part), "{part} in {text}");
        }
    }

    env.set("HTTPS_PROXY", &right);
    env.unset("AWS_CA_BUNDLE");
    let run = env.run(&fetch);
    assert_eq!(run.code, 5, "{run:?}");
    assert!(run.stderr.contains("AWS_CA_BUNDLE") && !run.stderr.contains("HTTPS_PROXY"), "{run:?}");
}
