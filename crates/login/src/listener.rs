use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use html_escape::encode_text;
use oidc_proto::{AuthorizationCode, CALLBACK_PATH, CallbackError, parse_callback};
use providers::Program;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};
use wire::Secret;

/// How long a connection may take to send its request.
const READ: Duration = Duration::from_secs(5);

/// The longest request that is read, in bytes.
const REQUEST: usize = 16 * 1024;

/// How many headers it may have.
const HEADERS: usize = 100;

/// How many connections are served at a time; a browser opens a handful.
const CONNECTIONS: usize = 64;

/// How long is waited where no connection can be taken.
const PAUSE: Duration = Duration::from_millis(10);

/// Waits on the loopback interface for the browser to come back with the code.
pub(crate) struct Listener {
    listener: TcpListener,
    port: u16,
    program: Program,
}

/// The browser has come back, and waits for the page that tells how it ended.
pub(crate) struct Callback {
    /// The code, or why there is none.
    pub(crate) result: Result<AuthorizationCode, String>,
    stream: TcpStream,
    program: Program,
}

impl Listener {
    /// Binds to a free port of 127.0.0.1; nobody else can reach it. The pages name the program.
    pub(crate) async fn bind(program: Program) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        Ok(Self { listener, port, program })
    }

    /// Returns the redirect URI with the port.
    pub(crate) fn redirect_uri(&self) -> String {
        format!("http://127.0.0.1:{}{CALLBACK_PATH}", self.port)
    }

    /// Waits for the callback with our state. Connections are served side by side, so that a silent
    /// one does not block the browser; every other request is answered and forgotten.
    pub(crate) async fn callback(&self, state: &Secret<String>) -> Callback {
        let state = Arc::new(state.clone());
        let (sender, mut receiver) = mpsc::channel(1);
        let mut connections = JoinSet::new();
        let mut oldest_first = VecDeque::new();
        loop {
            tokio::select! {
                Some(callback) = receiver.recv() => return callback,
                Some(_) = connections.join_next() => {
                    oldest_first.retain(|connection: &AbortHandle| !connection.is_finished());
                }
                accepted = self.listener.accept() => {
                    let is_full = accepted.is_err() || oldest_first.len() >= CONNECTIONS;
                    // Strangers may hold all places, and a browser says at once what it wants.
                    if is_full && let Some(oldest) = oldest_first.pop_front() {
                        oldest.abort();
                    }
                    match accepted {
                        Ok((stream, _)) => {
                            let (state, sender) = (Arc::clone(&state), sender.clone());
                            let served = serve(stream, state, sender, self.program);
                            oldest_first.push_back(connections.spawn(served));
                            // In a flood each gets its turn before it makes room for the next.
                            tokio::task::yield_now().await;
                        }
                        // Out of descriptors, most likely, which passes.
                        Err(_) => tokio::time::sleep(PAUSE).await,
                    }
                }
            }
        }
    }
}

impl Callback {
    /// Shows the person that it is done.
    pub(crate) async fn succeed(self) {
        let page = page(self.program, "Signed in", "You can close this page.");
        answer(self.stream, "200 OK", &page).await;
    }

    /// Shows the person that it failed.
    pub(crate) async fn fail(self, reason: &str) {
        let text = format!("{reason}. The terminal says more.");
        let page = page(self.program, "Not signed in", &text);
        answer(self.stream, "400 Bad Request", &page).await;
    }
}

async fn serve(
    mut stream: TcpStream,
    state: Arc<Secret<String>>,
    sender: mpsc::Sender<Callback>,
    program: Program,
) {
    let Ok(Some(request_line)) = tokio::time::timeout(READ, read_request(&mut stream)).await else {
        return; // silent, too long, or gone
    };
    let result = match parse_callback(&request_line, &state) {
        Ok(code) => Ok(code),
        Err(refusal @ CallbackError::Refused { .. }) => Err(refusal.to_string()),
        Err(stray) => {
            let status = match stray {
                CallbackError::Path => "404 Not Found",
                CallbackError::Method => "405 Method Not Allowed",
                _ => "400 Bad Request",
            };
            let text = "This page belongs to a sign-in that is still under way.";
            return answer(stream, status, &page(program, "Not the callback", text)).await;
        }
    };
    // Where nobody waits any more, a callback came before.
    let _ = sender.try_send(Callback { result, stream, program });
}

/// Reads the head of a request; returns its first line.
async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut chunk = [0; 2048];
    loop {
        let read = stream.read(&mut chunk).await.ok().filter(|read| *read > 0)?;
        head.extend_from_slice(chunk.get(..read)?);
        let mut headers = [httparse::EMPTY_HEADER; HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        if request.parse(&head).ok()?.is_complete() {
            let (method, target) = (request.method?, request.path?);
            return Some(format!("{method} {target} HTTP/1.{}", request.version?));
        }
        if head.len() > REQUEST {
            return None;
        }
    }
}

async fn answer(mut stream: TcpStream, status: &str, page: &str) {
    let response = format!(
        "HTTP/1.1 {status}\r\n\
         Content-Type: text/html; charset=utf-8\r\n\
         Content-Length: {}\r\n\
         Cache-Control: no-store\r\n\
         Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n\
         Referrer-Policy: no-referrer\r\n\
         Connection: close\r\n\r\n{page}",
        page.len()
    );
    // A browser that has gone does not change how the sign-in ended.
    let _ = tokio::time::timeout(READ, async {
        stream.write_all(response.as_bytes()).await?;
        stream.shutdown().await
    })
    .await;
}

fn page(program: Program, title: &str, text: &str) -> String {
    let (program, title, text) =
        (encode_text(program.name()), encode_text(title), encode_text(text));
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>{title} · {program}</title>\
         <meta name=viewport content='width=device-width,initial-scale=1'>\
         <style>:root{{color-scheme:light dark}}body{{font:1.1rem/1.5 system-ui,sans-serif;\
         max-width:32rem;margin:20vh auto;padding:0 1rem}}</style>\
         <h1>{title}</h1><p>{text}</p>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn request(port: u16, head: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn strays_are_answered_and_the_callback_still_comes() {
        let listener = Listener::bind(Program::named("tests")).await.unwrap();
        let port = listener.port;
        let browser = tokio::spawn(async move {
            let _silent = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            let favicon = request(port, "GET /favicon.ico HTTP/1.1\r\n\r\n").await;
            let forged =
                request(port, "GET /oauth/callback?code=x&state=other HTTP/1.1\r\n\r\n").await;
            let post = request(port, "POST /oauth/callback?code=x&state=s HTTP/1.1\r\n\r\n").await;
            let real = request(port, "GET /oauth/callback?code=c&state=s HTTP/1.1\r\n\r\n").await;
            [favicon, forged, post, real].map(|answer| answer.get(9..12).unwrap().to_owned())
        });
        let callback = listener.callback(&Secret::from("s")).await;
        assert_eq!(callback.result.as_ref().unwrap().expose(), "c");
        callback.succeed().await;
        assert_eq!(browser.await.unwrap(), ["404", "400", "405", "200"]);
    }

    #[tokio::test]
    async fn what_speaks_no_http_is_let_go_at_once() {
        let listener = Listener::bind(Program::named("tests")).await.unwrap();
        let port = listener.port;
        let browser = tokio::spawn(async move {
            let hello = request(port, "\u{16}\u{3}\u{1}\u{2}").await; // the beginning of TLS
            let real = "GET /oauth/callback?code=c&state=s HTTP/1.1\r\nHost: x\r\n\r\n";
            (hello, request(port, real).await)
        });
        listener.callback(&Secret::from("s")).await.succeed().await;
        let (hello, real) = browser.await.unwrap();
        assert_eq!(hello, "");
        assert!(real.starts_with("HTTP/1.1 200"), "{real}");
    }

    #[tokio::test]
    async fn strangers_who_hold_all_places_do_not_keep_the_browser_out() {
        let listener = Listener::bind(Program::named("tests")).await.unwrap();
        let port = listener.port;
        let browser = tokio::spawn(async move {
            let mut strangers = Vec::new();
            for _ in 0..3 * CONNECTIONS {
                let mut stranger = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                stranger.write_all(b"GET /oauth/callback?code=x&").await.unwrap();
                strangers.push(stranger);
            }
            request(port, "GET /oauth/callback?code=c&state=s HTTP/1.1\r\n\r\n").await
        });
        let callback = listener.callback(&Secret::from("s")).await;
        assert_eq!(callback.result.as_ref().unwrap().expose(), "c");
        callback.succeed().await;
        assert!(browser.await.unwrap().starts_with("HTTP/1.1 200"));
    }

    #[tokio::test]
    async fn a_refusal_comes_with_its_reason_and_a_page_of_its_own() {
        let listener = Listener::bind(Program::named("tests")).await.unwrap();
        let port = listener.port;
        let browser = tokio::spawn(async move {
            let query = "error=access_denied&error_description=%3Cb%3Eno&state=s";
            request(port, &format!("GET /oauth/callback?{query} HTTP/1.1\r\n\r\n")).await
        });
        let callback = listener.callback(&Secret::from("s")).await;
        let reason = callback.result.as_ref().unwrap_err().clone();
        assert_eq!(reason, "access_denied: <b>no");
        callback.fail(&reason).await;
        let answer = browser.await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("Not signed in"));
        assert!(answer.contains("&lt;b&gt;no") && answer.contains("no-store"));
    }
}
