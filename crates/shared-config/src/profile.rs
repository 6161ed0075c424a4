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
    /// The services section that a profile names does not exist.
    #[error("{place}: profile `{profile}` names the services `{services}`, which do not exist")]
    #[non_exhaustive]
    MissingServices {
        /// The profile.
        profile: String,
        /// The services section.
        services: String,
        /// The line that names it.
        place: Place,
    },
    /// A section of that name is there, but its header is not one that is read.
    #[error("{0}")]
    Rejected(Diagnostic),
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
    /// There is no such services section.
    #[error("there is no services section `{name}` in {}", config.display())]
    #[non_exhaustive]
    UnknownServices {
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

    /// Returns the account that the profile is about, as far as it says so: of `role_arn`, else
    /// `sso_account_id`, else `aws_account_id`.
    pub fn account_id(&self) -> Option<&'a str> {
        let of_role = |arn: &'a str| arn.split(':').nth(4).filter(|id| !id.is_empty());
        let of_role = self.get("role_arn").and_then(of_role);
        of_role.or_else(|| self.get("sso_account_id")).or_else(|| self.get("aws_account_id"))
    }

    /// Returns `region`.
    pub fn region(&self) -> Option<&'a str> {
        self.get("region")
    }

    /// Returns the endpoint that the profile's `services` section names for a service (`sso`,
    /// `sso_oidc`, `sts`), or else the profile's own `endpoint_url`; and where it stands.
    ///
    /// # Errors
    /// Fails where the section does not exist or was not understood: the requests would go elsewhere.
    pub fn endpoint_url(&self, service: &str) -> Result<Option<(&'a str, Place)>, ProfileError> {
        if let Some(name) = self.get("services") {
            let nested = self.sections.service(name, service).map_err(|error| match error {
                ProfileError::UnknownServices { name, .. } => ProfileError::MissingServices {
                    profile: self.name().to_owned(),
                    services: name,
                    place: self.place("services"),
                },
                other => other,
            })?;
            let url = nested.into_iter().rfind(|nested| nested.name == "endpoint_url");
            if let Some(nested) = url.filter(|nested| !nested.value.is_empty()) {
                let place = self.sections.place(FileKind::Config, nested.line);
                return Ok(Some((nested.value, place)));
            }
        }
        Ok(self.get("endpoint_url").map(|url| (url, self.place("endpoint_url"))))
    }

    /// Resolves the SSO settings, `None` where the profile has none.
    ///
    /// # Errors
    /// Fails where they are incomplete or contradict each other.
    pub fn sso(&self) -> Result<Option<SsoSettings<'a>>, ProfileError> {
        SsoSettings::of(self)
    }
}
