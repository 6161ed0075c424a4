use std::time::Duration;

use shared_config::Environment;

use crate::nesting::Nesting;
use crate::subprocess::{self, Output, SubprocessError};
use crate::{
    Context, Credentials, CredentialsFuture, Error, ProvideCredentials, read_process_output,
};

/// The credentials that a command prints, as `credential_process` of a profile.
///
/// The command is run by `sh -c`, on Windows by `cmd.exe /C`, with the environment of this process,
/// without input, for a minute at most, and no longer than the patience of the context. Its output
/// is read up to 64 KiB and must be the JSON of the contract; see [`read_process_output`].
/// Credentials without an expiration are taken as such. What it leaves in the background ends with
/// it.
#[derive(Debug)]
pub struct Process {
    context: Context,
    command: String,
    profile: String,
    nesting: Nesting,
    account_id: Option<String>,
    timeout: Duration,
}

/// As long as Go's SDK waits.
const TIMEOUT: Duration = Duration::from_secs(60);

impl Process {
    /// Runs `command`, the `credential_process` of `profile`.
    ///
    /// # Errors
    /// Fails where the environment tells that this command is running already and that it asks for
    /// the credentials of its own profile: it would do so for ever.
    pub fn new(
        context: Context,
        profile: &str,
        command: &str,
        environment: &Environment,
    ) -> Result<Self, Error> {
        let Some(nesting) = Nesting::of(environment).within_profile(profile) else {
            let reason = "its command asks for the credentials of the same profile";
            return Err(Error::not_configured(&format!("profile `{profile}`"), reason));
        };
        Ok(Self {
            context,
            command: command.to_owned(),
            profile: profile.to_owned(),
            nesting,
            account_id: None,
            timeout: TIMEOUT,
        })
    }

    /// Names the account of the credentials, where the command does not: `aws_account_id`.
    #[must_use]
    pub fn with_account_id(self, account_id: Option<&str>) -> Self {
        Self { account_id: account_id.map(str::to_owned), ..self }
    }

    /// Waits so long for the command, not a minute.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    async fn provide(&self) -> Result<Credentials, Error> {
        let failed = |reason: String| Error::Process {
            profile: self.profile.clone(),
            setting: "credential_process",
            reason,
        };
        let what = || format!("the credential_process of profile `{}`", self.profile);
        let output = run(&self.command, &self.nesting, self.timeout, &self.context);
        let output = self.context.told(what, output).await;
        let stdout = output.map_err(&failed)?.stdout;
        let mut credentials = read_process_output(stdout.expose())
            .map_err(|error| failed(format!("its output is no credentials: {error}")))?;
        if credentials.expiration.is_some_and(|end| end <= self.context.clock.now()) {
            return Err(failed(
                "its credentials have expired already, by the clock of this machine".to_owned(),
            ));
        }
        credentials.account_id = credentials.account_id.or_else(|| self.account_id.clone());
        let detail = format!("credential_process of profile `{}`", self.profile);
        Ok(credentials.got_by(Vec::new(), self.name(), detail))
    }
}

impl ProvideCredentials for Process {
    fn provide(&self) -> CredentialsFuture<'_> {
        Box::pin(self.provide())
    }

    fn name(&self) -> &'static str {
        "process"
    }
}

/// Runs a command, no longer than another process is waited for; one that fails is told by what it
/// wrote to stderr.
pub(crate) async fn run(
    line: &str,
    nesting: &Nesting,
    limit: Duration,
    context: &Context,
) -> Result<Output, String> {
    let limit = nesting.bound(limit.min(context.patience));
    let output = match subprocess::run(line, nesting, limit, &*context.clock).await {
        Ok(output) if output.status.success() => return Ok(output),
        Ok(output) => output,
        Err(SubprocessError::Io(error)) => return Err(format!("it cannot be run: {error}")),
        Err(error) => return Err(error.to_string()),
    };
    let stderr = String::from_utf8_lossy(output.stderr.expose());
    let words: Vec<_> = stderr.split_whitespace().collect();
    let said: String = words.join(" ").chars().take(500).collect();
    let said = if said.is_empty() { said } else { format!(": {said}") };
    Err(format!("it ended with {}{said}", output.status))
}
