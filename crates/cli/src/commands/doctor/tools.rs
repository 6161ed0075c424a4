//! Other tools: what they can read, and what of theirs gets in the way.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use is_executable::IsExecutable;
use providers::{Base, Identity};
use shared_config::Sections;

use super::report::Report;
use crate::env::World;
use crate::paste::quote;
use crate::{net, pick};

const CHECK: &str = "tools";

/// How long an `aws` may take to tell its version.
const PATIENCE: Duration = Duration::from_secs(10);

/// Of a long PATH so many `aws` are asked.
const MOST: usize = 4;

/// A version of the AWS CLI: major, minor, patch.
type Version = (u32, u32, u32);

/// What some versions of the AWS CLI cannot read, and the first of each line that can.
const NEEDS: [(&str, Version, Version); 3] = [
    ("sso_session", (1, 27, 10), (2, 9, 0)),
    ("services", (1, 29, 1), (2, 13, 0)),
    ("login_session", (1, 43, 0), (2, 32, 0)),
];

pub(super) async fn look(report: &mut Report, world: &World, sections: &Sections<'_>) {
    let found = world.programs("aws");
    if let [first, others @ ..] = &*found
        && !others.is_empty()
    {
        let others: Vec<_> = others.iter().map(|path| path.display().to_string()).collect();
        let (first, others) = (first.display(), others.join(", "));
        let text = format!("the `aws` that runs is {first}; there are others: {others}");
        report.note(CHECK, text, "type -a aws");
    }
    for path in found.iter().take(MOST) {
        version_of(report, sections, path).await;
    }
    if found.is_empty() {
        report.fine(CHECK, "there is no `aws` on the PATH");
    }
    for section in sections.profiles() {
        let has = |name: &str| section.get(name).is_some();
        let name = quote(section.name());
        if has("granted_sso_start_url") && !has("sso_start_url") && !has("credential_process") {
            let text = format!(
                "profile {name} is for granted alone: no SDK reads `granted_sso_start_url`"
            );
            let is_whole = has("granted_sso_account_id") && has("granted_sso_role_name");
            let command = match is_whole {
                true => "keyfob configure migrate --from granted".to_owned(),
                false => format!("keyfob configure profile {name}"),
            };
            report.warning(CHECK, text, command);
        }
        if section.name() == pick::DEFAULT && has("aws_access_key_id") {
            let text = "profile `default` has keys of its own: whoever names no profile gets them";
            report.note(CHECK, text, "keyfob explain default");
        }
    }
    for path in [world.locations.home.join(".boto"), PathBuf::from("/etc/boto.cfg")] {
        if std::fs::read_to_string(&path).is_ok_and(|text| text.contains("aws_access_key_id")) {
            let quoted = report.quoted(&path);
            let text =
                format!("{} has keys, which boto3 uses where it finds no others", path.display());
            report.warning(CHECK, text, format!("mv {quoted} {quoted}.old"));
        }
    }
}

async fn version_of(report: &mut Report, sections: &Sections<'_>, path: &Path) {
    let shown = path.display();
    let Some(version) = version(path).await else {
        let command = format!("{} --version", report.quoted(path));
        // The AWS CLI reads it before anything else.
        let why = if report.is_clean("config") { "" } else { "; the config file may be why" };
        report.warning(CHECK, format!("{shown} does not tell its version{why}"), command);
        return;
    };
    let text = format!("{shown} is version {}", written(version));
    let unread = unread(sections, version);
    if unread.is_empty() {
        report.fine(CHECK, text);
        return;
    }
    let text = format!(
        "{text}, which cannot read {}: update it, or give its profiles \
         `credential_process = keyfob credential-process --profile NAME`",
        unread.join(", ")
    );
    report.warning(CHECK, text, "aws --version");
}

/// Says why the command of a profile cannot be run, where it cannot.
pub(super) fn credential_process(world: &World, identity: &Identity) -> Option<String> {
    let Base::Process(base) = &identity.base else { return None };
    let words = shlex::split(&base.command).unwrap_or_default();
    // What only a shell understands is left to it.
    let program = words.first().filter(|word| !word.contains(['$', '=', '`', '(']))?;
    let is_there = match program.strip_prefix("~/") {
        Some(rest) => world.locations.home.join(rest).is_executable(),
        None if program.contains(std::path::is_separator) => Path::new(program).is_executable(),
        None => !world.programs(program).is_empty(),
    };
    let profile = &base.profile;
    let text = || {
        format!("profile `{profile}`: its credential_process runs `{program}`, which is not there")
    };
    (!is_there).then(text)
}

/// Asks an `aws` which version it is.
async fn version(path: &Path) -> Option<Version> {
    let mut command = tokio::process::Command::new(path);
    command.arg("--version").stdin(Stdio::null()).kill_on_drop(true);
    let output = net::within(PATIENCE, command.output()).await?.ok()?;
    // Old ones write it to stderr.
    [output.stdout, output.stderr].iter().find_map(|text| parsed(&String::from_utf8_lossy(text)))
}

/// Reads `aws-cli/2.9.19 Python/3.11.2 …`.
fn parsed(text: &str) -> Option<Version> {
    let version = text.split_whitespace().next()?.strip_prefix("aws-cli/")?;
    let mut numbers = version.split('.').map_while(|number| number.parse().ok());
    Some((numbers.next()?, numbers.next()?, numbers.next().unwrap_or(0)))
}

fn written((major, minor, patch): Version) -> String {
    format!("{major}.{minor}.{patch}")
}

/// The settings of the config that a version cannot read.
fn unread(sections: &Sections<'_>, version: Version) -> Vec<&'static str> {
    let is_used = |name: &str| {
        let mut profiles = sections.profiles();
        profiles.any(|section| section.get(name).is_some())
    };
    let needs =
        NEEDS.iter().filter(|(_, one, two)| version < if version.0 < 2 { *one } else { *two });
    needs.map(|(name, ..)| *name).filter(|name| is_used(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_compared() {
        assert_eq!(parsed("aws-cli/2.9.19 Python/3.11.2 Linux/6.1 source\n"), Some((2, 9, 19)));
        assert_eq!(parsed("aws-cli/1.22.34 Python/3"), Some((1, 22, 34)));
        assert_eq!(parsed("something else"), None);
        let text = "[profile a]\nsso_session = s\n[profile b]\nservices = x\n";
        let files = shared_config::Files::from_texts(text, "");
        let sections = Sections::parse(&files);
        assert_eq!(unread(&sections, (2, 8, 13)), ["sso_session", "services"]);
        assert_eq!(unread(&sections, (2, 9, 19)), ["services"]);
        assert_eq!(unread(&sections, (1, 20, 0)), ["sso_session", "services"]);
        assert!(
            unread(&sections, (1, 40, 0)).is_empty() && unread(&sections, (2, 13, 0)).is_empty()
        );
    }
}
