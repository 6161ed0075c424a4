//! `keyfob explain`: what a profile means, which line says so, and who sees it otherwise.

use providers::{
    Base, Identity, Lint, Network, ResolveError, SdkChoice, Service, Target, resolve_in,
};
use serde_json::{Map, Value, json};
use shared_config::{Environment, FileKind, Files, Place, Profile, SectionKind, Sections};

use crate::args::{self, Output};
use crate::env::World;
use crate::exit::{Failure, printable};
use crate::pick;
use crate::ui::{json_document, print};

/// The settings that a variable of the environment overrides, the first variable first.
const VARIABLES: [(&str, &[&str]); 9] = [
    ("ca_bundle", &["AWS_CA_BUNDLE"]),
    ("endpoint_url", &["AWS_ENDPOINT_URL"]),
    ("ignore_configured_endpoint_urls", &["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]),
    ("max_attempts", &["AWS_MAX_ATTEMPTS"]),
    ("output", &["AWS_DEFAULT_OUTPUT"]),
    ("region", &["AWS_REGION", "AWS_DEFAULT_REGION"]),
    ("retry_mode", &["AWS_RETRY_MODE"]),
    ("use_dualstack_endpoint", &["AWS_USE_DUALSTACK_ENDPOINT"]),
    ("use_fips_endpoint", &["AWS_USE_FIPS_ENDPOINT"]),
];

/// Everything that is told about a profile.
struct Explained {
    profile: String,
    settings: Map<String, Value>,
    provider: Option<&'static str>,
    reason: String,
    endpoints: Map<String, Value>,
    sdks: Vec<String>,
    diagnostics: Vec<String>,
}

pub(crate) fn run(arguments: &args::Explain) -> Result<(), Failure> {
    let world = World::capture()?;
    let files = world.files()?;
    let sections = Sections::parse(&files);
    let said = arguments.name.as_deref().or(arguments.profile.as_deref());
    let name = said.or(pick::of_environment(&world)?).unwrap_or(pick::DEFAULT);
    let explained = explain(&world.environment, &files, &sections, name)?;
    match arguments.output {
        Output::Json => print(json_document(&explained.json()).as_bytes()),
        Output::Text => print(printable(&explained.text()).as_bytes()),
    }
}

fn explain(
    environment: &Environment,
    files: &Files,
    sections: &Sections<'_>,
    name: &str,
) -> Result<Explained, Failure> {
    let profile = sections.any_profile(name)?;
    let identity = resolve_in(sections, environment, &Target::profile(name));
    let problem = identity.as_ref().err().map(ToString::to_string).unwrap_or_default();
    let mut diagnostics: Vec<String> = sections
        .diagnostics()
        .iter()
        .filter(|diagnostic| concerns(sections, &profile, &diagnostic.place))
        .map(ToString::to_string)
        .collect();
    let lints = Lint::of(&profile).into_iter();
    let lints = lints.filter(|lint| !problem.starts_with(&format!("{}: ", lint.place)));
    diagnostics.extend(lints.map(|lint| format!("{}: {}", lint.place, lint.message)));
    if let Ok(Identity { base: Base::Sso(sso), .. }) = &identity
        && let Err(error) = sso.role()
    {
        let told = error.to_string();
        if !diagnostics.contains(&told) {
            diagnostics.push(told);
        }
    }
    let (provider, reason) = match &identity {
        Ok(identity) => (Some(identity.kind()), reason(identity)),
        Err(error) => {
            if !matches!(error, ResolveError::Profile(shared_config::ProfileError::Syntax(_))) {
                diagnostics.push(error.to_string());
            }
            (None, error.to_string())
        }
    };
    let endpoints = endpoints(environment, &profile, identity.as_ref().ok(), &mut diagnostics);
    let sdks = SdkChoice::of(&profile)
        .into_iter()
        .filter(|choice| provider.is_some_and(|own| !own.ends_with(choice.provider)))
        .map(|choice| format!("{} would use {}", choice.sdk, choice.provider))
        .collect();
    let settings = settings(environment, files, sections, &profile);
    diagnostics.extend(odd_values(&profile));
    let profile = name.to_owned();
    Ok(Explained { profile, settings, provider, reason, endpoints, sdks, diagnostics })
}

/// Whether a line stands in the profile, or in a section that it names.
fn concerns(sections: &Sections<'_>, profile: &Profile<'_, '_>, place: &Place) -> bool {
    let named = |kind: SectionKind, name: Option<&str>| {
        let name = name?;
        Some((kind, name.to_owned()))
    };
    let mut own = vec![(SectionKind::Profile, profile.name().to_owned())];
    own.extend(named(SectionKind::SsoSession, profile.get("sso_session")));
    own.extend(named(SectionKind::Services, profile.get("services")));
    sections.header_above(place).is_none_or(|header| {
        own.iter().any(|(kind, name)| (*kind, name.as_str()) == (header.kind, header.name))
    })
}

/// Says why a provider is used.
fn reason(identity: &Identity) -> String {
    let base = match &identity.base {
        Base::Sso(sso) => {
            let or_unknown = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".to_owned());
            let (account, role) = (or_unknown(&sso.account_id), or_unknown(&sso.role_name));
            format!("role {role} in account {account} with the sign-in to `{}`", sso.session)
        }
        Base::WebIdentity(base) => {
            format!("the token of {} traded for {}", base.token_file.display(), base.role_arn)
        }
        Base::Process(base) => {
            format!("the output of credential_process of profile `{}`", base.profile)
        }
        Base::Static(base) => format!("the keys of profile `{}`", base.profile),
        Base::Environment => "the keys of the environment".to_owned(),
        Base::Container => "the credentials of the container".to_owned(),
        _ => "the credentials of the instance".to_owned(),
    };
    let hops: String = identity
        .hops
        .iter()
        .map(|hop| format!(", then {} ({})", hop.role_arn, hop.profile))
        .collect();
    base + &hops
}

fn endpoints(
    environment: &Environment,
    profile: &Profile<'_, '_>,
    identity: Option<&Identity>,
    diagnostics: &mut Vec<String>,
) -> Map<String, Value> {
    let endpoints = Network::resolve(environment, Some(profile)).endpoints;
    let session = identity.and_then(Identity::session);
    let sso_region = session.map(|session| session.region.as_str());
    let of_environment = environment.first_text(&["AWS_REGION", "AWS_DEFAULT_REGION"]);
    let region = of_environment
        .unwrap_or_else(|error| {
            diagnostics.push(error.to_string());
            None
        })
        .or_else(|| profile.region())
        .or(sso_region);
    let mut map = Map::new();
    for (service, region) in
        [(Service::Oidc, sso_region), (Service::Sso, sso_region), (Service::Sts, region)]
    {
        let Some(region) = region else { continue };
        match endpoints.of(service, region) {
            Ok(url) => drop(map.insert(service.id().to_owned(), url.to_string().into())),
            Err(error) => diagnostics.push(format!("{}: {error}", service.id())),
        }
    }
    map
}

/// Every setting of the profile and of its session, with where it stands and what it overrides.
fn settings(
    environment: &Environment,
    files: &Files,
    sections: &Sections<'_>,
    profile: &Profile<'_, '_>,
) -> Map<String, Value> {
    let mut map = Map::new();
    let mut sources = vec![(SectionKind::Profile, profile.name())];
    sources.extend(profile.get("sso_session").map(|name| (SectionKind::SsoSession, name)));
    for (kind, name) in sources {
        for occurrence in files.occurrences(kind, name) {
            let value = match occurrence.nested.is_empty() {
                true => Value::from(shown(&occurrence.name, &occurrence.value)),
                false => occurrence
                    .nested
                    .iter()
                    .map(|(name, value)| (name.clone(), Value::from(shown(name, value))))
                    .collect::<Map<_, _>>()
                    .into(),
            };
            let place = sections.place(occurrence.file, occurrence.line);
            let source = json!({ "file": place.path.display().to_string(), "line": place.line });
            override_with(&mut map, &occurrence.name, value, source);
        }
    }
    for (name, variables) in VARIABLES {
        for variable in variables.iter().rev() {
            if let Some(value) = environment.get_os(variable) {
                let value = value.to_string_lossy().into();
                override_with(&mut map, name, value, json!({ "env": variable }));
            }
        }
    }
    map
}

/// Puts a value in place of the one that was there, which is kept below `overrides`.
fn override_with(map: &mut Map<String, Value>, name: &str, value: Value, source: Value) {
    let mut overrides = Vec::new();
    if let Some(Value::Object(mut old)) = map.remove(name) {
        let older = old.remove("overrides");
        overrides.push(Value::Object(old));
        overrides.extend(older.and_then(|older| older.as_array().cloned()).unwrap_or_default());
    }
    let mut entry = Map::new();
    entry.insert("value".to_owned(), value);
    entry.insert("source".to_owned(), source);
    if !overrides.is_empty() {
        entry.insert("overrides".to_owned(), overrides.into());
    }
    map.insert(name.to_owned(), entry.into());
}

/// A value as it may be shown: secrets are masked.
fn shown(name: &str, value: &str) -> String {
    let is_secret = ["secret", "password", "session_token", "security_token"]
        .iter()
        .any(|word| name.contains(word));
    if is_secret { "****".to_owned() } else { value.to_owned() }
}

/// Values that SDKs read differently.
fn odd_values(profile: &Profile<'_, '_>) -> Vec<String> {
    let mut odd = Vec::new();
    for setting in profile.section().settings() {
        let place = profile.place(&setting.name());
        if setting.has_comment() {
            odd.push(format!(
                "{place}: a comment behind the value: the AWS CLI and botocore make it part of it"
            ));
        }
        let value = setting.value();
        let quoted = |quote| value.len() > 1 && value.starts_with(quote) && value.ends_with(quote);
        if quoted('"') || quoted('\'') {
            odd.push(format!("{place}: quotes around the value: only Go strips them"));
        }
        if setting.file() == FileKind::Credentials && setting.name() == "services" {
            odd.push(format!("{place}: Go does not read services of the credentials file"));
        }
    }
    odd
}

impl Explained {
    fn json(&self) -> Value {
        json!({
            "profile": self.profile,
            "settings": self.settings,
            "provider": self.provider,
            "reason": self.reason,
            "endpoints": self.endpoints,
            "sdks": self.sdks,
            "diagnostics": self.diagnostics,
        })
    }

    fn text(&self) -> String {
        let mut text = format!("profile {}\n\n", self.profile);
        for (name, entry) in &self.settings {
            text += &format!("  {name} = {}\n", plain(&entry["value"]));
            text += &format!("      {}\n", source(&entry["source"]));
            for old in entry["overrides"].as_array().into_iter().flatten() {
                text += &format!(
                    "      instead of {} of {}\n",
                    plain(&old["value"]),
                    source(&old["source"])
                );
            }
        }
        text += &format!("\nprovider: {}\n  {}\n", self.provider.unwrap_or("none"), self.reason);
        for (title, lines) in [("other SDKs", &self.sdks), ("to know", &self.diagnostics)] {
            if !lines.is_empty() {
                text += &format!("\n{title}:\n");
                lines.iter().for_each(|line| text += &format!("  {line}\n"));
            }
        }
        if !self.endpoints.is_empty() {
            text += "\nendpoints:\n";
            for (service, url) in &self.endpoints {
                text += &format!("  {service}  {}\n", plain(url));
            }
        }
        text
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn source(source: &Value) -> String {
    match source["env"].as_str() {
        Some(variable) => format!("${variable}"),
        None => format!("{}:{}", plain(&source["file"]), source["line"]),
    }
}
