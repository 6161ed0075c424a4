//! How the program ends: exit codes, and errors as people read them.

use std::error::Error;
use std::fmt::Write;
use std::io;
use std::path::Path;
use std::sync::Arc;

use private_file::Refusal;

use crate::args::Target;
use crate::network_hint::network_hint as hint_for;
use crate::paste::{login_command, quote};

/// The exit codes; those of `aws-sso-util credential-process`, where it has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// A sign-in is needed.
    LoginNeeded = 1,
    /// The command line or the configuration is wrong.
    Usage = 2,
    /// The sign-in could not be started or finished.
    Login = 3,
    /// AWS refused.
    Refused = 4,
    /// Anything else: network, deadline, lock.
    Other = 5,
    /// The command of `exec` cannot be run.
    NotExecutable = 126,
    /// There is no such command.
    NotFound = 127,
    /// SIGHUP, or the console is closed.
    HungUp = 129,
    /// Ctrl-C.
    Interrupted = 130,
    /// SIGTERM.
    #[cfg_attr(not(unix), expect(dead_code, reason = "a signal of Unix"))]
    Terminated = 143,
}

impl Exit {
    /// Whether a signal has ended it, and so whatever would come next.
    pub(crate) fn is_of_a_signal(self) -> bool {
        matches!(self, Self::HungUp | Self::Interrupted | Self::Terminated)
    }
}

/// A command failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) error: Box<dyn Error>,
    /// What mends it, such as ``run `keyfob login` ``.
    pub(crate) hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, error: impl Into<Box<dyn Error>>) -> Self {
        Self { exit, error: error.into(), hint: None }
    }

    pub(crate) fn usage(error: impl Into<Box<dyn Error>>) -> Self {
        Self::new(Exit::Usage, error)
    }

    #[must_use]
    pub(crate) fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Writes the error with its causes and the hint, for a terminal.
    pub(crate) fn paragraph(&self) -> String {
        let mut text = format!("error: {}\n", self.error);
        for cause in causes(&*self.error) {
            let _ = writeln!(text, "  caused by: {cause}"); // writing to a String cannot fail
        }
        if let Some(hint) = self.hint() {
            let _ = write!(text, "\nhint: {hint}\n");
        }
        printable(&text)
    }

    /// Writes the same on one line, for programs that show the error of a `credential_process`.
    pub(crate) fn line(&self) -> String {
        format!("keyfob: {}\n", self.sentence())
    }

    /// Writes the same for the middle of a line.
    pub(crate) fn sentence(&self) -> String {
        let mut text = with_causes(&*self.error);
        if let Some(hint) = self.hint() {
            let _ = write!(text, "; {hint}");
        }
        let words: Vec<_> = text.split_whitespace().collect();
        printable(&words.join(" "))
    }

    /// The hint; that of a file which must not be written is better than a general one.
    fn hint(&self) -> Option<String> {
        file_hint(&*self.error).or_else(|| self.hint.clone())
    }
}

/// Writes an error with its causes on one line.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut texts = vec![error.to_string()];
    texts.extend(causes(error));
    texts.join(": ")
}

/// The causes, without those that only repeat the one above.
fn causes(error: &dyn Error) -> Vec<String> {
    let mut causes = Vec::new();
    let mut last = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !last.contains(&text) {
            causes.push(text.clone());
            last = text;
        }
        source = cause.source();
    }
    causes
}

/// What helps where directories are another user's.
pub(crate) const OWNERS: &str =
    "run it as that user, or with HOME set to a directory of your own, as `sudo -H` does";

/// What helps where a file must not be written, whatever it is for.
fn file_hint(error: &(dyn Error + 'static)) -> Option<String> {
    let mut next = Some(error);
    while let Some(error) = next {
        let shared = error.downcast_ref::<Arc<io::Error>>().map(|error| &**error);
        let inner = error.downcast_ref().or(shared).and_then(io::Error::get_ref);
        match inner.and_then(|inner| inner.downcast_ref()) {
            Some(Refusal::Stranger { .. }) => return Some(OWNERS.to_owned()),
            Some(_) => return Some("remove it, or give it another name".to_owned()),
            None => {}
        }
        if inner.is_some_and(|inner| inner.is::<shared_config::ReadOnly>()) {
            let hint = "make it writable with `chmod u+w`, or change it where it comes from; the copy that \
                        `exec --server` makes goes with its command";
            return Some(hint.to_owned());
        }
        next = error.source();
    }
    None
}

/// Escapes what is not seen in a text of several lines, parts of which come from files and servers.
pub(crate) fn printable(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(wire::printable).collect();
    lines.join("\n")
}

impl From<providers::Error> for Failure {
    fn from(error: providers::Error) -> Self {
        use providers::Error::{
            AssumeRole, Call, Endpoint, Forbidden, InvalidToken, Lost, MfaRequired, NotConfigured,
            TokenFile, Unreadable,
        };
        let hint = match &error {
            _ if error.is_wrong_code() => {
                Some("a code counts once: wait for the next one and try again".to_owned())
            }
            AssumeRole { source, .. } => assume_role_hint(source),
            Call { source, .. } => network_hint(source),
            Endpoint(error) => region_hint(error),
            Forbidden { .. } => Some(
                "sign in again if the assignment is new, else ask who manages your permission sets"
                    .to_owned(),
            ),
            InvalidToken { session, .. } => Some(format!("run `{}`", login_command(session))),
            Lost { session, .. } => Some(format!(
                "see to it that the file can be written, and run `{}`",
                login_command(session)
            )),
            Unreadable { path, source, .. } => Some(unreadable_hint(path, source)),
            _ => None,
        };
        let exit = match &error {
            InvalidToken { .. } | MfaRequired { .. } => Exit::LoginNeeded,
            Endpoint(_) | NotConfigured { .. } | TokenFile { .. } => Exit::Usage,
            Forbidden { .. } => Exit::Refused,
            AssumeRole { source, .. } | Call { source, .. } if is_refusal(source) => Exit::Refused,
            _ => Exit::Other,
        };
        Self { exit, error: error.into(), hint }
    }
}

/// What helps where a region is none, which comes from one of several settings.
fn region_hint(error: &wire::EndpointError) -> Option<String> {
    use wire::EndpointError::{MissingRegion, Region};
    matches!(error, Region(_) | MissingRegion).then(|| {
        "correct `sso_region` or `region`; `keyfob explain --profile NAME` shows their lines"
            .to_owned()
    })
}

/// What helps where a role cannot be assumed.
fn assume_role_hint(error: &wire::CallError) -> Option<String> {
    let service = match error.service() {
        Some(service) if !error.is_throttled() => service,
        _ => return network_hint(error),
    };
    let about_mfa =
        service.message.as_ref().is_some_and(|text| text.contains("MultiFactorAuthentication"));
    let hint = match service.code.as_str() {
        "AccessDenied" if about_mfa => {
            "name the device of the source as `mfa_serial` of the profile"
        }
        "AccessDenied" => {
            "check the trust policy of the role, and that the source may call sts:AssumeRole"
        }
        "ExpiredTokenException" => "the web identity token has expired; renew its file",
        "InvalidClientTokenId" | "ExpiredToken" => "the credentials of the source are not valid",
        "SignatureDoesNotMatch" => "check the clock of this machine, then the keys of the source",
        _ => return None,
    };
    Some(hint.to_owned())
}

impl Target {
    /// Tells how credentials failed, with the command that mends it for this target.
    pub(crate) fn failure(&self, error: providers::Error) -> Failure {
        let needs_code = matches!(error, providers::Error::MfaRequired { .. });
        let failure = Failure::from(error);
        match &self.session.profile {
            Some(name) if needs_code => {
                let profile = quote(name);
                failure.with_hint(format!("run `keyfob login --profile {profile}`"))
            }
            _ => failure,
        }
    }
}

impl From<login::LoginError> for Failure {
    fn from(error: login::LoginError) -> Self {
        use login::LoginError::{Call, Endpoint, Expired, Refused, StartUrl, Store};
        let hint = match &error {
            Call { source, .. } => network_hint(source),
            Endpoint(error) => region_hint(error),
            Expired | Refused(_) => Some("run the same command again".to_owned()),
            Store { .. } => Some("make the file writable, then sign in again".to_owned()),
            _ => None,
        };
        let exit = match &error {
            Endpoint(_) | StartUrl(_) => Exit::Usage,
            _ => Exit::Login,
        };
        Self { exit, error: error.into(), hint }
    }
}

impl From<wire::CallError> for Failure {
    fn from(error: wire::CallError) -> Self {
        let exit = if is_refusal(&error) { Exit::Refused } else { Exit::Other };
        Self { exit, hint: network_hint(&error), error: error.into() }
    }
}

/// Whether AWS said no, be it for want of time.
fn is_refusal(error: &wire::CallError) -> bool {
    error.service().is_some_and(|error| error.status < 500)
}

/// What helps where no answer came, as far as the causes tell, and where AWS would not serve.
fn network_hint(error: &wire::CallError) -> Option<String> {
    let hint = match error {
        wire::CallError::Transport(error) => hint_for(error),
        error if error.is_throttled() => {
            "AWS throttled this to the end: wait a minute, then run the same command again"
        }
        _ => return None,
    };
    Some(hint.to_owned())
}

/// What helps where a file of the cache cannot be read.
fn unreadable_hint(path: &Path, error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::PermissionDenied {
        let directory = quote(&path.parent().unwrap_or(path).display().to_string());
        format!(
            "make it yours again: `sudo chown -R \"$USER\" {directory} && chmod -R u+rwX {directory}`"
        )
    } else {
        let path = path.display().to_string();
        let (path, moved) = (quote(&path), quote(&format!("{path}.old")));
        format!("move it away: `mv {path} {moved}`")
    }
}

impl From<shared_config::ProfileError> for Failure {
    fn from(error: shared_config::ProfileError) -> Self {
        let hint = match &error {
            shared_config::ProfileError::Unknown { .. } => Some("`keyfob profiles` lists them"),
            _ => None,
        };
        Self { hint: hint.map(str::to_owned), ..Self::usage(error) }
    }
}

impl From<shared_config::LoadError> for Failure {
    fn from(error: shared_config::LoadError) -> Self {
        Self::usage(error)
    }
}

impl From<shared_config::LocateError> for Failure {
    fn from(error: shared_config::LocateError) -> Self {
        Self::usage(error).with_hint("set HOME to your home directory")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_causes_and_a_hint_in_both_forms() {
        let session = providers::Session::named("dev", "https://d-1.awsapps.com/start", "r");
        let cause = io::Error::other("disk\u{1b}[2J full");
        let failure = Failure::new(Exit::LoginNeeded, Box::new(cause) as Box<dyn Error>)
            .with_hint(format!("run `{}`", login_command(&session)));
        assert_eq!(
            failure.paragraph(),
            "error: disk\\u{1b}[2J full\n\nhint: run `keyfob login --sso-session dev`\n"
        );
        assert_eq!(
            failure.line(),
            "keyfob: disk\\u{1b}[2J full; run `keyfob login --sso-session dev`\n"
        );
    }

    #[test]
    fn a_file_of_somebody_else_is_given_back() {
        let path = Path::new("/home/me/.aws/sso/cache/x.json");
        let hint = |kind: io::ErrorKind| unreadable_hint(path, &kind.into());
        let given_back = hint(io::ErrorKind::PermissionDenied);
        assert!(given_back.contains("`sudo chown -R \"$USER\" /home/me/.aws/sso/cache "));
        assert!(hint(io::ErrorKind::Other).contains("`mv /home/me/.aws/sso/cache/x.json /"));
    }

    #[test]
    fn whoever_was_throttled_is_told_to_wait() {
        let response = http::Response::builder().status(429).body(Vec::new()).unwrap();
        let service = Box::new(wire::ServiceError::from_rest_json(&response));
        let failure = Failure::from(wire::CallError::from(wire::DecodeError::Service(service)));
        assert_eq!(failure.exit, Exit::Refused);
        assert!(failure.hint.unwrap().contains("throttled"));
    }
}
