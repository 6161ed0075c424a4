//! What answers a browser that opens the console or the portal, and a client that helps it there.

use emulator::Scenario;
use http::{Method, Request};
use serde_json::{Value, json};

use crate::client::Client;
use crate::signature::Keys;

/// What a browser sees of a page: the status, and where it is sent or what it shows.
pub(crate) type Seen = (u16, String);

/// A client of the emulator, and a browser that keeps a cookie.
pub(crate) struct Company {
    pub(crate) client: Client,
    pub(crate) cookie: Option<String>,
}

impl Company {
    pub(crate) fn new() -> Self {
        Self { client: Client::for_devices(Scenario::default()), cookie: None }
    }

    /// The credentials of a role of Identity Center.
    pub(crate) fn permission_set(&mut self) -> Keys {
        let token = self.client.sign_in()["accessToken"].as_str().unwrap().to_owned();
        let target = "/federation/credentials?role_name=ReadOnly&account_id=111122223333";
        Keys::of_portal(&self.client.get(target, &token).unwrap()["roleCredentials"])
    }

    /// The credentials of a role that others assume.
    pub(crate) fn assumed(&mut self, with: &Keys) -> Keys {
        let role = "arn:aws:iam::222233334444:role/Deploy";
        let body = format!(
            "Action=AssumeRole&Version=2011-06-15&RoleArn={role}&RoleSessionName=me&\
             DurationSeconds=900"
        );
        let request = with.sign(self.client.now, &body);
        let response = self.client.send(&request).response;
        Keys::of_xml(std::str::from_utf8(response.body()).unwrap())
    }

    /// Asks for a sign-in token; what is refused tells why.
    pub(crate) fn token(&mut self, keys: &Keys, more: &str) -> Result<String, (u16, String)> {
        self.ask(Method::POST, &format!("Action=getSigninToken&{}{more}", session(keys)))
    }

    pub(crate) fn ask(&mut self, method: Method, form: &str) -> Result<String, (u16, String)> {
        let (status, body) = match method {
            Method::GET => self.client.page(method, &format!("/federation?{form}"), ""),
            _ => self.client.page(method, "/federation", form),
        };
        if status != 200 {
            return Err((status, body));
        }
        let answer: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(answer.as_object().unwrap().len(), 1, "{body}");
        Ok(answer["SigninToken"].as_str().unwrap().to_owned())
    }

    /// Opens a page, and takes and gives cookies as a browser does.
    pub(crate) fn open(&mut self, target: &str) -> Seen {
        let mut request = Request::get(target).header("host", "signin.example.com");
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", format!("other=1; {cookie}"));
        }
        let response = self.client.send(&request.body(Vec::new()).unwrap()).response;
        if let Some(cookie) = response.headers().get("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let pair = cookie.split(';').next().unwrap().to_owned();
            self.cookie = Some(pair).filter(|_| !cookie.contains("Max-Age=0"));
        }
        let location = response.headers().get("location").map(|url| url.to_str().unwrap());
        let body = String::from_utf8_lossy(response.body());
        let shown = location.map_or_else(|| body.into_owned(), str::to_owned);
        (response.status().as_u16(), shown)
    }

    /// Follows what a page leads on to, up to where it shows something.
    pub(crate) fn follow(&mut self, target: &str) -> Seen {
        let mut seen = self.open(target);
        while seen.0 == 302 {
            seen = self.open(&seen.1);
        }
        seen
    }

    /// Signs in with a token, and returns the page of the console.
    pub(crate) fn login(&mut self, token: &str) -> Seen {
        self.follow(&login(token))
    }
}

pub(crate) fn session(keys: &Keys) -> String {
    let Keys { id, secret, token } = keys;
    let session = json!({ "sessionId": id, "sessionKey": secret, "sessionToken": token });
    format!("Session={}", encode(&session.to_string()))
}

pub(crate) fn login(token: &str) -> String {
    let destination = encode("https://eu-west-1.console.aws.amazon.com/s3/home?region=eu-west-1");
    format!("/federation?Action=login&Issuer=me&Destination={destination}&SigninToken={token}")
}

pub(crate) fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[track_caller]
pub(crate) fn shows(seen: &Seen, status: u16, parts: &[&str]) {
    let (got, page) = seen;
    assert_eq!(*got, status, "{page}");
    for part in parts {
        assert!(page.contains(part), "{part}: {page}");
    }
}
