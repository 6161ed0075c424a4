//! The way to AWS: proxy, certificates, hosts, and what they say about clock and region.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use http::{Uri, header};
use login::LoginError;
use providers::{Context, Network, Service, Session};
use shared_config::Sections;
use tokio::task::JoinSet;
use transport::{Culprit, Failure as Lost, Issuer, Proxies};
use wire::{SystemTimes, Timestamp, TransportError};

use super::report::Report;
use crate::env::World;
use crate::exit::with_causes;
use crate::paste::quote;
use crate::ui::{span, talk};
use crate::{net, regions, sessions};

/// A clock that is wrong by less hurts nobody.
const CLOCK_WARNING: Duration = Duration::from_secs(30);

/// From here on SDKs correct themselves, or fail.
const CLOCK_ERROR: Duration = Duration::from_secs(4 * 60);

const SET_CLOCK: &str = if cfg!(windows) {
    "w32tm /resync"
} else if cfg!(target_vendor = "apple") {
    "sudo sntp -sS time.apple.com"
} else {
    "sudo timedatectl set-ntp true"
};

/// Who signs the certificates of AWS.
const AUTHORITIES: [&str; 3] = ["Amazon", "DigiCert", "Starfield"];

/// What a host answered, or why it did not.
struct Answer {
    url: Uri,
    /// The time that the server tells, less that of this machine, in seconds.
    skew: Option<i64>,
    result: Result<Duration, TransportError>,
    /// Who signed the certificate that it presented.
    issuer: Option<Issuer>,
}

pub(super) async fn look(report: &mut Report, world: &World, sections: &Sections<'_>) {
    let Some(proxies) = proxies(report, world) else { return };
    let (urls, sessions) = endpoints(report, world, sections);
    match urls.len() + sessions.len() {
        0 => {}
        1 => talk("Asking 1 host (Ctrl-C to stop) ..."),
        count => talk(&format!("Asking {count} hosts (Ctrl-C to stop) ...")),
    }
    let mut asked = JoinSet::new();
    for (url, context) in urls {
        asked.spawn(ask(url, context, proxies.clone()));
    }
    let mut found = JoinSet::new();
    for (session, context) in sessions {
        found.spawn(async move {
            let region = login::find_region(&context, &session.start_url).await;
            (session, region)
        });
    }
    let mut answers = asked.join_all().await;
    answers.sort_by_key(|answer| answer.url.to_string());
    clock(report, &answers);
    for answer in &answers {
        certificate(report, answer);
    }
    reach(report, &answers, &proxies);
    let mut found = found.join_all().await;
    found.sort_by_key(|(session, _)| session.to_string());
    for (session, region) in found {
        // Where there is no way out, it is told already.
        if region.is_ok() || answers.iter().any(|answer| answer.result.is_ok()) {
            start_url(report, &session, region);
        }
    }
}

/// The proxies of the environment, `None` where they cannot be used.
fn proxies(report: &mut Report, world: &World) -> Option<Proxies> {
    match net::proxies(&world.environment) {
        Ok(proxies) => Some(proxies),
        Err(failure) => {
            let hint = failure.hint.clone().unwrap_or_default();
            report.error("proxy", failure.error, format!("# {hint}"));
            None
        }
    }
}

type Asked = Vec<(Uri, Context)>;

/// The hosts of all sessions and profiles, and the sessions whose start URL can be asked.
fn endpoints(
    report: &mut Report,
    world: &World,
    sections: &Sections<'_>,
) -> (Asked, Vec<(Session, Context)>) {
    let (configured, _) = sessions::all(sections);
    let mut urls = BTreeMap::new();
    let mut start_urls = Vec::new();
    let mut problems = BTreeSet::new();
    let mut wanted = Vec::new();
    for known in &configured {
        let network = network_of(world, sections, &known.session);
        wanted.push((network.clone(), Service::Oidc, known.session.region.clone()));
        wanted.push((network, Service::Sso, known.session.region.clone()));
    }
    for section in sections.profiles() {
        let Ok(profile) = sections.profile(section.name()) else { continue };
        let Some(region) = profile.region() else { continue };
        let network = Network::resolve(&world.environment, Some(&profile));
        wanted.push((network, Service::Sts, region.to_owned()));
    }
    let mut contexts: BTreeMap<String, Context> = BTreeMap::new();
    for (network, service, region) in wanted {
        let url = match network.endpoints.of(service, &region) {
            Ok(url) => url,
            Err(error) => {
                problems.insert(error.to_string());
                continue;
            }
        };
        let bundle = network.ca_bundle.as_ref().map(|bundle| bundle.place.clone());
        let known = contexts.get(&bundle.clone().unwrap_or_default()).cloned();
        let context = match known.map_or_else(|| net::context_without_retries(world, &network), Ok)
        {
            Ok(context) => context,
            Err(failure) => {
                problems.insert(failure.sentence());
                continue;
            }
        };
        contexts.insert(bundle.unwrap_or_default(), context.clone());
        urls.entry(url.to_string()).or_insert((url, context));
    }
    for known in configured {
        let network = network_of(world, sections, &known.session);
        // Whoever stands in for AWS has no start page.
        if network.endpoints.custom(Service::Oidc).is_none()
            && let Ok(context) = net::context_without_retries(world, &network)
        {
            start_urls.push((known.session, context));
        }
    }
    for problem in problems {
        report.error("network", problem, "keyfob profiles");
    }
    (urls.into_values().collect(), start_urls)
}

/// How the services of a session are reached: as the first profile says that uses it.
fn network_of(world: &World, sections: &Sections<'_>, session: &Session) -> Network {
    let profile = sections.profiles().find_map(|section| {
        let profile = sections.profile(section.name()).ok()?;
        let settings = profile.sso().ok()??;
        (Session::from(&settings).key() == session.key()).then_some(profile)
    });
    Network::resolve(&world.environment, profile.as_ref())
}

/// Asks a host for anything: whatever it answers, it is there.
async fn ask(url: Uri, context: Context, proxies: Proxies) -> Answer {
    let mut request = http::Request::new(Vec::new());
    *request.uri_mut() = url.clone();
    let begin = context.clock().elapsed();
    let sent = context.send("doctor", request);
    let (result, issuer) = tokio::join!(sent, Issuer::of(&proxies, &url));
    let span = context.clock().elapsed().saturating_sub(begin);
    let skew = result.as_ref().ok().and_then(|response| {
        let date = response.headers().get(header::DATE)?.to_str().ok()?;
        let date = Timestamp::parse_http_date(date).ok()?;
        Some(date.unix() - SystemTimes.now().unix())
    });
    Answer { url, skew, result: result.map(|_| span), issuer }
}

fn clock(report: &mut Report, answers: &[Answer]) {
    let Some((answer, seconds)) = answers.iter().find_map(|answer| Some((answer, answer.skew?)))
    else {
        return;
    };
    let host = host(&answer.url);
    let off = Duration::from_secs(seconds.unsigned_abs());
    let side = if seconds > 0 { "behind" } else { "ahead of" };
    let text = format!("the clock of this machine is {} {side} that of {host}", span(off));
    if off >= CLOCK_ERROR {
        let text = text + ": AWS refuses signatures, and tools misread when tokens end";
        report.error("clock", text, SET_CLOCK);
    } else if off >= CLOCK_WARNING {
        report.warning("clock", text, SET_CLOCK);
    } else {
        report.fine("clock", format!("as that of {host}, to {} s", off.as_secs()));
    }
}

/// Names whoever opens TLS on the way.
fn certificate(report: &mut Report, answer: &Answer) {
    let Answer { url, issuer: Some(issuer), .. } = answer else { return };
    let host = host(url);
    let names = [&issuer.organization, &issuer.common_name];
    let mut names = names.into_iter().flatten();
    let is_of_aws = names.any(|name| AUTHORITIES.iter().any(|known| name.contains(known)));
    if answer.culprit() == Some(Culprit::Certificates) {
        let text =
            format!("the certificate of {host} is not trusted here; it is signed by {issuer}");
        let command = "export AWS_CA_BUNDLE=FILE  # the certificates of that issuer, in PEM";
        report.error("tls", text, command);
    } else if is_of_aws {
        report.fine("tls", format!("{host}: signed by {issuer}"));
    } else if wire::is_loopback(url.host().unwrap_or_default()) {
        report.fine("tls", format!("{host} is on this machine"));
    } else {
        let text = format!("TLS to {host} is opened on the way by {issuer}, which is trusted here");
        let command = format!("openssl s_client -connect {} </dev/null", with_port(url));
        report.note("tls", text, command);
    }
}

/// Tells which hosts answer; those that do not for the same reason are one finding.
fn reach(report: &mut Report, answers: &[Answer], proxies: &Proxies) {
    let mut lost: BTreeMap<String, Vec<&Answer>> = BTreeMap::new();
    for answer in answers {
        let host = host(&answer.url);
        match &answer.result {
            Ok(span) => {
                let through = proxies.of(&answer.url).map(|proxy| {
                    format!(" through the proxy {} of {}", proxy.host(), proxy.place())
                });
                let (through, span) = (through.unwrap_or_default(), span.as_millis());
                report.fine("network", format!("{host} answers{through}, in {span} ms"));
            }
            // It is told with who signed it.
            Err(_)
                if answer.culprit() == Some(Culprit::Certificates) && answer.issuer.is_some() => {}
            Err(error) => {
                lost.entry(with_causes(&*error.source)).or_default().push(answer);
            }
        }
    }
    for (reason, answers) in lost {
        let Some(first) = answers.first() else { continue };
        let hosts: Vec<_> = answers.iter().map(|answer| host(&answer.url)).collect();
        let text = format!("no answer from {}: {reason}", hosts.join(", "));
        let url = &first.url;
        let error = first.result.as_ref().err().map(|error| &*error.source);
        let is_clock = error.and_then(|error| error.downcast_ref());
        if let Some(Lost::CertificateTime(_)) = is_clock {
            report.error("clock", text, SET_CLOCK);
        } else if first.culprit() == Some(Culprit::Certificates) {
            let command = "export AWS_CA_BUNDLE=FILE  # the certificates of your company, in PEM";
            report.error("tls", text, command);
        } else if let Some(proxy) = proxies.of(url) {
            let command = format!("unset {}  # for a direct connection", proxy.place());
            report.error("proxy", text, command);
        } else if let Some(region) = regions::nearest_of_host(url.host().unwrap_or_default()) {
            let command = format!("keyfob profiles  # is the region {region} meant?");
            report.error("network", text, command);
        } else {
            report.error(
                "network",
                text,
                format!("curl -sv -o /dev/null {}", quote(&url.to_string())),
            );
        }
    }
}

/// Compares the region of a session with what its start URL says.
fn start_url(report: &mut Report, session: &Session, region: Result<Option<String>, LoginError>) {
    let Session { region: configured, start_url, name, .. } = session;
    let ask = format!("curl -sL {} | grep -i region", quote(start_url));
    match region {
        Ok(Some(region)) if region == *configured => {
            report.fine("region", format!("`{session}` is in {region}, as its start URL says"));
        }
        Ok(Some(region)) => {
            let text = format!(
                "`{session}` is in {region}, says {start_url}, but sso_region is {configured}"
            );
            let command = match name {
                Some(name) => {
                    let name = quote(name);
                    format!("keyfob configure sso-session {name} --region {region} --force")
                }
                None => "keyfob configure migrate --all".to_owned(),
            };
            report.error("region", text, command);
        }
        Ok(None) => {
            let text = format!("{start_url} does not say in which region `{session}` is");
            report.note("region", text, ask);
        }
        Err(error) => {
            report.warning("region", format!("`{session}`: {}", with_causes(&error)), ask);
        }
    }
}

impl Answer {
    fn culprit(&self) -> Option<Culprit> {
        Culprit::of(&*self.result.as_ref().err()?.source)
    }
}

fn host(url: &Uri) -> String {
    url.authority().map(ToString::to_string).unwrap_or_default()
}

fn with_port(url: &Uri) -> String {
    format!("{}:{}", url.host().unwrap_or_default(), url.port_u16().unwrap_or(443))
}
