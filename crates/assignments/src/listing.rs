use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use providers::{AccessToken, Caches, Context, Error, Service, Session, SsoToken};
use sso_proto::{ListAccountRoles, ListAccounts};
use token_cache::{CacheFile, CacheKey, Locking};
use wire::Timestamp;

use crate::index::is_known;
use crate::limiter::Limiter;
use crate::paced::Paced;
use crate::{Account, Assigned, Index, Portal};

/// The largest index that is read, in bytes. 10 000 accounts of 3 roles have about 2 MB.
const MAX_INDEX: u64 = 64 << 20;

/// How many requests are under way at a time: enough for the quota with answers that take 0.8 s.
const IN_FLIGHT: usize = 16;

/// How often a request is repeated that brought no answer or a failure of the server. One that is
/// throttled is repeated without end.
const REPEATS: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// How many accounts may fail before the others are given up.
const FAILURES: usize = 5;

/// Lists accounts and roles, and keeps them.
pub struct Listing {
    /// With a transport that keeps the pace.
    context: Context,
    token: SsoToken,
    file: CacheFile,
    /// Whether it was told that the listing cannot be kept.
    told_unkept: AtomicBool,
}

/// What is wanted.
#[derive(Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "a question, built by literal")]
pub struct Request<'r> {
    /// Which accounts.
    pub accounts: &'r dyn Fn(&Account) -> bool,
    /// Whether everything is listed anew.
    pub renew: bool,
    /// Whether their roles are wanted, too.
    pub roles: bool,
}

/// What happens meanwhile.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'e> {
    /// An account that was wanted is known.
    #[non_exhaustive]
    Known {
        /// The account.
        assigned: &'e Assigned,
    },
    /// So many of the accounts that are wanted are known.
    #[non_exhaustive]
    Progress {
        /// Those that are known.
        done: usize,
        /// All.
        total: usize,
    },
    /// Another process is listing the same; its result will serve.
    Waiting,
}

/// Where events go.
type Watch<'w> = &'w mut dyn FnMut(Event<'_>);

impl Listing {
    /// Lists with the token of a session.
    pub fn new(context: &Context, session: &Session, caches: &Caches) -> Self {
        let token = SsoToken::new(context.clone(), session.clone(), &caches.sso);
        let token = token.with_portal_ahead();
        // One quota for each portal, whatever the sessions are called.
        let portal = caches.listings.file(&CacheKey::for_start_url(&session.start_url));
        let mut context = context.clone();
        context.transport = Arc::new(Paced {
            transport: Arc::clone(&context.transport),
            clock: Arc::clone(&context.clock),
            limiter: Limiter::new(portal.beside("pace")),
        });
        let file = caches.listings.file(&session.cache_key());
        Self { context, token, file, told_unkept: AtomicBool::new(false) }
    }

    /// Answers from the index where that is young enough, else asks the portal.
    ///
    /// The events tell every account as soon as it is known. What was listed is kept also where the
    /// listing fails or is dropped; the next one goes on there.
    ///
    /// # Errors
    /// [`Error::InvalidToken`] where only a sign-in helps, [`Error::Call`] where the portal fails
    /// for good. Where it cannot be reached, an older index answers, and the log is warned.
    pub async fn list(
        &self,
        request: &Request<'_>,
        watch: Watch<'_>,
    ) -> Result<Vec<Assigned>, Error> {
        let asked_at = self.context.clock.now();
        if !request.renew
            && let Ok(index) = self.load()
            && answers(&index, request, asked_at)
        {
            return Ok(tell(&index, request, &BTreeSet::new(), watch));
        }
        let _lock = match self.file.try_lock() {
            Locking::Held(lock) => Some(lock),
            Locking::Unsupported => None,
            Locking::Busy => {
                watch(Event::Waiting);
                providers::lock(&self.file, &self.context).await?
            }
        };
        let mut index = self.load().unwrap_or_else(|reason| {
            self.context.log.warn(&format!("the index is made anew: {reason}"));
            Index::default()
        });
        let renewed = index.completed_at().is_some_and(|at| at > asked_at);
        if (!request.renew || renewed) && answers(&index, request, self.context.clock.now()) {
            return Ok(tell(&index, request, &BTreeSet::new(), watch));
        }
        let mut told = BTreeSet::new();
        let result = self.ask(&mut index, request, &mut told, watch).await;
        if let Err(error) = result {
            let since = index.listed_at().filter(|_| !request.renew && !error.is_final());
            let knows = wanted(&index, request).all(|one| !request.roles || one.roles.is_some());
            let Some(since) = since.filter(|_| knows) else { return Err(error) };
            self.context.log.warn(&format!("answering as of {since}: {}", causes(&error)));
        }
        Ok(tell(&index, request, &told, watch))
    }

    /// Asks the portal for what the index does not know.
    async fn ask(
        &self,
        index: &mut Index,
        request: &Request<'_>,
        told: &mut BTreeSet<String>,
        watch: Watch<'_>,
    ) -> Result<(), Error> {
        let begun_at = self.context.clock.now();
        let accounts = self.accounts().await?;
        index.set_accounts(accounts, begun_at);
        self.keep(index);
        if !request.roles {
            return Ok(());
        }
        let (known, due): (Vec<&Assigned>, Vec<&Assigned>) =
            wanted(index, request).partition(|one| !request.renew && is_known(one, begun_at));
        let due: Vec<String> = due.into_iter().map(|one| one.account.account_id.clone()).collect();
        let total = known.len() + due.len();
        for assigned in known {
            watch(Event::Known { assigned });
            told.insert(assigned.account.account_id.clone());
        }
        watch(Event::Progress { done: told.len(), total });

        let mut failures = Vec::new();
        let stop = Cell::new(false);
        let stop = &stop;
        let answers = stream::iter(due).map(|id| async move {
            if stop.get() {
                return None;
            }
            let answer = self.roles_of(&id).await;
            Some((id, answer))
        });
        let mut answers = std::pin::pin!(answers.buffer_unordered(IN_FLIGHT));
        while let Some(answer) = answers.next().await {
            match answer {
                Some((id, Ok(Some(role_names)))) => {
                    index.set_roles(&id, role_names, self.context.clock.now());
                    let Some(assigned) = index.account(&id) else { continue };
                    self.add(assigned);
                    watch(Event::Known { assigned });
                    told.insert(id);
                    watch(Event::Progress { done: told.len(), total });
                }
                Some((id, Ok(None))) => index.remove(&id),
                Some((_, Err(error))) => {
                    stop.set(error.is_final() || failures.len() + 1 >= FAILURES);
                    failures.push(error);
                }
                None => {}
            }
        }
        if let Some(error) = failures.into_iter().next() {
            return Err(error);
        }
        index.complete(self.context.clock.now());
        self.keep(index);
        Ok(())
    }

    async fn accounts(&self) -> Result<Vec<Account>, Error> {
        let mut accounts = Vec::new();
        let mut next_token = None;
        loop {
            let asked = &next_token;
            let (page, next) = self
                .persist(|token| async move {
                    let operation = ListAccounts {
                        next_token: asked.clone(),
                        ..ListAccounts::all(&token.token)
                    };
                    let (name, portal) = ("ListAccounts", self.portal_of(&token)?);
                    let page = self.context.call(&operation, &portal).await;
                    let failed = |source| Error::call(name, &portal, source);
                    let page = page.map_err(failed)?;
                    let next = operation.next(&page).map_err(|error| failed(error.into()))?;
                    Ok((page.account_list, next.and_then(|operation| operation.next_token)))
                })
                .await?;
            accounts.extend(page.into_iter().map(Account::from));
            match next {
                Some(next) => next_token = Some(next),
                None => return Ok(accounts),
            }
        }
    }

    /// Lists the roles of an account: none where they must not be known, `None` where there is no
    /// such account any more.
    async fn roles_of(&self, account_id: &str) -> Result<Option<Vec<String>>, Error> {
        let mut role_names = Vec::new();
        let mut next_token = None;
        loop {
            let asked = &next_token;
            let answer = self
                .persist(|token| async move {
                    let operation = ListAccountRoles {
                        next_token: asked.clone(),
                        ..ListAccountRoles::all(&token.token, account_id)
                    };
                    let (name, portal) = ("ListAccountRoles", self.portal_of(&token)?);
                    let page = self.context.call(&operation, &portal).await;
                    let failed = |source| Error::call(name, &portal, source);
                    let page = page.map_err(failed)?;
                    let next = operation.next(&page).map_err(|error| failed(error.into()))?;
                    Ok((page.role_list, next.and_then(|operation| operation.next_token)))
                })
                .await;
            let (page, next) = match answer {
                Err(error) if status(&error) == Some(403) => return Ok(Some(Vec::new())),
                Err(error) if status(&error) == Some(404) => return Ok(None),
                answer => answer?,
            };
            role_names.extend(page.into_iter().map(|role| role.role_name));
            match next {
                Some(next) => next_token = Some(next),
                None => return Ok(Some(role_names)),
            }
        }
    }

    fn portal_of(&self, token: &AccessToken) -> Result<http::Uri, Error> {
        Ok(self.context.endpoints.of(Service::Sso, &token.region)?)
    }

    /// Makes a call until it succeeds or fails for good. Being throttled is neither.
    async fn persist<T, F>(&self, call: impl Fn(AccessToken) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let mut repeats = 0;
        loop {
            let error = match self.token.authorize(&call).await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            if status(&error) == Some(429) {
                continue; // the limiter makes it wait
            }
            if error.is_final() || repeats == REPEATS {
                return Err(error);
            }
            self.context.clock.sleep(FIRST_PAUSE * 2_u32.pow(repeats)).await;
            repeats += 1;
        }
    }

    /// Reads the index, an empty one where there is none.
    fn load(&self) -> Result<Index, String> {
        let path = self.file.path().display();
        match self.file.load_at_most(MAX_INDEX) {
            Ok(None) => Ok(Index::default()),
            Ok(Some(bytes)) => Index::from_slice(&bytes, self.portal())
                .map_err(|damaged| format!("{path}:{}: damaged", damaged.line)),
            Err(error) => Err(format!("{path}: {error}")),
        }
    }

    fn keep(&self, index: &Index) {
        let kept = self.file.replace(&index.to_vec(self.portal()));
        if let Err(error) = kept
            && !self.told_unkept.swap(true, Ordering::Relaxed)
        {
            let path = self.file.path().display();
            self.context.log.warn(&format!("the listing is not kept, {path}: {error}"));
        }
    }

    fn add(&self, assigned: &Assigned) {
        // That it cannot be kept was told before, where the directory is at fault.
        let _ = self.file.append(&Index::roles_record(assigned));
    }

    fn portal(&self) -> Portal<'_> {
        let session = self.token.session();
        Portal { start_url: &session.start_url, region: &session.region }
    }
}

/// Whether the index answers without the network.
fn answers(index: &Index, request: &Request<'_>, now: Timestamp) -> bool {
    index.is_fresh(now) && wanted(index, request).all(|one| !request.roles || is_known(one, now))
}

fn wanted<'i>(
    index: &'i Index,
    request: &Request<'i>,
) -> impl Iterator<Item = &'i Assigned> + use<'i> {
    let accounts = request.accounts;
    index.assigned().iter().filter(move |one| accounts(&one.account))
}

/// Tells what was not told yet; returns everything.
fn tell(
    index: &Index,
    request: &Request<'_>,
    told: &BTreeSet<String>,
    watch: Watch<'_>,
) -> Vec<Assigned> {
    let all: Vec<Assigned> =
        index.assigned().iter().filter(|one| (request.accounts)(&one.account)).cloned().collect();
    for assigned in all.iter().filter(|one| !told.contains(&one.account.account_id)) {
        watch(Event::Known { assigned });
    }
    all
}

fn status(error: &Error) -> Option<u16> {
    match error {
        Error::Call { source, .. } => source.service().map(|error| error.status),
        _ => None,
    }
}

fn causes(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text += &format!(": {cause}");
        source = cause.source();
    }
    text
}
