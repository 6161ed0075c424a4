//! The arguments of `console` and `link`.

use std::time::Duration;

use clap::{Args, ValueEnum};

use super::{SignIn, Target};
use crate::complete::{self, by};

// Where in the console.
#[derive(Args, Debug)]
pub(crate) struct Page {
    /// The service, by a short name such as s3, ddb, cfn or logs
    #[arg(short, long, conflicts_with_all = ["path", "url"], add = by(complete::console_services))]
    pub(crate) service: Option<String>,
    /// A path of the console, such as /ec2/home#Instances:
    #[arg(long, conflicts_with = "url")]
    pub(crate) path: Option<String>,
    /// A page that somebody has copied from a browser. Its account chooses the role where you name none
    #[arg(long)]
    pub(crate) url: Option<String>,
    /// The region of the page, instead of that of the profile or of the environment
    #[arg(long, add = by(complete::regions))]
    pub(crate) region: Option<String>,
}

// As whom, and where in the console.
#[derive(Args, Debug)]
pub(crate) struct Aim {
    /// A profile, or parts of the names of a profile, account, role or session
    #[arg(add = by(complete::profiles))]
    pub(crate) words: Vec<String>,
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) page: Page,
}

#[derive(Args, Debug)]
pub(crate) struct Console {
    #[command(flatten)]
    pub(crate) aim: Aim,
    /// How to sign in, instead of what fits the role
    #[arg(long, value_enum)]
    pub(crate) method: Option<Method>,
    /// With federation: how long the session lasts, 15m to 12h
    #[arg(long, value_name = "SPAN", value_parser = humantime::parse_duration)]
    pub(crate) duration: Option<Duration>,
    /// With federation: end the session of the browser first
    #[arg(long)]
    pub(crate) logout_first: bool,
    /// Print the URL and open nothing
    #[arg(long, conflicts_with = "copy")]
    pub(crate) print: bool,
    /// Put the URL into the clipboard of your terminal, also over SSH (OSC 52)
    #[arg(long)]
    pub(crate) copy: bool,
    /// Draw the URL as a QR code, for a phone
    #[arg(long, conflicts_with_all = ["print", "copy"])]
    pub(crate) qr: bool,
    /// The browser: a program, or a command in which {url} stands for the page
    #[arg(long, value_name = "COMMAND")]
    pub(crate) browser: Option<String>,
    /// The profile of Chrome, Chromium, Brave, Edge or Vivaldi, by its name in the browser
    #[arg(long, value_name = "NAME", conflicts_with = "container")]
    pub(crate) browser_profile: Option<String>,
    /// Open a container of Firefox, which the named extension makes for the role
    #[arg(long, value_enum, value_name = "EXTENSION")]
    pub(crate) container: Option<Container>,
    #[command(flatten)]
    pub(crate) sign_in: SignIn,
}

/// How a browser is signed in to the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Method {
    /// A link of the access portal: no secret, no network, the session of the permission set
    Link,
    /// The credentials of the role are traded for a URL that signs in once, within 15 minutes
    Federation,
}

/// An extension of Firefox that opens containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Container {
    /// Open external links in a container
    Firefox,
    /// Granted containers
    Granted,
}

#[derive(Args, Debug)]
pub(crate) struct Link {
    #[command(flatten)]
    pub(crate) aim: Aim,
    /// Leave the role out: whoever follows the link chooses one
    #[arg(long)]
    pub(crate) any_role: bool,
    /// The form
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: LinkFormat,
    /// Put it into the clipboard of your terminal, also over SSH (OSC 52)
    #[arg(long)]
    pub(crate) copy: bool,
    /// Draw the URL as a QR code, for a phone
    #[arg(long, conflicts_with_all = ["format", "copy"])]
    pub(crate) qr: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LinkFormat {
    /// The URL alone
    #[default]
    Plain,
    /// A link as Markdown writes it
    Markdown,
    /// A link as messages in Slack have it
    Slack,
}
