//! What the network costs: round trips over a slow line.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{ACCOUNT, TestEnv};

/// One way of the line.
const WAY: Duration = Duration::from_millis(100);

/// A line to a port of this machine on which every byte takes [`WAY`].
struct SlowLine {
    port: u16,
    connections: Arc<AtomicUsize>,
}

impl SlowLine {
    fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let line =
            Self { port: listener.local_addr().unwrap().port(), connections: Arc::default() };
        let connections = Arc::clone(&line.connections);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                connections.fetch_add(1, Ordering::Relaxed);
                let server = TcpStream::connect(("127.0.0.1", port)).unwrap();
                for stream in [&client, &server] {
                    stream.set_nodelay(true).unwrap();
                }
                carry(client.try_clone().unwrap(), server.try_clone().unwrap());
                carry(server, client);
            }
        });
        line
    }

    /// Returns how many round trips a run took at best. A busy machine adds to that, so more than
    /// `limit` is tried again.
    fn round_trips(&self, limit: f64, mut run: impl FnMut()) -> f64 {
        let mut best = f64::INFINITY;
        for _ in 0..10 {
            self.connections.store(0, Ordering::Relaxed);
            let begin = Instant::now();
            run();
            best = best.min(begin.elapsed().as_secs_f64() / (2 * WAY).as_secs_f64());
            if best < limit {
                break;
            }
        }
        best
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream) {
    let (sender, receiver) = mpsc::channel::<(Instant, Vec<u8>)>();
    thread::spawn(move || {
        let mut buffer = [0; 16 * 1024];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            if sender.send((Instant::now() + WAY, buffer[..read].to_vec())).is_err() {
                break;
            }
        }
    });
    thread::spawn(move || {
        for (arrival, bytes) in receiver {
            thread::sleep(arrival.saturating_duration_since(Instant::now()));
            if to.write_all(&bytes).is_err() {
                break;
            }
        }
        let _ = to.shutdown(std::net::Shutdown::Write);
    });
}

/// A signed-in home behind a slow line.
fn world() -> (TestEnv, SlowLine) {
    let mut env = TestEnv::with_tls();
    env.sign_in();
    let port = env.server.base_url().rsplit(':').next().unwrap().parse().unwrap();
    let line = SlowLine::to(port);
    env.set("HTTPS_PROXY", &format!("http://127.0.0.1:{}", line.port));
    (env, line)
}

#[test]
fn a_role_costs_one_connection_and_what_curl_costs() {
    let (env, line) = world();
    let mut runs = 0;
    let ours = line.round_trips(4.0, || {
        let run = env.run(&["credential-process", "--profile", "dev", "--force-refresh"]);
        assert_eq!(run.code, 0, "{run:?}");
        runs += 1;
    });
    // The proxy, TLS, and the request.
    assert!(ours < 4.0, "{ours} round trips");
    assert_eq!(line.connections.load(Ordering::Relaxed), 1);
    assert_eq!(env.calls("GetRoleCredentials"), runs);

    if Command::new("curl").arg("--version").output().is_err() {
        println!("there is no curl to compare with");
        return;
    }
    let token = env.token()["accessToken"].as_str().unwrap().to_owned();
    let curl = line.round_trips(4.0, || {
        let output = Command::new("curl")
            .args(["--silent", "--fail", "--proxy", env.variable("HTTPS_PROXY")])
            .args(["--cacert", env.variable("AWS_CA_BUNDLE")])
            .args(["--header", &format!("x-amz-sso_bearer_token: {token}")])
            .arg(format!(
                "https://portal.sso.eu-central-1.amazonaws.com/federation/credentials\
                 ?role_name=ReadOnly&account_id={ACCOUNT}"
            ))
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    });
    println!("{ours:.2} round trips, curl {curl:.2}");
    assert!(ours < curl + 1.0, "{ours} round trips, curl has {curl}");
}

#[test]
fn the_portal_is_connected_while_the_token_is_refreshed() {
    let (env, line) = world();
    let mut runs = 0;
    let ours = line.round_trips(5.0, || {
        env.expire_token();
        let run = env.run(&["credential-process", "--profile", "dev", "--force-refresh"]);
        assert_eq!(run.code, 0, "{run:?}");
        runs += 1;
    });
    println!("{ours:.2} round trips");
    // Proxy, TLS and request of the refresh, and one request more; one after the other it were six.
    assert!(ours < 5.0, "{ours} round trips");
    assert_eq!(line.connections.load(Ordering::Relaxed), 2);
    assert_eq!(env.calls("CreateToken:refresh_token"), runs);
}

#[test]
fn a_listing_takes_one_connection() {
    let (env, line) = world();
    let run = env.run(&["roles", "--output", "json"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(line.connections.load(Ordering::Relaxed), 1, "HTTP/2 carries all requests");
}
