use std::path::{Path, PathBuf};

use crate::Environment;

/// Where the files are that AWS tools share.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Locations {
    /// The home directory.
    pub home: PathBuf,
    /// The config file: `AWS_CONFIG_FILE` or `~/.aws/config`.
    pub config: PathBuf,
    /// The credentials file: `AWS_SHARED_CREDENTIALS_FILE` or `~/.aws/credentials`.
    pub credentials: PathBuf,
    /// The directory of SSO tokens, `~/.aws/sso/cache`; no SDK lets it be moved.
    pub sso_cache: PathBuf,
    /// The directory in which the AWS CLI keeps role credentials, `~/.aws/cli/cache`.
    pub cli_cache: PathBuf,
}

/// There is no home directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the home directory is unknown: HOME is not set")]
#[non_exhaustive]
pub struct LocateError;

impl Locations {
    /// Finds the files: `HOME` on every platform, then on Windows `USERPROFILE` and
    /// `HOMEDRIVE` with `HOMEPATH`, then the home directory of the user's account. On Windows,
    /// where Python and Go ignore `HOME`, the `.aws` of `USERPROFILE` counts if `HOME` has none.
    ///
    /// A leading `~` of the two variables is expanded, nothing else.
    ///
    /// # Errors
    /// Fails where nothing tells the home directory.
    pub fn from_env(environment: &Environment) -> Result<Self, LocateError> {
        let home = home(environment).ok_or(LocateError)?;
        let aws = home.join(".aws");
        let path = |variable: &str, default: &str| {
            environment
                .get_os(variable)
                .map_or_else(|| aws.join(default), |path| expand(Path::new(path), &home))
        };
        Ok(Self {
            config: path("AWS_CONFIG_FILE", "config"),
            credentials: path("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
            sso_cache: aws.join("sso").join("cache"),
            cli_cache: aws.join("cli").join("cache"),
            home,
        })
    }
}

fn home(environment: &Environment) -> Option<PathBuf> {
    let variable = |name| environment.get_os(name).map(PathBuf::from);
    let home = variable("HOME");
    let account = || environment.account_home().map(Path::to_owned);
    if cfg!(windows) {
        let profile = variable("USERPROFILE");
        if let (Some(home), Some(profile)) = (&home, &profile)
            && !home.join(".aws").is_dir()
            && profile.join(".aws").is_dir()
        {
            return Some(profile.clone());
        }
        let drive = || {
            let mut path = variable("HOMEDRIVE")?.into_os_string();
            path.push(variable("HOMEPATH")?);
            Some(PathBuf::from(path))
        };
        return home.or(profile).or_else(drive).or_else(account);
    }
    home.or_else(account)
}

fn expand(path: &Path, home: &Path) -> PathBuf {
    path.strip_prefix("~").map_or_else(|_| path.to_owned(), |rest| home.join(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locate(variables: &[(&str, &str)]) -> Locations {
        Locations::from_env(&Environment::from_pairs(variables.iter().copied())).unwrap()
    }

    #[test]
    fn each_variable_replaces_one_path() {
        let locations = locate(&[("HOME", "/home/me"), ("AWS_CONFIG_FILE", "~/work/config")]);
        assert_eq!(locations.config, Path::new("/home/me/work/config"));
        assert_eq!(locations.credentials, Path::new("/home/me/.aws/credentials"));
        assert_eq!(locations.sso_cache, Path::new("/home/me/.aws/sso/cache"));
        assert_eq!(locations.cli_cache, Path::new("/home/me/.aws/cli/cache"));
    }

    #[test]
    fn an_empty_variable_is_none() {
        let locations = locate(&[("HOME", "/h"), ("AWS_CONFIG_FILE", "")]);
        assert_eq!(locations.config, Path::new("/h/.aws/config"));
    }

    #[test]
    fn without_home_the_account_counts() {
        let environment = Environment::from_pairs([("HOME", "")]);
        assert_eq!(Locations::from_env(&environment), Err(LocateError));
        let environment = environment.with_account_home(Some("/account".into()));
        assert_eq!(Locations::from_env(&environment).unwrap().home, Path::new("/account"));
    }
}
