//! Containers of Firefox: one for each role, so that several are signed in side by side.

use hmac::{Hmac, KeyInit, Mac};
use providers::{Base, Identity};
use sha2::Sha256;
use wire::{Secret, percent_encode};

use super::Settings;
use crate::args::{Container, Target};
use crate::env::World;
use crate::exit::Failure;

/// The key of the extension, as its options show it; a URL that is signed with it opens unasked.
const KEY: &str = "OPEN_URL_IN_CONTAINER_SIGNING_KEY";

/// Red is for roles that are marked as risky.
const COLORS: [&str; 7] = ["blue", "turquoise", "green", "yellow", "orange", "pink", "purple"];
const RISKY: &str = "red";

const PROGRAMS: [&str; 3] = ["firefox", "firefox-esr", "Firefox"];

/// A tab in a container.
#[derive(Debug)]
pub(in crate::commands::console) struct Tab {
    extension: Container,
    name: String,
    color: String,
    icon: String,
    key: Option<Secret<String>>,
}

impl Tab {
    pub(super) fn new(
        extension: Container,
        world: &World,
        target: &Target,
        identity: &Identity,
        settings: &Settings<'_, '_>,
    ) -> Result<Self, Failure> {
        let name = target.name();
        let account_id = match (identity.hops.last(), &identity.base) {
            (Some(hop), _) => hop.role_arn.split(':').nth(4), // arn:aws:iam::ACCOUNT:role/NAME
            (None, Base::Sso(sso)) => sso.account_id.as_deref(),
            _ => None,
        };
        let own = settings.value(&["keyfob_color", "granted_color"]);
        let color = match own {
            Some(color) => color,
            None if settings.value(&["keyfob_risky"]) == Some("true") => RISKY,
            None => color_of(account_id.unwrap_or(&name)),
        };
        let icon = settings.value(&["keyfob_icon", "granted_icon"]).unwrap_or("fingerprint");
        let key = world.environment.text(KEY)?.filter(|key| !key.is_empty()).map(Secret::from);
        let (color, icon) = (color.to_owned(), icon.to_owned());
        Ok(Self { extension, name, color, icon, key })
    }

    /// Returns what the extension opens.
    pub(super) fn uri(&self, url: &str) -> String {
        let scheme = match self.extension {
            Container::Firefox => "ext+container",
            Container::Granted => "ext+granted-containers",
        };
        let [name, url, color, icon] =
            [&self.name, url, &self.color, &self.icon].map(percent_encode);
        let uri = format!("{scheme}:name={name}&url={url}&color={color}&icon={icon}");
        match (&self.key, self.extension) {
            (Some(key), Container::Firefox) => {
                let signature = signature(key, &uri);
                format!("{uri}&signature={signature}")
            }
            _ => uri,
        }
    }
}

fn signature(key: &Secret<String>, uri: &str) -> String {
    // A key of any length will do.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.expose().as_bytes()) else {
        return String::new();
    };
    mac.update(uri.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// A color that an account keeps.
fn color_of(name: &str) -> &'static str {
    let sum: usize = name.bytes().map(usize::from).sum();
    COLORS.get(sum % COLORS.len()).copied().unwrap_or("blue")
}

/// Firefox, where it is on the PATH.
pub(super) fn program(world: &World) -> Option<String> {
    let found = PROGRAMS.into_iter().find(|program| !world.programs(program).is_empty());
    found.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tab(extension: Container, key: Option<&str>) -> Tab {
        Tab {
            extension,
            name: "R&D prod".to_owned(),
            color: "blue".to_owned(),
            icon: "fingerprint".to_owned(),
            key: key.map(Secret::from),
        }
    }

    const URL: &str = "https://d-1.awsapps.com/start/#/console?account_id=1&role_name=R";
    const QUERY: &str = "name=R%26D%20prod&url=https%3A%2F%2Fd-1.awsapps.com%2Fstart%2F%23%2F\
                         console%3Faccount_id%3D1%26role_name%3DR&color=blue&icon=fingerprint";

    #[test]
    fn each_extension_has_its_scheme() {
        let granted = tab(Container::Granted, Some("k")).uri(URL);
        assert_eq!(granted, format!("ext+granted-containers:{QUERY}"));
        assert_eq!(tab(Container::Firefox, None).uri(URL), format!("ext+container:{QUERY}"));
    }

    #[test]
    fn a_uri_is_signed_where_there_is_a_key() {
        // printf %s 'a' | openssl dgst -sha256 -hmac key
        let expect = "780c3db4ce3de5b9e55816fba98f590631d96c075271b26976238d5f4444219b";
        assert_eq!(signature(&Secret::from("key"), "a"), expect);
        let signed = tab(Container::Firefox, Some("key")).uri(URL);
        let (uri, of_uri) = signed.rsplit_once("&signature=").unwrap();
        assert_eq!(uri, format!("ext+container:{QUERY}"));
        assert_eq!(of_uri, signature(&Secret::from("key"), uri));
    }

    #[test]
    fn an_account_keeps_its_color_and_none_is_red() {
        assert_eq!(color_of("111122223333"), color_of("111122223333"));
        assert!(COLORS.iter().all(|color| *color != RISKY));
    }
}
