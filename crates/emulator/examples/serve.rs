//! Serves an emulator until it is killed: `serve [--port N] [--tls] [SCENARIO.toml]`.
//!
//! Prints its base URL, and with `--tls` the certificate of its authority.
#![expect(clippy::print_stdout, reason = "the output is what the caller reads")]

use std::error::Error;

use emulator::{Idp, Scenario, Server, ServerOptions};

fn main() -> Result<(), Box<dyn Error>> {
    let mut options = ServerOptions::default();
    let mut scenario = Scenario::default();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--port" => options.port = arguments.next().ok_or("--port needs a number")?.parse()?,
            "--tls" => options.tls = true,
            path => scenario = Scenario::from_toml(&std::fs::read_to_string(path)?)?,
        }
    }
    let server = Server::start(Idp::new(scenario), options)?;
    println!("{}", server.base_url());
    if let Some(pem) = server.ca_certificate_pem() {
        println!("{pem}");
    }
    loop {
        std::thread::park();
    }
}
