//! What both programs need: a context from the environment, and for their tests a home with a
//! sign-in to the emulator.

use std::sync::Arc;
use std::time::Duration;

use providers::{Clock, Context, Credentials, Endpoints, Sleep, Work};
use shared_config::{Environment, Locations};
use wire::Timestamp;

pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// The wall clock.
struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "a program of its own reads the clock itself")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let seconds = since.map_or(0, |since| since.as_secs());
        Timestamp::from_unix(i64::try_from(seconds).unwrap_or(i64::MAX))
    }

    #[expect(clippy::disallowed_methods, reason = "a program of its own reads the clock itself")]
    fn elapsed(&self) -> Duration {
        static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
        START.get_or_init(std::time::Instant::now).elapsed()
    }

    fn sleep(&self, span: Duration) -> Sleep<'_> {
        Box::pin(tokio::time::sleep(span))
    }

    fn spawn(&self, work: Work) {
        tokio::spawn(work);
    }
}

/// Takes everything from the environment of the process.
#[expect(clippy::disallowed_methods, reason = "a program of its own reads its environment")]
pub(crate) fn from_environment() -> Result<(Locations, Context)> {
    let environment = Environment::new(std::env::vars_os());
    let locations = Locations::from_env(&environment)?;
    let transport = transport::Hyper::new(transport::Config::default());
    let endpoints = Endpoints::resolve(&environment, None);
    Ok((locations, Context::new(Arc::new(SystemClock), Arc::new(transport), endpoints)))
}

pub(crate) fn block_on<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(future)
}

#[expect(clippy::print_stdout, reason = "the point of the examples")]
pub(crate) fn show(credentials: &Credentials) {
    println!("{credentials:?}"); // secrets do not show
}

#[cfg(test)]
pub(crate) use tests::SignedIn;

#[cfg(test)]
mod tests {
    use super::*;
    use providers::{Caches, Session};
    use token_cache::Flow;

    /// A home with a config and a sign-in to an emulator in this process.
    pub(crate) struct SignedIn {
        _home: tempfile::TempDir,
        pub(crate) locations: Locations,
        pub(crate) context: Context,
        emulator: emulator::InProcess,
        pub(crate) session: Session,
    }

    struct Nobody;

    impl login::Ui for Nobody {
        fn show(&self, _: &login::Page<'_>) {}
    }

    impl SignedIn {
        pub(crate) fn new() -> Self {
            let mut scenario = emulator::Scenario::default();
            scenario.approval = emulator::Approval::Automatic;
            scenario.approve_after_polls = 0;
            let session = Session::named("work", &scenario.start_urls[0], &scenario.region);
            let emulator =
                emulator::InProcess::new(emulator::Idp::new(scenario), SystemClock.now());
            let endpoints = Endpoints::all_at("http://127.0.0.1");
            let context =
                Context::new(Arc::new(SystemClock), Arc::new(emulator.clone()), endpoints);
            let home = tempfile::tempdir().unwrap();
            std::fs::create_dir(home.path().join(".aws")).unwrap();
            let config = format!(
                "[sso-session work]\nsso_start_url = {}\nsso_region = {}\n\
                 [profile dev]\nsso_session = work\nsso_account_id = 111122223333\n\
                 sso_role_name = ReadOnly\n",
                session.start_url, session.region
            );
            #[expect(clippy::disallowed_methods, reason = "a file of the test's own")]
            std::fs::write(home.path().join(".aws/config"), config).unwrap();
            let variables = [("HOME", home.path().to_str().unwrap())];
            let locations = Locations::from_env(&Environment::from_pairs(variables)).unwrap();
            let signed_in = Self { _home: home, locations, context, emulator, session };
            signed_in.sign_in(&signed_in.session);
            signed_in
        }

        pub(crate) fn calls(&self, operation: &str) -> usize {
            let idp = self.emulator.idp();
            let idp = idp.lock().unwrap();
            idp.calls().iter().filter(|call| call.operation == operation).count()
        }

        pub(crate) fn sign_in(&self, session: &Session) {
            let login = login::Login {
                context: &self.context,
                session,
                caches: Caches::new(&self.locations, &Environment::default()),
                known_roles: &[],
                ui: &Nobody,
            };
            block_on(async { Ok(login.run(Flow::DeviceCode).await?) }).unwrap();
        }
    }
}
