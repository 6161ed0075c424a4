//! What is odd about profiles. What many of them have in common is told once.

use std::fmt;
use std::path::Path;

use providers::Lint;
use shared_config::{Place, Profile};

/// Programs that take the sso keys beside their own line: whoever runs them gets the same credentials.
const SAME: [&str; 3] = ["aws-sso-credential-process", "aws-sso-util", "keyfob"];

/// Something odd, and how many profiles have it.
pub(crate) struct Oddity {
    /// The first line.
    pub(crate) place: Place,
    message: String,
    others: usize,
}

/// All that is odd, in the order in which it is found.
#[derive(Default)]
pub(crate) struct Oddities(pub(crate) Vec<Oddity>);

impl Oddities {
    /// Adds what is odd about a profile, but for the line that its problem tells already.
    pub(crate) fn add(&mut self, profile: &Profile<'_, '_>, problem: Option<&str>) {
        for Lint { setting, place, message, .. } in Lint::of(profile) {
            let is_told = problem.is_some_and(|text| text.starts_with(&format!("{place}: ")));
            let is_fine = setting == "credential_process" && takes_sso_keys(profile);
            if is_told || is_fine {
                continue;
            }
            match self.0.iter_mut().find(|known| known.message == message) {
                Some(known) => known.others += 1,
                None => self.0.push(Oddity { place, message, others: 0 }),
            }
        }
    }
}

fn takes_sso_keys(profile: &Profile<'_, '_>) -> bool {
    let command = profile.setting("credential_process").map(|setting| setting.value());
    let words = command.and_then(|command| shlex::split(&command)).unwrap_or_default();
    let program = words.first().and_then(|program| Path::new(program).file_stem()?.to_str());
    program.is_some_and(|program| SAME.contains(&program))
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, message, others } = self;
        write!(f, "{place}: {message}")?;
        match others {
            0 => Ok(()),
            1 => f.write_str(" (and in one more profile)"),
            others => write!(f, " (and in {others} more profiles)"),
        }
    }
}
