use std::path::PathBuf;

use crate::environment::parse_flag;
use crate::{Diagnostic, FileKind, Place, Section, Sections, Setting, SsoError, SsoSettings};

/// A profile of both files.
#[derive(Clone, Copy, Debug)]
pub struct Profile<'s, 'a> {
    pub(crate) sections: &'s Sections<'a>,
    pub(crate) section: Section<'s, 'a>,
}

/// A profile or session cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// Its SSO settings are incomplete or contradict each other.
    #[error(transparent)]
    Sso(#[from] SsoError),
    /// One of its lines was not understood.
    #[error("{0}")]
    Syntax(Diagnostic),
    /// There is no such profile.
    #[error("there is no profile `{name}` in {}", config.display())]
    #[non_exhaustive]
    Unknown {
        /// The name that was asked for.
        name: String,
        /// The config file that was read.
        config: PathBuf,
    },
    /// There is no such sso-session.
    #[error("there is no sso-session `{name}` in {}", config.display())]
    #[non_exhaustive]
    UnknownSession {
        /// The name that was asked for.
        name: String,
        /// The config file that was read.
        config: PathBuf,
    },
}

impl<'s, 'a> Profile<'s, 'a> {
    /// Returns the name.
    pub fn name(&self) -> &'a str {
        self.section.name()
    }

    /// Returns the value of a setting that stands on one line; an empty one is none. What further
    /// lines continue is for [`Setting::value`].
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.section.value(name)
    }

    /// Returns a setting, with the line that it stands on.
    pub fn setting(&self, name: &str) -> Option<Setting<'s, 'a>> {
        self.section.get(name)
    }

    /// Returns the section, with all settings.
    pub fn section(&self) -> Section<'s, 'a> {
        self.section
    }

    /// Returns where a setting stands, or else the profile.
    pub fn place(&self, name: &str) -> Place {
        let section = (self.section.file(), self.section.line());
        let (file, line) =
            self.setting(name).map_or(section, |setting| (setting.file(), setting.line()));
        self.sections.place(file, line)
    }

    /// Whether a setting says `true` or `false`, in any case; anything else says nothing.
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.get(name).and_then(parse_flag)
    }

    /// Returns `region`.
    pub fn region(&self) -> Option<&'a str> {
        self.get("region")
    }

    /// Returns the endpoint that the profile's `services` section names for a service (`sso`,
    /// `sso_oidc`, `sts`), or else the profile's own `endpoint_url`; and where it stands.
    pub fn endpoint_url(&self, service: &str) -> Option<(&'a str, Place)> {
        let of_services = self
            .get("services")
            .and_then(|name| self.sections.service(name, service))
            .and_then(|nested| nested.into_iter().rfind(|nested| nested.name == "endpoint_url"))
            .filter(|nested| !nested.value.is_empty())
            .map(|nested| (nested.value, self.sections.place(FileKind::Config, nested.line)));
        let own = || Some((self.get("endpoint_url")?, self.place("endpoint_url")));
        of_services.or_else(own)
    }

    /// Resolves the SSO settings, `None` where the profile has none.
    ///
    /// # Errors
    /// Fails where they are incomplete or contradict each other.
    pub fn sso(&self) -> Result<Option<SsoSettings<'a>>, ProfileError> {
        SsoSettings::of(self)
    }
}
