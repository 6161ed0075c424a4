//! `keyfob emulator`

use std::io::Write;

use emulator::{Idp, Scenario, Server, ServerOptions};

use crate::args;
use crate::commands::console::SIGNIN_URL;
use crate::exit::{Exit, Failure};
use crate::net;
use crate::paste::quote;
use crate::ui::{print, say, talk};

pub(crate) fn run(arguments: &args::Emulator) -> Result<(), Failure> {
    let scenario = match &arguments.scenario {
        None => Scenario::default(),
        Some(path) => {
            let shown = path.display();
            let text = std::fs::read_to_string(path)
                .map_err(|error| Failure::usage(format!("cannot read {shown}: {error}")))?;
            Scenario::from_toml(&text)
                .map_err(|error| Failure::usage(format!("{shown}: {error}")))?
        }
    };
    let start_url = scenario.start_urls.first().cloned().unwrap_or_default();
    let region = scenario.region.clone();
    let options = ServerOptions { port: arguments.port, tls: arguments.tls };
    let server = start(Idp::new(scenario), options)?;
    let base = server.base_url();
    print(format!("{base}\n").as_bytes())?;
    let ca = server.ca_certificate_pem().map(ca_file).transpose()?;
    say(&format!(
        "\nAn Identity Center for sso_start_url = {start_url} in sso_region = {region}.\n\
         Point a client at it with\n"
    ));
    for (name, value) in variables(&server, ca.as_ref()) {
        say(&if cfg!(windows) {
            format!("  set {name}={value}")
        } else {
            format!("  export {name}={}", quote(&value))
        });
    }
    talk("\nCtrl-C stops it.");
    net::stay()
}

/// Starts the emulator; a port that is taken is told as such.
pub(crate) fn start(idp: Idp, options: ServerOptions) -> Result<Server, Failure> {
    Server::start(idp, options).map_err(|error| {
        let failure = Failure::new(Exit::Other, format!("cannot listen on 127.0.0.1: {error}"));
        match options.port {
            0 => failure,
            port => failure.with_hint(format!("is port {port} in use? --port 0 takes a free one")),
        }
    })
}

/// The variables with which a client finds the emulator.
pub(crate) fn variables(
    server: &Server,
    ca: Option<&tempfile::NamedTempFile>,
) -> Vec<(&'static str, String)> {
    let base = server.base_url().to_owned();
    match ca {
        // Clients then find the hosts of AWS behind the proxy that the emulator is.
        Some(ca) => vec![
            ("HTTPS_PROXY", base.replace("https://localhost", "http://127.0.0.1")),
            ("AWS_CA_BUNDLE", ca.path().display().to_string()),
        ],
        None => [
            "AWS_ENDPOINT_URL_SSO",
            "AWS_ENDPOINT_URL_SSO_OIDC",
            "AWS_ENDPOINT_URL_STS",
            SIGNIN_URL, // no setting of AWS
        ]
        .map(|name| (name, base.clone()))
        .into(),
    }
}

/// Writes the certificate of the emulator's CA into a file that goes with the process.
fn ca_file(pem: &str) -> Result<tempfile::NamedTempFile, Failure> {
    let write = || {
        let mut file = tempfile::Builder::new().prefix("keyfob-ca-").suffix(".pem").tempfile()?;
        file.write_all(pem.as_bytes())?;
        Ok(file)
    };
    write().map_err(|error: std::io::Error| {
        Failure::new(Exit::Other, format!("cannot write the certificate of the CA: {error}"))
    })
}
