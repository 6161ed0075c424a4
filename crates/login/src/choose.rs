use providers::Session;
use shared_config::Environment;
use token_cache::Flow;

/// The way to sign in, and why it was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Choice {
    /// The way.
    pub flow: Flow,
    /// Why, for people.
    pub reason: &'static str,
}

impl Choice {
    /// Chooses a way for a reason of the caller's own.
    pub fn new(flow: Flow, reason: &'static str) -> Self {
        Self { flow, reason }
    }
}

/// Chooses the way to sign in.
///
/// The callback of an authorization code needs a browser on this machine. A set `BROWSER` is one,
/// over SSH and without a display too; otherwise SSH or the lack of a display means a device code.
/// Legacy start URLs are signed in to with a device code, as by the AWS CLI.
pub fn choose(session: &Session, device_code: bool, environment: &Environment) -> Choice {
    let device = |reason| Choice { flow: Flow::DeviceCode, reason };
    let code = |reason| Choice { flow: Flow::AuthorizationCode, reason };
    if device_code {
        device("--device-code was given")
    } else if session.name.is_none() {
        device("the start URL belongs to no sso-session")
    } else {
        has_browser(environment).map_or_else(device, code)
    }
}

/// Whether the person has a browser on this machine, and why.
pub(crate) fn has_browser(environment: &Environment) -> Result<&'static str, &'static str> {
    const SSH: [&str; 3] = ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"];
    // WSL opens pages in the browser of Windows.
    const DISPLAYS: [&str; 3] = ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"];
    let has_display = cfg!(any(windows, target_vendor = "apple"))
        || DISPLAYS.iter().any(|name| environment.get_os(name).is_some());
    if environment.get_os("BROWSER").is_some() {
        Ok("BROWSER is set")
    } else if environment.first(&SSH).is_some() {
        Err("this is an SSH session and BROWSER is not set")
    } else if has_display {
        Ok("there is a display")
    } else {
        Err("there is no display and BROWSER is not set")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_on_this_machine_means_an_authorization_code() {
        let session = Session::named("s", "https://d-1.awsapps.com/start", "r");
        let legacy = Session::legacy("https://d-1.awsapps.com/start", "r");
        let flow = |session, device_code, variables: &[(&str, &str)]| {
            let environment = Environment::from_pairs(variables.iter().copied());
            choose(session, device_code, &environment).flow
        };
        let (ssh, display, browser) =
            (("SSH_TTY", "/dev/pts/0"), ("DISPLAY", ":0"), ("BROWSER", "w"));
        assert_eq!(flow(&session, false, &[display]), Flow::AuthorizationCode);
        assert_eq!(flow(&session, false, &[display, ssh]), Flow::DeviceCode);
        assert_eq!(flow(&session, false, &[browser, ssh]), Flow::AuthorizationCode);
        assert_eq!(flow(&session, false, &[browser]), Flow::AuthorizationCode);
        assert_eq!(flow(&session, true, &[display]), Flow::DeviceCode);
        assert_eq!(flow(&legacy, false, &[display, browser]), Flow::DeviceCode);
        #[cfg(target_os = "linux")]
        assert_eq!(flow(&session, false, &[]), Flow::DeviceCode);
    }
}
