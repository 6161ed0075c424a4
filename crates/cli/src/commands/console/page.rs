//! Where in the console: a service, a path, or a page that somebody has copied.

use providers::Identity;
use signin_proto::{ConsoleUrl, Destination, DestinationError, SERVICES};
use wire::Partition;

use crate::args::{Page, Target};
use crate::env::World;
use crate::exit::Failure;
use crate::nearest;
use crate::ui::say;

/// What is said about the page.
pub(crate) enum Place {
    Home,
    Service(String),
    Path(String),
    Url(ConsoleUrl),
}

impl Place {
    pub(crate) fn read(page: &Page) -> Result<Self, Failure> {
        Ok(match page {
            Page { service: Some(service), .. } => Self::Service(service.clone()),
            Page { path: Some(path), .. } => Self::Path(path.clone()),
            Page { url: Some(url), .. } => {
                let url = ConsoleUrl::parse(url).map_err(|error| {
                    Failure::usage(error).with_hint("copy the address of a page of the console")
                })?;
                Self::Url(url)
            }
            // A region is a reason to go somewhere.
            Page { region: Some(_), .. } => Self::Path("console/home".to_owned()),
            _ => Self::Home,
        })
    }

    /// The words that name a role: those of the command line, else the account of a page.
    pub(crate) fn words(&self, words: &[String], target: &Target) -> Vec<String> {
        match self {
            Self::Url(ConsoleUrl { account_id: Some(account_id), .. })
                if words.is_empty() && !target.says_something() =>
            {
                vec![account_id.clone()]
            }
            _ => words.to_vec(),
        }
    }

    /// The region of a page that was copied.
    fn region(&self) -> Option<&str> {
        match self {
            Self::Url(url) => url.region.as_deref(),
            _ => None,
        }
    }

    /// Says it where the page is one of another account.
    pub(crate) fn check_account(&self, account_id: &str) {
        if let Self::Url(ConsoleUrl { account_id: Some(other), .. }) = self
            && other != account_id
        {
            say(&format!("warning: the page is of account {other}, the role is of {account_id}"));
        }
    }

    /// Returns the page in a region of a partition; nothing said is nothing wanted.
    pub(crate) fn destination(
        &self,
        region: &str,
        partition: &'static Partition,
    ) -> Result<Option<Destination>, Failure> {
        let of_region = wire::partition(region);
        if of_region != partition {
            let error = format!(
                "region {region} is of the partition {}, and the role is of {}",
                of_region.name, partition.name
            );
            return Err(Failure::usage(error)
                .with_hint(format!("give a region such as {}", partition.implicit_global_region)));
        }
        if !partition.has_known_console() {
            say(&format!(
                "warning: nobody could try the hosts of the console in {}",
                partition.name
            ));
        }
        let destination = match self {
            Self::Home => return Ok(None),
            Self::Service(name) => {
                if signin_proto::service(name).is_none() {
                    warn_of_unknown(name);
                }
                Destination::service(name, region)
            }
            Self::Path(path) => Destination::path(path, region),
            Self::Url(url) if url.partition != partition => {
                return Err(Failure::usage(format!(
                    "the page is of the partition {}, and the role is of {}",
                    url.partition.name, partition.name
                )));
            }
            Self::Url(url) => Ok(url.destination.clone()),
        };
        destination.map(Some).map_err(|error| match error {
            DestinationError::Path(_) => Failure::usage(error)
                .with_hint("write a path as it stands in a URL: a blank is %20"),
            error => Failure::usage(error),
        })
    }
}

fn warn_of_unknown(name: &str) {
    let near = nearest::of(name, SERVICES.iter().map(|service| service.name));
    let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    let name = wire::printable(name);
    say(&format!("warning: no service is called `{name}`, so it is tried as a path{near}"));
}

/// The region of the page: the one that is given, that of a page, or that of the credentials.
pub(crate) fn region(
    page: &Page,
    place: &Place,
    target: &Target,
    identity: &Identity,
    world: &World,
) -> Result<Option<String>, Failure> {
    let said = page.region.as_deref().or_else(|| place.region());
    let region = match said {
        Some(region) => Some(region),
        None => target.region(identity, world)?,
    };
    if let Some(region) = region {
        wire::validate_region(region).map_err(Failure::usage)?;
    }
    Ok(region.map(str::to_owned))
}
