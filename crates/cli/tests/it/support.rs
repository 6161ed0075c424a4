//! A home of its own for each test, an emulator on loopback, and the binary.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Output, Stdio};

use emulator::{Approval, Idp, Scenario, Server, ServerOptions};
use serde_json::Value;

use crate::leaks::Secrets;
use crate::schema::assert_promised;

pub(crate) const ACCOUNT: &str = "111122223333";

/// Where keyfob has what no other tool reads, under the home.
pub(crate) const OWN_CACHE: &str =
    if cfg!(target_os = "macos") { "Library/Caches/keyfob" } else { ".cache/keyfob" };

/// A home with a config, and an emulator.
pub(crate) struct TestEnv {
    pub(crate) home: tempfile::TempDir,
    pub(crate) server: Server,
    variables: BTreeMap<String, String>,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A run that waits for a person.
pub(crate) struct Waiting {
    child: Child,
    stderr: BufReader<ChildStderr>,
    pub(crate) said: String,
}

impl Run {
    /// Waits for the end of a child.
    pub(crate) fn of(child: Child) -> Self {
        child.wait_with_output().unwrap().into()
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl TestEnv {
    /// An emulator that approves every sign-in by itself.
    pub(crate) fn new() -> Self {
        Self::with_scenario("")
    }

    /// An emulator whose sign-ins wait for the test to approve them.
    pub(crate) fn with_person() -> Self {
        Self::start_emulator(Scenario::default())
    }

    /// An emulator of a scenario that approves every sign-in by itself.
    pub(crate) fn with_scenario(scenario: &str) -> Self {
        let mut scenario = Scenario::from_toml(scenario).unwrap();
        scenario.approval = Approval::Automatic;
        scenario.approve_after_polls = 0;
        Self::start_emulator(scenario)
    }

    /// An emulator that stands for the hosts of AWS, with TLS, as the proxy of everything.
    pub(crate) fn with_tls() -> Self {
        let mut scenario = Scenario::default();
        scenario.approval = Approval::Automatic;
        let mut env = Self::with_server(scenario, ServerOptions { tls: true, port: 0 });
        let bundle = env.path("ca.pem");
        fs::write(&bundle, env.server.ca_certificate_pem().unwrap()).unwrap();
        env.set("AWS_CA_BUNDLE", bundle.to_str().unwrap());
        let port = env.server.base_url().rsplit(':').next().unwrap().to_owned();
        env.set("HTTPS_PROXY", &format!("http://127.0.0.1:{port}"));
        for service in ["SSO", "SSO_OIDC", "STS"] {
            env.unset(&format!("AWS_ENDPOINT_URL_{service}"));
        }
        env
    }

    /// Starts an emulator, and writes a config with a session and a legacy profile.
    pub(crate) fn start_emulator(scenario: Scenario) -> Self {
        Self::with_server(scenario, ServerOptions::default())
    }

    fn with_server(mut scenario: Scenario, options: ServerOptions) -> Self {
        scenario.device_interval = std::time::Duration::from_secs(1);
        let start_url = scenario.start_urls.first().unwrap().clone();
        let region = scenario.region.clone();
        let server = Server::start(Idp::new(scenario), options).unwrap();
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join(".aws")).unwrap();
        let mut variables = BTreeMap::new();
        variables.insert("HOME".to_owned(), home.path().display().to_string());
        for service in ["SSO", "SSO_OIDC", "STS"] {
            let name = format!("AWS_ENDPOINT_URL_{service}");
            variables.insert(name, server.base_url().to_owned());
        }
        let env = Self { home, server, variables };
        env.write_config(&format!(
            "[sso-session work]\nsso_start_url = {start_url}\nsso_region = {region}\n\
             [profile dev]\nsso_session = work\nsso_account_id = {ACCOUNT}\n\
             sso_role_name = ReadOnly\n\
             [profile old]\nsso_start_url = {start_url}\nsso_region = {region}\n\
             sso_account_id = {ACCOUNT}\nsso_role_name = Operator\n"
        ));
        env
    }

    pub(crate) fn listings(&self) -> PathBuf {
        self.path(OWN_CACHE).join("listings")
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.home.path().join(relative)
    }

    pub(crate) fn write_config(&self, text: &str) {
        fs::write(self.path(".aws/config"), text).unwrap();
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    pub(crate) fn variable(&self, name: &str) -> &str {
        &self.variables[name]
    }

    pub(crate) fn unset(&mut self, name: &str) {
        self.variables.remove(name);
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keyfob"));
        command
            .args(arguments)
            .env_clear()
            .envs(&self.variables)
            .current_dir(self.home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        #[cfg(windows)] // without which there are no sockets
        command.env("SystemRoot", std::env::var_os("SystemRoot").unwrap());
        command
    }

    /// Runs the binary to its end, looks for secrets in whatever it leaves, and whether what programs
    /// read is as promised.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        let mut secrets = Secrets::of(self);
        let output = self.command(arguments).output().unwrap();
        let run = Run::from(output);
        secrets.learn(self);
        secrets.assert_kept(self, arguments, &run);
        assert_promised(arguments, &run);
        run
    }

    /// Gives the home, and the command, to somebody who is not root, who may write everywhere.
    #[cfg(unix)]
    pub(crate) fn lower(&self, command: &mut Command) {
        if rustix::process::geteuid().is_root() {
            let own = format!("chown -R 65534:65534 '{}'", self.home.path().display());
            assert!(Command::new("sh").args(["-c", &own]).status().unwrap().success());
            std::os::unix::process::CommandExt::uid(command, 65534);
            std::os::unix::process::CommandExt::gid(command, 65534);
        }
    }

    /// Starts a run that waits for a person.
    pub(crate) fn start(&self, arguments: &[&str]) -> Waiting {
        Waiting::on(self.command(arguments))
    }

    /// A run of the binary by a shell that sets limits before.
    #[cfg(unix)]
    pub(crate) fn command_under(&self, limit: &str, arguments: &str) -> Command {
        let script = format!("{limit}; exec {} {arguments}", env!("CARGO_BIN_EXE_keyfob"));
        let mut command = Command::new("sh");
        command.args(["-c", &script]).env_clear().env("PATH", "/usr/bin:/bin");
        command.envs(&self.variables).current_dir(self.home.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Signs in to the sso-session, where sign-ins are approved by themselves.
    pub(crate) fn sign_in(&self) {
        self.sign_in_to(&["--sso-session", "work"]);
    }

    pub(crate) fn sign_in_to(&self, session: &[&str]) {
        let mut arguments = vec!["login", "--device-code", "--no-browser"];
        arguments.extend(session);
        let run = self.run(&arguments);
        assert_eq!(run.code, 0, "{run:?}");
    }

    pub(crate) fn approve_device(&self, url: &str) {
        let code = url.rsplit('=').next().unwrap();
        self.server.idp().lock().unwrap().approve_device(now(), code).unwrap();
    }

    #[cfg(unix)]
    pub(crate) fn deny_device(&self, url: &str) {
        let code = url.rsplit('=').next().unwrap();
        self.server.idp().lock().unwrap().deny_device(now(), code).unwrap();
    }

    /// How often an action was called, as the emulator counted.
    pub(crate) fn calls(&self, operation: &str) -> usize {
        let idp = self.server.idp();
        let idp = idp.lock().unwrap();
        idp.calls().iter().filter(|call| call.operation == operation).count()
    }

    /// The token file of session `work`.
    pub(crate) fn token_file(&self) -> PathBuf {
        let key = token_cache::CacheKey::for_session("work");
        self.path(&format!(".aws/sso/cache/{key}.json"))
    }

    pub(crate) fn token(&self) -> Value {
        read_json(&self.token_file())
    }

    /// Changes a member of the token file.
    pub(crate) fn change_token(&self, member: &str, value: &str) {
        let mut token = self.token();
        token[member] = value.into();
        fs::write(self.token_file(), token.to_string()).unwrap();
    }

    pub(crate) fn expire_token(&self) {
        self.change_token("expiresAt", "2020-01-01T00:00:00Z");
    }

    pub(crate) fn role_files(&self) -> Vec<PathBuf> {
        files(&self.path(".aws/cli/cache"))
            .into_iter()
            .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
            .collect()
    }
}

impl Waiting {
    pub(crate) fn on(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Self { child, stderr, said: String::new() }
    }

    /// Reads stderr until it has shown the page to sign in on.
    pub(crate) fn wait_for_url(&mut self) -> String {
        self.wait_for("Waiting");
        self.said
            .lines()
            .map(str::trim)
            .find(|line| line.starts_with("http") && line.contains('?'))
            .expect("a page is shown")
            .to_owned()
    }

    pub(crate) fn wait_for(&mut self, text: &str) {
        while !self.said.contains(text) {
            let read = self.stderr.read_line(&mut self.said).unwrap();
            assert!(read > 0, "it ended before {text:?}: {}", self.said);
        }
    }

    #[cfg(unix)]
    pub(crate) fn interrupt(&self) {
        self.send("INT");
    }

    #[cfg(unix)]
    pub(crate) fn send(&self, name: &str) {
        signal(&self.child, name);
    }

    pub(crate) fn finish(mut self) -> Run {
        self.stderr.read_to_string(&mut self.said).unwrap();
        Run { stderr: self.said, ..Run::of(self.child) }
    }
}

/// Waits for something that another process does.
#[cfg(unix)]
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begin = std::time::Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < std::time::Duration::from_secs(20), "{what} in vain");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

/// Sends a GET and returns the whole answer.
#[cfg(unix)]
pub(crate) fn get(url: &str) -> String {
    use std::io::Write;
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[cfg(unix)]
pub(crate) fn signal(child: &Child, name: &str) {
    let kill = format!("kill -{name} {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
}

pub(crate) fn now() -> wire::Timestamp {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    wire::Timestamp::from_unix(now.as_secs() as i64)
}

pub(crate) fn read_json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

pub(crate) fn files(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// What the access list of a file or directory comes to as a mode: whether its user may do all, and
/// nobody else anything but the system and its administrators.
#[cfg(windows)]
pub(crate) fn mode(path: &Path) -> u32 {
    use windows_permissions::constants::{SeObjectType, SecurityInformation};
    let list = windows_permissions::wrappers::GetNamedSecurityInfo(
        path,
        SeObjectType::SE_FILE_OBJECT,
        SecurityInformation::Dacl,
    );
    let list = list.unwrap().as_sddl().unwrap().into_string().unwrap();
    let is_of_system = |entry: &str| entry.ends_with(";SY") || entry.ends_with(";BA");
    let entries = list.split(['(', ')']).skip(1).filter(|entry| !entry.is_empty());
    let others: Vec<_> = entries.filter(|entry| !is_of_system(entry)).collect();
    let all = if path.is_dir() { 0o777 } else { 0o666 };
    match others[..] {
        [user] if user.contains(";FA;;;S-1-5-21-") => all & 0o700,
        _ => all,
    }
}

#[cfg(unix)]
pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}
