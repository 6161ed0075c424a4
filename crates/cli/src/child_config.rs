//! The config file that the command of `exec --server` sees.
//!
//! Every SDK looks into the shared files before it asks a container. So the command gets a copy of the
//! config with one profile more, which has the settings of the chosen profile and leads to no
//! credentials, and `AWS_PROFILE` names it: its region and endpoints count, and the container is
//! what is left to ask. All other profiles stay what they are, for whoever names one in the command.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use shared_config::{FileKind, Files, Sections};
use tempfile::TempDir;

use crate::env::World;
use crate::exit::{Exit, Failure};

/// How the settings begin that lead to credentials. The families are meant, not only what SDKs know
/// today: a setting too few is seen, the credentials of somebody else are not.
const CREDENTIALS: [&str; 10] = [
    "aws_",
    "credential_",
    "duration_seconds",
    "external_id",
    "login_",
    "mfa_",
    "role_",
    "source_profile",
    "sso_",
    "web_identity_",
];

/// A copy of the config, there until it is dropped.
pub(crate) struct ChildConfig {
    directory: TempDir,
    profile: String,
    has_boto_keys: bool,
}

impl ChildConfig {
    /// Copies the config, for a command that runs with the settings of a profile, or with those of
    /// `[default]`.
    pub(crate) fn write(world: &World, profile: Option<&str>) -> Result<Self, Failure> {
        let files = world.files()?;
        let (profile, text) = text(&files, profile.unwrap_or("default"));
        let failed = |error: std::io::Error| {
            let error = format!("cannot write the config file of the command: {error}");
            Failure::new(Exit::Other, error).with_hint("set TMPDIR to a directory of yours")
        };
        let mut directory = tempfile::Builder::new();
        directory.prefix("keyfob-exec-");
        let mut file = OpenOptions::new();
        file.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
            directory.permissions(std::fs::Permissions::from_mode(0o700));
            file.mode(0o400); // what a command writes there would be lost: better it is refused
        }
        let directory = directory.tempdir().map_err(failed)?;
        let mut file = file.open(directory.path().join("config")).map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        Ok(Self { directory, profile, has_boto_keys: has_boto_keys(world) })
    }

    /// The variables by which SDKs find it.
    pub(crate) fn variables(&self) -> Vec<(&'static str, OsString)> {
        let file = OsString::from(self.directory.path().join("config"));
        let mut variables =
            vec![("AWS_PROFILE", OsString::from(&self.profile)), ("AWS_CONFIG_FILE", file.clone())];
        if self.has_boto_keys {
            variables.push(("BOTO_CONFIG", file)); // it has none of the sections that count there
        }
        variables
    }
}

/// Whether botocore would find keys where the first boto had them, which it looks for before it asks
/// a container. Other programs keep other things there.
fn has_boto_keys(world: &World) -> bool {
    let named = world.environment.get_os("BOTO_CONFIG").map(PathBuf::from);
    let default = || vec!["/etc/boto.cfg".into(), world.locations.home.join(".boto")];
    let paths = named.map_or_else(default, |named| vec![named]);
    paths.iter().filter(|path| path.is_file()).any(|path| {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        text.to_ascii_lowercase().contains("aws_access_key_id")
    })
}

/// Returns the name of the added profile, which nobody has, and the text of the copy.
fn text(files: &Files, chosen: &str) -> (String, String) {
    let sections = Sections::parse(files);
    let is_taken = |name: &str| sections.profiles().any(|profile| profile.name() == name);
    let mut name = "keyfob-exec".to_owned();
    while is_taken(&name) {
        name.push('-');
    }
    let mut text = format!("{}\n[profile {name}]\n", files.text(FileKind::Config));
    let profile = sections.profile(chosen).ok();
    for setting in profile.iter().flat_map(|profile| profile.section().settings()) {
        let name = setting.name();
        if CREDENTIALS.iter().any(|family| name.starts_with(family)) {
            continue;
        }
        text += &format!("{name} = {}\n", setting.value().replace('\n', "\n  "));
        for nested in setting.nested() {
            text += &format!("  {} = {}\n", nested.name, nested.value);
        }
    }
    (name, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(config: &str, credentials: &str, chosen: &str) -> String {
        let (name, text) = text(&Files::from_texts(config, credentials), chosen);
        let (before, added) = text.split_once(&format!("\n[profile {name}]\n")).unwrap();
        assert_eq!(before, config.trim_start_matches('\u{feff}'));
        added.to_owned()
    }

    #[test]
    fn the_added_profile_has_the_settings_of_the_chosen_one_and_leads_to_no_credentials() {
        let config = "\u{feff}[default]\nrole_arn = a\nsource_profile = b\noutput = text\n\
                      [profile dev]\nregion = r # mine\nsso_session = s\nsso_account_id = 1\n\
                      credential_process = x\nlogin_session = l\nmfa_serial = m\n\
                      web_identity_token_file = f\nservices = local\n\
                      s3 =\n  addressing_style = path\nplugins = a\n  b\nendpoint_url = http://[::1]";
        let credentials =
            "[dev]\naws_access_key_id = A\naws_secret_access_key = S\ncli_pager = p\n";
        let of_dev = added(config, credentials, "dev");
        let mut lines: Vec<_> = of_dev.lines().collect();
        let block = lines.iter().position(|line| *line == "s3 = ").unwrap();
        assert_eq!(lines.remove(block + 1), "  addressing_style = path");
        let continued = lines.iter().position(|line| *line == "plugins = a").unwrap();
        assert_eq!(lines.remove(continued + 1), "  b");
        lines.sort_unstable();
        let others = ["region = r", "s3 = ", "services = local"];
        assert_eq!(lines[..3], ["cli_pager = p", "endpoint_url = http://[::1]", "plugins = a"]);
        assert_eq!(lines[3..], others);
        assert_eq!(added(config, "", "default"), "output = text\n");
        assert_eq!(added(config, "", "unknown"), "");
    }

    #[test]
    fn the_added_profile_has_a_name_that_nobody_has() {
        let files = Files::from_texts("[profile keyfob-exec]\n", "[keyfob-exec-]\n");
        assert_eq!(text(&files, "default").0, "keyfob-exec--");
    }
}
