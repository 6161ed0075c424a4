use std::path::PathBuf;

use shared_config::{Environment, Profile};

use crate::Endpoints;

/// What environment and profile say about the way to the services.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Network {
    /// Where the services are.
    pub endpoints: Endpoints,
    /// The certificates that are trusted instead of those of the system.
    pub ca_bundle: Option<CaBundle>,
}

/// A file of certificates in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CaBundle {
    /// The file.
    pub path: PathBuf,
    /// What names it: `AWS_CA_BUNDLE`, or file and line of `ca_bundle`.
    pub place: String,
}

impl Network {
    /// Collects what they say, the environment first.
    pub fn resolve(environment: &Environment, profile: Option<&Profile<'_, '_>>) -> Self {
        let named = |path: PathBuf, place: String| CaBundle { path, place };
        let of_environment = environment.get_os("AWS_CA_BUNDLE");
        let of_environment = of_environment.map(|path| named(path.into(), "AWS_CA_BUNDLE".into()));
        let of_profile = || {
            let path = profile?.get("ca_bundle")?;
            Some(named(path.into(), format!("{}: ca_bundle", profile?.place("ca_bundle"))))
        };
        Self {
            endpoints: Endpoints::resolve(environment, profile),
            ca_bundle: of_environment.or_else(of_profile),
        }
    }
}
