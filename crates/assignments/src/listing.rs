use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use providers::{Caches, Context, Error, Session, SsoToken};
use token_cache::CacheFile;
use wire::Timestamp;

use crate::calls::Calls;
use crate::index::is_known;
use crate::known::{MAX_INDEX, answers, known_since, wanted};
use crate::paced::paced;
use crate::{Assigned, AssignedAccount, Changes, Index, Portal, former};

/// How many requests are under way at a time: enough for the quota with answers that take 0.8 s.
const IN_FLIGHT: usize = 16;

/// How long another listing is waited for between two looks at what it has found, and how many of
/// them are made, an hour of them.
const LOOK: Duration = Duration::from_millis(500);
const LOOKS: u32 = 7200;

/// How many accounts may fail before the others are given up.
const FAILURES: usize = 5;

/// Lists accounts and roles, and keeps them.
#[derive(Debug)]
pub struct Listing {
    calls: Calls,
    file: CacheFile,
    /// The listing before.
    former: CacheFile,
    /// Whether the listing could not be kept, which is told once.
    is_unkept: AtomicBool,
}

/// What is wanted.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Request<'r> {
    /// Which accounts.
    pub accounts: &'r dyn Fn(&AssignedAccount) -> bool,
    /// Whether everything is listed anew.
    pub renew: bool,
    /// Whether their roles are wanted, too.
    pub roles: bool,
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { renew, roles, .. } = self;
        f.debug_struct("Request")
            .field("renew", renew)
            .field("roles", roles)
            .finish_non_exhaustive()
    }
}

impl<'r> Request<'r> {
    /// Wants all accounts with their roles, as they are known where that is young enough.
    pub const fn all() -> Self {
        Self { accounts: &|_| true, renew: false, roles: true }
    }

    /// Wants these accounts only.
    #[must_use]
    pub const fn with_accounts(self, accounts: &'r dyn Fn(&AssignedAccount) -> bool) -> Self {
        Self { accounts, ..self }
    }

    /// Wants everything listed anew, or not.
    #[must_use]
    pub const fn with_renew(self, renew: bool) -> Self {
        Self { renew, ..self }
    }

    /// Wants the roles, too, or not.
    #[must_use]
    pub const fn with_roles(self, roles: bool) -> Self {
        Self { roles, ..self }
    }
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
    /// The roles of an account could not be listed, of which the log is warned, too; those of an
    /// older listing stay.
    #[non_exhaustive]
    Failed {
        /// The account.
        account_id: &'e str,
        /// Why.
        error: &'e Error,
    },
    /// Another process is listing the same; its result will serve.
    Waiting,
}

/// Where events go.
type Watch<'w> = &'w mut dyn FnMut(Event<'_>);

impl Listing {
    /// Lists with the token of a session.
    pub fn new(context: &Context, session: &Session) -> Self {
        let caches = context.caches();
        let token = SsoToken::new(context.clone(), session.clone());
        let token = token.with_portal_ahead();
        let file = caches.listings.file(&session.cache_key());
        let former = caches.former_listing(session);
        let context = paced(context, session);
        Self { calls: Calls { context, token }, file, former, is_unkept: AtomicBool::new(false) }
    }

    /// Returns what changed since the complete listing before the last one that was different, or
    /// since the first one; `None` where there are no two.
    pub fn changes(session: &Session, caches: &Caches) -> Option<Changes> {
        former::changes(session, caches)
    }

    /// Answers from the index where that is young enough, else asks the portal.
    ///
    /// The events tell every account as soon as it is known. What was listed is kept also where the
    /// listing fails or is dropped; the next one goes on there.
    ///
    /// # Errors
    /// [`Error::InvalidToken`] where only a sign-in helps, [`Error::Call`] where the portal fails
    /// for good. Where it cannot be reached, an older index answers, and the log is warned.
    ///
    /// # Cancel safety
    /// The future may be dropped at any moment; see above.
    pub async fn list(
        &self,
        request: &Request<'_>,
        watch: Watch<'_>,
    ) -> Result<Vec<Assigned>, Error> {
        let context = &self.calls.context;
        let now = || context.clock().now();
        let asked_at = now();
        let nothing_told = BTreeSet::new();
        // Who wants everything anew is content with what another listing finds from now on.
        let mut since = request.renew.then_some(asked_at + Duration::from_secs(1));
        let brief = context.clone().with_patience(LOOK);
        let mut looks = 0;
        let _lock = loop {
            // What is wanted may be known long before the other listing ends.
            if let Ok(index) = self.load()
                && answers(&index, request, since, now())
            {
                return Ok(tell(index, request, &nothing_told, watch));
            }
            match brief.lock(&self.file).await {
                Ok(lock) => break lock,
                Err(busy) if looks == LOOKS => return Err(busy),
                Err(_) if looks == 0 => {
                    watch(Event::Waiting);
                    since = request.renew.then_some(asked_at);
                }
                Err(_) => {}
            }
            looks += 1;
        };
        let mut index = self.load().unwrap_or_else(|reason| {
            context.log().warn(&format!("the index is made anew: {reason}"));
            Index::default()
        });
        if answers(&index, request, since, now()) {
            return Ok(tell(index, request, &nothing_told, watch));
        }
        let mut told = BTreeSet::new();
        if let Err(error) = self.ask(&mut index, request, since, &mut told, watch).await {
            let known_since = known_since(&index, request);
            let known_since = known_since.filter(|_| !request.renew && !error.is_final());
            let Some(known_since) = known_since else { return Err(error) };
            context.log().warn(&format!("answering as of {known_since}: {}", causes(&error)));
        }
        Ok(tell(index, request, &told, watch))
    }

    /// Asks the portal for what the index does not know.
    async fn ask(
        &self,
        index: &mut Index,
        request: &Request<'_>,
        since: Option<Timestamp>,
        told: &mut BTreeSet<String>,
        watch: Watch<'_>,
    ) -> Result<(), Error> {
        let begun_at = self.calls.context.clock().now();
        let mut accounts = Vec::new();
        let each = |account: AssignedAccount| {
            if !request.roles && (request.accounts)(&account) {
                told.insert(account.account_id.clone());
                watch(Event::Known {
                    assigned: &Assigned { account: account.clone(), roles: None },
                });
            }
            accounts.push(account);
        };
        self.calls.accounts(each).await?;
        index.set_accounts(accounts, begun_at);
        self.keep(index);
        if request.roles {
            self.ask_roles(index, request, since, told, watch).await?;
        }
        Ok(())
    }

    /// Asks for the roles of the accounts that are due.
    async fn ask_roles(
        &self,
        index: &mut Index,
        request: &Request<'_>,
        since: Option<Timestamp>,
        told: &mut BTreeSet<String>,
        watch: Watch<'_>,
    ) -> Result<(), Error> {
        let now = || self.calls.context.clock().now();
        let begun_at = now();
        let (known, due): (Vec<&Assigned>, Vec<&Assigned>) =
            wanted(index, request).partition(|one| is_known(one, since, begun_at));
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
            let answer = self.calls.roles_of(&id).await;
            Some((id, answer))
        });
        let mut answers = std::pin::pin!(answers.buffer_unordered(IN_FLIGHT));
        while let Some(answer) = answers.next().await {
            match answer {
                Some((id, Ok(Some(role_names)))) => {
                    index.set_roles(&id, role_names, now());
                    let Some(assigned) = index.account(&id) else { continue };
                    self.add(assigned);
                    watch(Event::Known { assigned });
                    told.insert(id);
                    watch(Event::Progress { done: told.len(), total });
                }
                Some((id, Ok(None))) => index.remove(&id),
                Some((id, Err(error))) => {
                    stop.set(stop.get() || error.is_final() || failures.len() + 1 == FAILURES);
                    failures.push((id, error));
                }
                None => {}
            }
        }
        if stop.get() {
            let errors = failures.into_iter().map(|(_, error)| error);
            return errors.max_by_key(Error::is_final).map_or(Ok(()), Err);
        }
        for (account_id, error) in &failures {
            let text = format!("the roles of {account_id} were not listed: {}", causes(error));
            self.calls.context.log().warn(&text);
            watch(Event::Failed { account_id, error });
        }
        let ended_at = now();
        if failures.is_empty() && index.complete(ended_at) {
            self.note(former::keep(&self.former, self.portal(), index, ended_at));
        }
        self.keep(index);
        Ok(())
    }

    /// Reads the index, an empty one where there is none.
    fn load(&self) -> Result<Index, String> {
        let path = self.file.path().display();
        match self.file.load_at_most(MAX_INDEX) {
            Ok(None) => Ok(Index::default()),
            Ok(Some(bytes)) => {
                self.calls.context.log().debug(&format!("read {path}"));
                Index::from_slice(&bytes, self.portal())
                    .map_err(|damaged| format!("{path}:{}: damaged", damaged.line))
            }
            Err(error) => Err(format!("{path}: {error}")),
        }
    }

    /// Whether what was listed is kept for the next listing.
    pub fn is_kept(&self) -> bool {
        !self.is_unkept.load(Ordering::Relaxed)
    }

    fn keep(&self, index: &Index) {
        self.note(self.file.replace(&index.to_vec(self.portal())));
        if self.is_kept() {
            self.calls.context.log().debug(&format!("wrote {}", self.file.path().display()));
        }
    }

    fn add(&self, assigned: &Assigned) {
        self.note(self.file.append(&Index::roles_record(assigned)));
    }

    fn note(&self, kept: io::Result<()>) {
        if let Err(error) = kept
            && !self.is_unkept.swap(true, Ordering::Relaxed)
        {
            let path = self.file.path().display();
            self.calls.context.log().warn(&format!("the listing is not kept, {path}: {error}"));
        }
    }

    fn portal(&self) -> Portal<'_> {
        let session = self.calls.token.session();
        Portal { start_url: &session.start_url, region: &session.region }
    }
}

/// Tells what was not told yet; returns everything.
pub(crate) fn tell(
    index: Index,
    request: &Request<'_>,
    told: &BTreeSet<String>,
    watch: Watch<'_>,
) -> Vec<Assigned> {
    let mut all = index.into_assigned();
    all.retain(|one| (request.accounts)(&one.account));
    for assigned in all.iter().filter(|one| !told.contains(&one.account.account_id)) {
        watch(Event::Known { assigned });
    }
    all
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
