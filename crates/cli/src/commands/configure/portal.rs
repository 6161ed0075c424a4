//! What the access portal answers to who configures a profile.

use std::sync::Arc;
use std::time::Duration;

use assignments::{Assigned, AssignedAccount, Event, Listing, Request};
use login::{Browser, choose};
use providers::{Context, Network, Session, SsoToken};

use crate::env::World;
use crate::exit::{Exit, Failure};
use crate::labels::Labels;
use crate::listing::say_that_it_waits;
use crate::log::StderrLog;
use crate::sessions::Configured;
use crate::sign_in::{Outcome, login, sign_in};
use crate::ui::Terminal;
use crate::{nearest, net, prompt};

/// How long the sign-in of another process is waited for: as long as a code is good.
const PATIENCE: Duration = Duration::from_secs(600);

/// The portal of a session, for one person.
pub(super) struct Portal<'a> {
    world: &'a World,
    session: &'a Session,
    context: Context,
    device_code: bool,
    no_browser: bool,
}

/// A role that is assigned.
pub(super) struct ChosenRole {
    pub(super) account: AssignedAccount,
    pub(super) role_name: String,
}

impl<'a> Portal<'a> {
    pub(super) fn new(world: &'a World, session: &'a Session) -> Result<Self, Failure> {
        let network = Network::resolve(&world.environment, None);
        let context = net::context(world, &network, Arc::new(StderrLog::default()))?;
        Ok(Self { world, session, context, device_code: false, no_browser: false })
    }

    /// Says how a person signs in where that is needed.
    pub(super) fn with_sign_in(self, device_code: bool, no_browser: bool) -> Self {
        Self { device_code, no_browser, ..self }
    }

    /// Signs in where there is no token of the session; one that another process makes will do.
    pub(super) async fn sign_in_if_needed(&self) -> Result<(), Failure> {
        if self.is_signed_in().await? {
            return Ok(());
        }
        let context = self.context.clone().with_patience(PATIENCE);
        let _alone = Outcome::of(self.world, self.session).alone(&context, self.session).await?;
        if self.is_signed_in().await? {
            return Ok(());
        }
        self.sign_in().await
    }

    async fn is_signed_in(&self) -> Result<bool, Failure> {
        let provider = SsoToken::new(self.context.clone(), self.session.clone());
        match provider.token().await {
            Err(providers::Error::InvalidToken { .. }) => Ok(false),
            result => Ok(result.map(|_| true)?),
        }
    }

    /// Signs in.
    pub(super) async fn sign_in(&self) -> Result<(), Failure> {
        let configured = Configured::from(self.session.clone());
        let environment = &self.world.environment;
        let browser = Browser::of(environment).filter(|_| !self.no_browser);
        let ui = Terminal { browser };
        let login = login(&configured, &self.context, &ui);
        sign_in(&login, choose(self.session, self.device_code, environment)).await.map(drop)
    }

    /// Lets the person choose an account and a role of those that the server lists; what is given
    /// must be among them.
    pub(super) async fn choose_role(
        &self,
        account_id: Option<String>,
        role_name: Option<String>,
    ) -> Result<ChosenRole, Failure> {
        self.sign_in_if_needed().await?;
        let account_id = match account_id {
            Some(account_id) => account_id,
            None => self.choose_account().await?,
        };
        let is_chosen = |account: &AssignedAccount| account.account_id == account_id;
        let request = Request::all().with_accounts(&is_chosen);
        let has_role = |one: &Assigned| match &role_name {
            Some(name) => one.role_names().contains(name),
            None => !one.role_names().is_empty(),
        };
        let mut chosen = self.list(&request).await?;
        if !chosen.iter().any(has_role) {
            // It may have been assigned since.
            chosen = self.list(&request.with_renew(true)).await?;
        }
        let chosen = chosen.into_iter().next().filter(|one| !one.role_names().is_empty());
        let Some(chosen) = chosen else {
            let error = format!("no role in account {account_id} is assigned to you");
            return Err(Failure::new(Exit::Refused, error));
        };
        let names = chosen.role_names();
        let role_name = match role_name {
            Some(name) if names.contains(&name) => name,
            Some(name) => {
                let error =
                    format!("the role {name} in account {account_id} is not assigned to you");
                let near = nearest::of(&name, names.iter().map(String::as_str));
                let hint = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("there are {}", names.join(", ")),
                };
                return Err(Failure::new(Exit::Refused, error).with_hint(hint));
            }
            None => {
                let index = prompt::choose("Role:", names.to_vec()).await?;
                names.get(index).cloned().unwrap_or_default()
            }
        };
        Ok(ChosenRole { account: chosen.account, role_name })
    }

    async fn choose_account(&self) -> Result<String, Failure> {
        let accounts = self.list(&Request::all().with_roles(false)).await?;
        let line =
            |AssignedAccount { account_id, account_name, email_address }: &AssignedAccount| {
                let text = |text: &Option<String>| text.clone().unwrap_or_default();
                format!("{account_id}  {}  {}", text(account_name), text(email_address))
            };
        let lines = accounts.iter().map(|assigned| line(&assigned.account)).collect();
        let index = prompt::choose("Account:", lines).await?;
        let chosen = accounts.into_iter().nth(index);
        Ok(chosen.map(|assigned| assigned.account.account_id).unwrap_or_default())
    }

    async fn list(&self, request: &Request<'_>) -> Result<Vec<Assigned>, Failure> {
        let listing = Listing::new(&self.context, self.session);
        let mut watch = |event: Event<'_>| say_that_it_waits(&event, self.session);
        let mut all = listing.list(request, &mut watch).await?;
        Labels::load(self.world)?.rename(&mut all);
        Ok(all)
    }
}
