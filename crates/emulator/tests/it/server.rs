use std::error::Error;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use emulator::{Fault, FaultKind, Idp, Scenario, Server, ServerOptions};
use rustls::crypto::ring;
use rustls::{ClientConfig, ClientConnection, RootCertStore, Stream};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName};

fn connect(server: &Server) -> TcpStream {
    let (_, port) = server.base_url().rsplit_once(':').unwrap();
    TcpStream::connect(("127.0.0.1", port.parse().unwrap())).unwrap()
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: sts.amazonaws.com\r\nconnection: close\r\n\r\n")
}

fn exchange(server: &Server, request: &str) -> std::io::Result<String> {
    let mut stream = connect(server);
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

fn client_config(server: &Server, alpn: &[u8]) -> Result<Arc<ClientConfig>, Box<dyn Error>> {
    let pem = server.ca_certificate_pem().unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem.as_bytes())?)?;
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![alpn.to_vec()];
    Ok(Arc::new(config))
}

#[test]
fn a_plain_port_answers_and_closes_with_the_server() {
    let server = Server::start(Idp::new(Scenario::default()), ServerOptions::default()).unwrap();
    assert!(server.base_url().starts_with("http://127.0.0.1:"));
    assert_eq!(server.ca_certificate_pem(), None);
    let answer = exchange(&server, &get("/_emulator/health")).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("{\"status\":\"ok\"}"), "{answer}");
    exchange(&server, &get("/assignment/accounts")).unwrap();
    let idp = server.idp();
    assert_eq!(idp.lock().unwrap().calls()[0].status, 401);

    let mut idle = connect(&server);
    drop(server);
    assert_eq!(idle.read(&mut [0]).unwrap_or(0), 0, "the connection is closed");
}

#[test]
fn bodies_are_bounded() {
    let server = Server::start(Idp::new(Scenario::default()), ServerOptions::default()).unwrap();
    let body = "x".repeat((1 << 20) + 1);
    let length = body.len();
    let request = format!(
        "POST /token HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{body}"
    );
    let answer = exchange(&server, &request).unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[test]
fn faults_reach_the_wire() {
    let mut scenario = Scenario::default();
    scenario.faults = vec![
        Fault::new("ListAccounts", FaultKind::Truncated),
        Fault::new("ListAccountRoles", FaultKind::Drop { processed: true }),
    ];
    let server = Server::start(Idp::new(scenario), ServerOptions::default()).unwrap();
    let answer = exchange(&server, &get("/assignment/accounts")).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    assert_eq!(body.len(), length.parse::<usize>().unwrap() / 2, "{answer}");
    let answer = exchange(&server, &get("/assignment/roles")).unwrap_or_default();
    assert_eq!(answer, "");
}

#[test]
fn one_port_is_tls_and_a_proxy_to_every_host() -> Result<(), Box<dyn Error>> {
    let options = ServerOptions { port: 0, tls: true };
    let server = Server::start(Idp::new(Scenario::default()), options)?;
    assert!(server.base_url().starts_with("https://localhost:"));
    let config = client_config(&server, b"http/1.1")?;
    for host in ["localhost", "127.0.0.1", "oidc.eu-central-1.amazonaws.com"] {
        let mut socket = connect(&server);
        if host.ends_with("amazonaws.com") {
            write!(socket, "CONNECT {host}:443 HTTP/1.1\r\nhost: {host}:443\r\n\r\n")?;
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                socket.read_exact(&mut byte)?;
                head.extend(byte);
            }
            assert!(head.starts_with(b"HTTP/1.1 200 "));
        }
        let name = ServerName::try_from(host)?.to_owned();
        let mut connection = ClientConnection::new(Arc::clone(&config), name)?;
        let mut stream = Stream::new(&mut connection, &mut socket);
        stream.write_all(get("/_emulator/health").as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{host}: {answer}");
    }
    Ok(())
}

#[test]
fn http_2_is_offered() -> Result<(), Box<dyn Error>> {
    let options = ServerOptions { port: 0, tls: true };
    let server = Server::start(Idp::new(Scenario::default()), options)?;
    let mut socket = connect(&server);
    let name = ServerName::try_from("localhost")?;
    let mut connection = ClientConnection::new(client_config(&server, b"h2")?, name)?;
    while connection.is_handshaking() {
        connection.complete_io(&mut socket)?;
    }
    assert_eq!(connection.alpn_protocol(), Some(b"h2".as_slice()));
    Ok(())
}

#[test]
fn a_home_directory_is_signed_in_at_its_server_only() {
    let (server, other) =
        (Server::of(Scenario::default()).unwrap(), Server::of(Scenario::default()).unwrap());
    let home = tempfile::tempdir().unwrap();
    let token = server.sign_in_at(&home).unwrap();
    let config = std::fs::read_to_string(home.path().join(".aws/config")).unwrap();
    assert!(config.contains("[profile 111122223333-ReadOnly]"), "{config}");
    assert!(config.contains(&format!("endpoint_url = {}\n", server.base_url())), "{config}");
    // What `printf emulator | sha1sum` prints.
    let file = "7e09d0bb5f4eb56d9b97c579dd7351780613c45b.json";
    let file = std::fs::read_to_string(home.path().join(".aws/sso/cache").join(file)).unwrap();
    assert!(file.contains(token.access_token.expose()));
    let accounts = |server: &Server| {
        let token = token.access_token.expose();
        let header = format!("x-amz-sso_bearer_token: {token}\r\nconnection: close\r\n\r\n");
        let request = format!("GET /assignment/accounts HTTP/1.1\r\nhost: h\r\n{header}");
        exchange(server, &request).unwrap()
    };
    assert!(accounts(&server).starts_with("HTTP/1.1 200 "));
    assert!(accounts(&other).starts_with("HTTP/1.1 401 "));
    server.advance(Duration::from_secs(3600));
    assert!(accounts(&server).starts_with("HTTP/1.1 401 "), "it has expired by that clock");
    assert_eq!((server.count("ListAccounts"), server.count("*"), other.count("*")), (2, 2, 1));
}
