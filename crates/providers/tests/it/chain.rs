use std::sync::{Arc, Mutex};
use std::time::Duration;

use emulator::{Fault, FaultKind, Scenario};
use providers::{
    Caches, Clock, Context, Credentials, Error, ProviderOptions, Target, TokenCodeError,
    TokenProvider, resolve_in,
};
use shared_config::{Environment, Files, Sections};
use test_support::{Alter, Altered};
use wire::Timestamp;

use crate::support::{PROGRAM, URL, World, block_on};

pub(crate) const CONFIG: &str = "
[sso-session work]
sso_start_url = https://keyfob.awsapps.com/start
sso_region = eu-central-1
[profile sso]
sso_session = work
sso_account_id = 111122223333
sso_role_name = ReadOnly
[profile operator]
sso_session = work
sso_account_id = 111122223333
sso_role_name = Operator
[profile hub]
role_arn = arn:aws:iam::222233334444:role/Hub
source_profile = sso
duration_seconds = 7200
[profile spoke]
role_arn = arn:aws:iam::333344445555:role/Spoke
source_profile = hub
external_id = example
[profile hub-of-operator]
role_arn = arn:aws:iam::222233334444:role/Hub
source_profile = operator
duration_seconds = 7200
[profile user]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
[profile role-of-user]
role_arn = arn:aws:iam::222233334444:role/Reader
source_profile = user
[profile mfa]
role_arn = arn:aws:iam::222233334444:role/Admin
source_profile = user
mfa_serial = arn:aws:iam::111122223333:mfa/ci
[profile mfa-by-process]
role_arn = arn:aws:iam::222233334444:role/Admin
source_profile = user
mfa_serial = arn:aws:iam::111122223333:mfa/ci
mfa_process = echo 234 567
";

impl World {
    fn chain(
        &self,
        config: &str,
        profile: &str,
        options: &ProviderOptions,
    ) -> Result<Credentials, Error> {
        self.chain_in(&self.context, config, profile, options)
    }

    fn chain_in(
        &self,
        context: &Context,
        config: &str,
        profile: &str,
        options: &ProviderOptions,
    ) -> Result<Credentials, Error> {
        let files = Files::from_texts(config, "");
        let environment = Environment::from_pairs([("AWS_ENDPOINT_URL", URL)]);
        let target = Target::profile(profile);
        let identity = resolve_in(&Sections::parse(&files), &environment, &target).unwrap();
        if let Some(kept) = identity.probe(&self.caches, context.clock().now()) {
            return Ok(kept);
        }
        block_on(identity.provider_with(context, options)?.provide())
    }

    pub(crate) fn provide(&self, profile: &str) -> Result<Credentials, Error> {
        self.chain(CONFIG, profile, &ProviderOptions::default())
    }

    /// The role names that were assumed, in order.
    pub(crate) fn assumed(&self) -> Vec<(String, Option<u32>)> {
        let idp = self.emulator.idp();
        let idp = idp.lock().unwrap();
        let roles = idp.calls().iter().filter_map(|call| call.role.as_ref());
        roles
            .map(|role| {
                let name = role.role_arn.rsplit('/').next().unwrap().to_owned();
                (name, role.duration_seconds)
            })
            .collect()
    }
}

pub(crate) fn codes(codes: &[&str]) -> ProviderOptions {
    let codes = Mutex::new(codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>());
    let provider: Arc<dyn TokenProvider> = Arc::new(move |_: &str| {
        let mut codes = codes.lock().unwrap();
        if codes.is_empty() {
            return Err(TokenCodeError::new("no more codes"));
        }
        TokenCodeError::check(&codes.remove(0))
    });
    ProviderOptions::default().with_token_provider(provider)
}

#[test]
fn every_hop_is_assumed_once_and_told() {
    let world = World::new();
    let spoke = world.provide("spoke").unwrap();
    assert_eq!(world.assumed(), [("Hub".to_owned(), Some(3600)), ("Spoke".to_owned(), None)]);
    let steps: Vec<_> = spoke
        .sources
        .iter()
        .map(|source| format!("{}: {}", source.provider, source.detail))
        .collect();
    assert_eq!(
        steps,
        [
            "SSO role: ReadOnly in account 111122223333, session `work`",
            "AssumeRole: arn:aws:iam::222233334444:role/Hub",
            "AssumeRole: arn:aws:iam::333344445555:role/Spoke",
        ]
    );
    assert_eq!(spoke.account_id.as_deref(), Some("333344445555"));
    assert_eq!(world.provide("spoke").unwrap(), spoke);
    world.provide("hub").unwrap();
    assert_eq!(world.assumed().len(), 2);
    assert_eq!(world.calls("GetRoleCredentials"), 1);
}

#[test]
fn twenty_profiles_over_one_first_hop_make_one_call_for_it() {
    let world = World::new();
    let mut config = CONFIG.to_owned();
    for number in 0..20 {
        config += &format!(
            "[profile p{number}]\nsource_profile = hub\n\
             role_arn = arn:aws:iam::333344445555:role/R{number}\n"
        );
    }
    for number in 0..20 {
        world.chain(&config, &format!("p{number}"), &ProviderOptions::default()).unwrap();
    }
    let hub = world.assumed().iter().filter(|(name, _)| name == "Hub").count();
    assert_eq!((hub, world.assumed().len()), (1, 21));
}

#[test]
fn a_longer_session_of_a_chained_role_is_clamped_with_a_warning() {
    let world = World::new();
    world.provide("hub").unwrap();
    let warnings = world.notes.warnings();
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].contains("3600 seconds, not 7200"), "{warnings:?}");
    assert!(warnings[0].contains("an hour at most"), "{warnings:?}");
}

#[test]
fn two_identities_do_not_share_a_role() {
    let world = World::new();
    let one = world.provide("hub").unwrap();
    let other = world.provide("hub-of-operator").unwrap();
    assert_ne!(one.access_key_id, other.access_key_id);
    assert_eq!(world.assumed().len(), 2);
}

#[test]
fn a_cached_hop_serves_although_the_session_is_gone() {
    let world = World::new();
    let hub = world.provide("hub").unwrap();
    world.token_file().remove().unwrap();
    assert_eq!(world.provide("hub").unwrap(), hub);
    let error = world.provide("hub-of-operator").unwrap_err();
    assert!(matches!(error, Error::InvalidToken { .. }), "{error}");
}

#[test]
fn a_role_that_is_refused_is_not_served_from_the_cache() {
    let world = World::with(
        Scenario::from_toml(
            "[[iam_roles]]\narn = \"arn:aws:iam::222233334444:role/Hub\"\n\
             trusted = [\"arn:aws:sts::111122223333:\"]\n",
        )
        .unwrap(),
    );
    world.provide("hub").unwrap();
    let error = world.provide("spoke").unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot assume arn:aws:iam::333344445555:role/Spoke at 127.0.0.1"
    );
    assert!(error.is_final());
}

#[test]
fn a_code_is_asked_for_once_and_sent_once() {
    let world = World::new();
    let error = world.provide("mfa").unwrap_err();
    assert!(matches!(error, Error::MfaRequired { .. }), "{error}");
    assert_eq!(world.assumed(), []);
    let options = codes(&["123456"]);
    let first = world.chain(CONFIG, "mfa", &options).unwrap();
    assert_eq!(world.provide("mfa").unwrap(), first);
    assert_eq!(world.assumed().len(), 1);
    let again = options.with_force_refresh(true);
    world.emulator.advance(Duration::from_secs(3601));
    let error = world.chain(CONFIG, "mfa", &again).unwrap_err();
    assert!(error.to_string().ends_with("no more codes"), "{error}");
    assert_eq!(world.assumed().len(), 1);
}

#[test]
fn a_wrong_clock_is_corrected_once_but_not_with_a_code() {
    struct Ahead(Arc<dyn Clock>);
    impl Alter for Ahead {
        fn right(&self) -> &dyn Clock {
            &*self.0
        }

        fn now(&self) -> Timestamp {
            self.0.now() + Duration::from_secs(1200)
        }
    }
    let world = World::new();
    let wrong = || {
        let (clock, transport) = (world.clock.clone(), Arc::new(world.emulator.clone()));
        Context::new(PROGRAM, Arc::new(Altered(Ahead(clock))), transport, world.caches.clone())
            .with_log(world.notes.clone())
    };
    world.chain_in(&wrong(), CONFIG, "role-of-user", &ProviderOptions::default()).unwrap();
    assert_eq!(world.assumed().len(), 2);
    let warnings = world.notes.warnings();
    assert_eq!(warnings, ["the clock of this machine is 20 minutes ahead; set it right"]);
    let error = world.chain_in(&wrong(), CONFIG, "mfa", &codes(&["123456"])).unwrap_err();
    assert!(matches!(error, Error::AssumeRole { .. }), "{error}");
    assert_eq!(world.assumed().len(), 3);
    // What is refused for another reason would be refused again.
    let fault = Fault::new("AssumeRole", FaultKind::Forbidden);
    world.emulator.idp().lock().unwrap().set_faults(&[fault]);
    let before = world.calls("AssumeRole");
    let config = CONFIG.replace("role/Reader", "role/Other");
    world.chain_in(&wrong(), &config, "role-of-user", &ProviderOptions::default()).unwrap_err();
    assert_eq!(world.calls("AssumeRole"), before + 1);
}

#[test]
fn a_token_file_is_read_anew_and_without_its_line_end() {
    let world = World::new();
    let token = world.home.path().join("token");
    std::fs::write(&token, "first\n").unwrap();
    let config = format!(
        "[profile web]\nrole_arn = arn:aws:iam::222233334444:role/Web\n\
         web_identity_token_file = {}\n",
        token.display()
    );
    let options = ProviderOptions::default();
    let web = world.chain(&config, "web", &options).unwrap();
    assert_eq!(world.chain(&config, "web", &options).unwrap(), web);
    assert_eq!(world.calls("AssumeRoleWithWebIdentity"), 1);
    world.emulator.advance(Duration::from_secs(3601));
    std::fs::write(&token, "expired\n").unwrap();
    let error = world.chain(&config, "web", &options).unwrap_err();
    assert!(matches!(error, Error::AssumeRole { .. }), "{error}");
    std::fs::write(&token, " \n").unwrap();
    let error = world.chain(&config, "web", &options).unwrap_err();
    assert!(matches!(error, Error::TokenFile { .. }), "{error}");
}

#[test]
fn whoever_signs_out_leaves_no_role_behind() {
    let world = World::new();
    world.provide("spoke").unwrap();
    let files = |caches: &Caches| caches.assumed_roles.files().unwrap().len();
    assert_eq!(files(&world.caches), 2);
    let found = providers::cached_files(&world.session, &[], &world.caches);
    assert_eq!(found.len(), 3);
    world.chain(CONFIG, "mfa", &codes(&["123456"])).unwrap();
    assert_eq!(providers::cached_files(&world.session, &[], &world.caches).len(), 3);
}
