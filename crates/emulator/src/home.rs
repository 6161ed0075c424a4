//! A home directory in which AWS tools find the emulator.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use sha1::{Digest as _, Sha1};

use crate::scenario::Scenario;
use crate::sign_in::SignIn;

/// The name of the sso-session.
const SESSION: &str = "emulator";

/// Writes `.aws/config` and the token of somebody who is signed in.
pub(crate) fn write(
    home: &Path,
    scenario: &Scenario,
    endpoint: &str,
    token: &SignIn,
) -> io::Result<()> {
    let aws = home.join(".aws");
    let cache = aws.join("sso/cache");
    fs::create_dir_all(&cache)?;
    write_file(&aws.join("config"), &config(scenario, endpoint, token))?;
    let stem = hex::encode(Sha1::digest(SESSION));
    write_file(&cache.join(format!("{stem}.json")), token.to_cache_file().expose())
}

/// A profile for each role of each account, such as `111122223333-ReadOnly`.
fn config(scenario: &Scenario, endpoint: &str, token: &SignIn) -> String {
    let SignIn { start_url, region, .. } = token;
    let mut text = format!(
        "[sso-session {SESSION}]\nsso_start_url = {start_url}\nsso_region = {region}\n\
         sso_registration_scopes = sso:account:access\n"
    );
    for account in &scenario.accounts {
        for role in &account.roles {
            let id = &account.id;
            text.push_str(&format!(
                "\n[profile {id}-{role}]\nsso_session = {SESSION}\nsso_account_id = {id}\n\
                 sso_role_name = {role}\nregion = {region}\nendpoint_url = {endpoint}\n"
            ));
        }
    }
    text
}

fn write_file(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}
