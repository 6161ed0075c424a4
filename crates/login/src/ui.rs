use std::time::Duration;

/// How the person is reached.
pub trait Ui: Send + Sync {
    /// Shows where to sign in, and opens the page where there is a browser.
    fn show(&self, page: &Page<'_>);
}

/// The page on which the person signs in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Page<'a> {
    /// The page of an authorization code; the browser comes back by itself.
    #[non_exhaustive]
    AuthorizationCode {
        /// The URL to open on this machine.
        url: &'a str,
    },
    /// The page of a device code.
    #[non_exhaustive]
    DeviceCode {
        /// The URL to open on any device.
        url: &'a str,
        /// The same with the code filled in.
        url_complete: Option<&'a str>,
        /// The code to compare or type.
        code: &'a str,
        /// How long the code lives.
        expires_in: Duration,
    },
}
