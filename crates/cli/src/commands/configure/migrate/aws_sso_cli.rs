//! The configuration of aws-sso-cli.

use std::io;
use std::path::PathBuf;

use super::Left;
use super::yaml::Node;
use crate::env::World;

/// The portal that is meant where nothing is said.
pub(super) const DEFAULT: &str = "Default";

/// What its `config.yaml` says, as far as it can be taken over.
#[derive(Debug, Default)]
pub(super) struct AwsSsoCli {
    /// The portals, `SSOConfig`.
    pub(super) portals: Vec<Portal>,
    /// The one that is meant where none is named.
    pub(super) default: String,
    /// What cannot be taken over.
    pub(super) left: Vec<Left>,
}

#[derive(Debug)]
pub(super) struct Portal {
    pub(super) name: String,
    pub(super) place: String,
    pub(super) start_url: Option<String>,
    pub(super) region: Option<String>,
    pub(super) default_region: Option<String>,
    pub(super) roles: Vec<Role>,
}

/// A role that `Accounts` says something of.
#[derive(Debug)]
pub(super) struct Role {
    pub(super) place: String,
    pub(super) account_id: String,
    pub(super) role_name: String,
    pub(super) profile: Option<String>,
    pub(super) default_region: Option<String>,
    /// The ARN of the role that it is assumed with.
    pub(super) via: Option<String>,
    pub(super) source_identity: Option<String>,
}

/// What has no counterpart: the setting, and why.
const LEFT: [(&str, &str); 6] = [
    ("AuthUrlAction", "pages open in the browser of BROWSER; `--no-browser` prints them"),
    ("AuthWorkflow", "`keyfob login` chooses the way; `--device-code` says it"),
    ("JsonStore", "tokens are not taken over: sign in anew"),
    ("ProfileFormat", "profiles keep their names; `keyfob profiles sync --name` has a format too"),
    ("SecureStore", "tokens are not taken over: sign in anew"),
    ("Tags", "there are no tags; `keyfob search` looks in names, numbers and roles"),
];

impl AwsSsoCli {
    /// Reads the first file that there is, nothing where there is none.
    pub(super) fn load(world: &World) -> Self {
        let environment = &world.environment;
        let home = &world.locations.home;
        let of_xdg = environment.get_os("XDG_CONFIG_HOME").filter(|path| !path.is_empty());
        let xdg = of_xdg.map_or_else(|| home.join(".config"), PathBuf::from);
        let paths = match environment.get_os("AWS_SSO_CONFIG") {
            Some(path) => vec![PathBuf::from(path)],
            None => {
                vec![home.join(".aws-sso/config.yaml"), xdg.join("aws-sso/config.yaml")]
            }
        };
        for path in paths {
            let unread = |line, reason: String| Self {
                left: vec![Left { place: format!("{}:{line}", path.display()), reason }],
                ..Self::default()
            };
            match std::fs::read_to_string(&path) {
                Ok(text) => {
                    return match Node::parse(&text) {
                        Ok(node) => Self::of(&node, &path),
                        Err((line, reason)) => unread(line, format!("this is no YAML: {reason}")),
                    };
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return unread(1, error.to_string()),
            }
        }
        Self::default()
    }

    fn of(node: &Node, path: &std::path::Path) -> Self {
        let place = |line| format!("{}:{line}", path.display());
        let mut left = Vec::new();
        let mut leave = |node: &Node, keys: &[&str]| {
            for (key, reason) in LEFT.iter().filter(|(key, _)| keys.contains(key)) {
                if let Some(found) = node.get(key) {
                    let (place, reason) = (place(found.line), format!("{key}: {reason}"));
                    left.push(Left { place, reason });
                }
            }
        };
        let top = ["AuthUrlAction", "AuthWorkflow", "JsonStore", "ProfileFormat", "SecureStore"];
        leave(node, &top);
        let text = |node: &Node, key| node.text_of(key).map(str::to_owned);
        let mut portals = Vec::new();
        for (name, portal) in node.members_of("SSOConfig") {
            leave(portal, &["AuthUrlAction", "AuthWorkflow"]);
            let mut roles = Vec::new();
            let region = text(portal, "DefaultRegion").or_else(|| text(node, "DefaultRegion"));
            // What is true of every account is told once.
            let mut is_told = false;
            for (account_id, account) in portal.members_of("Accounts") {
                for (role_name, role) in account.members_of("Roles") {
                    let tags = [account, role].into_iter().find(|node| node.get("Tags").is_some());
                    if let Some(node) = tags.filter(|_| !std::mem::replace(&mut is_told, true)) {
                        leave(node, &["Tags"]);
                    }
                    let of_account = || text(account, "DefaultRegion").or_else(|| region.clone());
                    roles.push(Role {
                        place: place(role.line),
                        // Numbers lose their zeros.
                        account_id: format!("{account_id:0>12}"),
                        role_name: role_name.clone(),
                        profile: text(role, "Profile"),
                        default_region: text(role, "DefaultRegion").or_else(of_account),
                        via: text(role, "Via"),
                        source_identity: text(role, "SourceIdentity"),
                    });
                }
            }
            portals.push(Portal {
                name: name.clone(),
                place: place(portal.line),
                start_url: text(portal, "StartUrl"),
                region: text(portal, "SSORegion"),
                default_region: region,
                roles,
            });
        }
        let default = text(node, "DefaultSSO").unwrap_or_else(|| DEFAULT.to_owned());
        Self { portals, default, left }
    }

    /// Returns a portal by its name, or the one that is meant without one.
    pub(super) fn portal(&self, name: Option<&str>) -> Option<&Portal> {
        let wanted = name.unwrap_or(&self.default);
        let found = self.portals.iter().find(|portal| portal.name == wanted);
        let only = self.portals.first().filter(|_| name.is_none() && self.portals.len() == 1);
        found.or(only)
    }
}

impl Portal {
    pub(super) fn role(&self, account_id: &str, role_name: &str) -> Option<&Role> {
        self.roles.iter().find(|it| it.account_id == account_id && it.role_name == role_name)
    }
}

impl Role {
    pub(super) fn arn(&self) -> String {
        format!("arn:aws:iam::{}:role/{}", self.account_id, self.role_name)
    }
}

/// Returns the account and the name of a role.
pub(super) fn parse_arn(arn: &str) -> Option<(String, String)> {
    let mut parts = arn.splitn(6, ':').skip(4);
    let (account_id, name) = (parts.next()?, parts.next()?.strip_prefix("role/")?);
    Some((format!("{account_id:0>12}"), name.to_owned()))
}
