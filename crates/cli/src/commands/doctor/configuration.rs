//! What the config files say, and whether it can be used.

use providers::{ResolveError, Target, resolve_in};
use shared_config::{Diagnostic, Files, ProfileError, Sections, Severity};

use super::report::Report;
use super::tools;
use crate::commands::configure::migrate;
use crate::env::World;
use crate::exit::with_causes;
use crate::labels::{Labels, LabelsError};
use crate::oddities::Oddities;
use crate::paste::quote;
use crate::{regions, sessions};

const CHECK: &str = "config";

/// Of what is wrong in the same way, so much is told.
const MOST: usize = 10;

/// Reads the files; where one cannot be read, none counts.
pub(super) fn files(report: &mut Report, world: &World) -> Files {
    for (variable, path) in [
        ("AWS_CONFIG_FILE", &world.locations.config),
        ("AWS_SHARED_CREDENTIALS_FILE", &world.locations.credentials),
    ] {
        if world.environment.get_os(variable).is_some() && !path.exists() {
            let shown = path.display();
            let text = format!(
                "{variable} names {shown}, which is not there: every tool takes it for an empty file"
            );
            report.error(CHECK, text, format!("unset {variable}"));
        }
    }
    match Files::load(&world.locations) {
        Ok(files) => files,
        Err(error) => {
            let (config, credentials) = (&world.locations.config, &world.locations.credentials);
            let (config, credentials) = (report.quoted(config), report.quoted(credentials));
            report.error(CHECK, with_causes(&error), format!("ls -l {config} {credentials}"));
            Files::from_texts("", "")
        }
    }
}

pub(super) fn look(report: &mut Report, world: &World, sections: &Sections<'_>) {
    lines(report, sections.diagnostics());
    lines(report, &sections.unread());
    for session in sections.sso_sessions() {
        if let Err(error) = sections.sso_session(session.name()) {
            let name = quote(session.name());
            report.error(CHECK, error, format!("keyfob configure sso-session {name}"));
        }
    }
    let count = profiles(report, world, sections);
    // The problems of profiles are told already.
    let (configured, _) = sessions::all(sections);
    for known in &configured {
        let region = &known.session.region;
        if !regions::is_known(region) {
            let nearest = regions::nearest(region);
            let text = format!(
                "`{}` is in region {region}, which this version does not know; the nearest is {nearest}",
                known.session
            );
            let name = quote(known.session.name.as_deref().unwrap_or_default());
            report.warning(CHECK, text, format!("keyfob configure sso-session {name} --force"));
        }
    }
    if let Err(error) = Labels::load(world) {
        let command = match &error {
            LabelsError::Line { path, line, .. } => report.edit_at(path, *line),
            LabelsError::Unreadable { path, .. } => format!("ls -l {}", report.quoted(path)),
        };
        report.error(CHECK, with_causes(&error), command);
    }
    let path = world.locations.config.display();
    if count == 0 && configured.is_empty() {
        let text = format!("{path} has no profile and no sso-session");
        report.warning(CHECK, text, "keyfob configure sso");
    } else if report.is_clean(CHECK) {
        report.fine(CHECK, format!("{path}: profiles: {count}, sessions: {}", configured.len()));
    }
}

/// Looks at each profile; returns how many there are.
fn profiles(report: &mut Report, world: &World, sections: &Sections<'_>) -> usize {
    let (mut count, mut broken) = (0, 0);
    let mut odd = Oddities::default();
    for section in sections.profiles() {
        count += 1;
        let name = section.name();
        let problem = match resolve_in(sections, &world.environment, &Target::profile(name)) {
            Ok(identity) => tools::credential_process(world, &identity),
            // A profile may hold settings alone; lines that were not understood are told already.
            Err(
                ResolveError::NoCredentials { .. } | ResolveError::Profile(ProfileError::Syntax(_)),
            ) => None,
            Err(error) => Some(error.to_string()),
        };
        if let Some(problem) = &problem {
            broken += 1;
            if broken <= MOST {
                let of_tool = sections.profile(name).ok().and_then(migrate::command_for);
                let command = of_tool.unwrap_or_else(|| format!("keyfob explain {}", quote(name)));
                report.error(CHECK, problem, command);
            }
        }
        if let Ok(profile) = sections.profile(name) {
            odd.add(&profile, problem.as_deref());
        }
    }
    for odd in odd.0.iter().take(MOST) {
        let command = report.edit(&odd.place);
        report.warning(CHECK, odd, command);
    }
    more(report, broken, "profiles that cannot be used");
    more(report, odd.0.len(), "settings that SDKs read differently");
    count
}

fn lines(report: &mut Report, diagnostics: &[Diagnostic]) {
    for diagnostic in diagnostics.iter().take(MOST) {
        let command = report.edit(&diagnostic.place);
        match diagnostic.severity {
            Severity::Error => report.error(CHECK, diagnostic, command),
            Severity::Warning => report.warning(CHECK, diagnostic, command),
        };
    }
    more(report, diagnostics.len(), "lines");
}

fn more(report: &mut Report, count: usize, what: &str) {
    if count > MOST {
        report.note(CHECK, format!("{} more {what}", count - MOST), "keyfob profiles");
    }
}

/// Whether the text of a file holds what must stay secret.
pub(super) fn has_secrets(text: &str) -> bool {
    ["aws_secret_access_key", "aws_session_token"].iter().any(|name| text.contains(name))
}
