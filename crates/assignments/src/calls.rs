use std::time::Duration;

use http::Uri;
use providers::{AccessToken, Clock, Context, Error, Service, SsoToken};
use sso_proto::{ListAccountRoles, ListAccounts};
use wire::{CallError, DecodeError, ServiceError};

use crate::AssignedAccount;

const LIST_ACCOUNTS: &str = "ListAccounts";
const LIST_ACCOUNT_ROLES: &str = "ListAccountRoles";
const GET_ROLE_CREDENTIALS: &str = "GetRoleCredentials";

/// How often a request is repeated that brought no answer or a failure of the server, and until when
/// a repetition begins. One that is throttled is repeated without end.
const REPEATS: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const WINDOW: Duration = Duration::from_secs(20);

/// The most pages of one list: 100 000 entries.
const MAX_PAGES: u32 = 1000;

/// The calls that list, each of them with all its pages.
#[derive(Debug)]
pub(crate) struct Calls {
    /// With a transport that keeps the pace.
    pub(crate) context: Context,
    pub(crate) token: SsoToken,
}

impl Calls {
    /// Lists the accounts, and hands them over page by page.
    pub(crate) async fn accounts(
        &self,
        mut each: impl FnMut(AssignedAccount),
    ) -> Result<(), Error> {
        let read = |token: AccessToken, portal: Uri, next_token| async move {
            let operation = ListAccounts { next_token, ..ListAccounts::first_page(&token.token) };
            let page = self.context.call(&operation, &portal).await?;
            let next = operation.next(&page)?.and_then(|operation| operation.next_token);
            Ok((page.account_list, next))
        };
        let take = |page: Vec<sso_proto::Account>| {
            page.into_iter().map(AssignedAccount::from).for_each(&mut each);
        };
        self.pages(LIST_ACCOUNTS, read, take).await
    }

    /// Lists the roles of an account: none where they must not be known, `None` where there is no
    /// such account any more.
    pub(crate) async fn roles_of(&self, account_id: &str) -> Result<Option<Vec<String>>, Error> {
        let read = |token: AccessToken, portal: Uri, next_token| async move {
            let all = ListAccountRoles::first_page(&token.token, account_id);
            let operation = ListAccountRoles { next_token, ..all };
            let page = self.context.call(&operation, &portal).await?;
            let next = operation.next(&page)?.and_then(|operation| operation.next_token);
            Ok((page.role_list, next))
        };
        let mut role_names = Vec::new();
        let take = |page: Vec<sso_proto::Role>| {
            role_names.extend(page.into_iter().map(|role| role.role_name));
        };
        let Err(error) = self.pages(LIST_ACCOUNT_ROLES, read, take).await else {
            return Ok(Some(role_names));
        };
        // By their codes: a proxy may answer with the same statuses.
        match refusal(&error) {
            Some(refusal) if refusal.is("ForbiddenException") => Ok(Some(Vec::new())),
            Some(refusal) if refusal.is("ResourceNotFoundException") => Ok(None),
            _ => Err(error),
        }
    }

    async fn pages<T, F>(
        &self,
        operation: &'static str,
        read: impl Fn(AccessToken, Uri, Option<String>) -> F,
        mut take: impl FnMut(Vec<T>),
    ) -> Result<(), Error>
    where
        F: Future<Output = Result<(Vec<T>, Option<String>), CallError>>,
    {
        let read = &read;
        let mut next_token = None;
        let mut left = MAX_PAGES;
        loop {
            let asked = &next_token;
            let (page, next) = self
                .persist(|token| async move {
                    let portal = self.context.endpoints().of(Service::Sso, &token.region)?;
                    let page = match left {
                        0 => Err(DecodeError::EndlessPages.into()),
                        _ => read(token, portal.clone(), Option::clone(asked)).await,
                    };
                    page.map_err(|source| Error::call(operation, &portal, source))
                })
                .await?;
            take(page);
            left -= 1;
            match next {
                Some(next) => next_token = Some(next),
                None => return Ok(()),
            }
        }
    }

    /// Makes a call with the token until it succeeds or fails for good.
    async fn persist<T, F>(&self, call: impl Fn(AccessToken) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        persist(&**self.context.clock(), || self.token.authorize(&call)).await
    }
}

/// Makes a call over a paced transport until it succeeds or fails for good. Being throttled is neither.
pub(crate) async fn persist<T, F>(clock: &dyn Clock, call: impl Fn() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut begun_at = clock.elapsed();
    let mut repeats = 0;
    loop {
        let error = match call().await {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        if refusal(&error).is_some_and(|refusal| refusal.status == 429) {
            begun_at = clock.elapsed();
            continue; // the limiter makes it wait
        }
        let is_late = clock.elapsed().saturating_sub(begun_at) > WINDOW;
        if error.is_final() || is_unsent(&error) || is_late || repeats == REPEATS {
            return Err(error);
        }
        clock.sleep(FIRST_PAUSE * 2_u32.pow(repeats)).await;
        repeats += 1;
    }
}

/// Returns what the portal said. That of a refresh is about the session, not about what is listed.
fn refusal(error: &Error) -> Option<&ServiceError> {
    match error {
        Error::Call {
            operation: LIST_ACCOUNTS | LIST_ACCOUNT_ROLES | GET_ROLE_CREDENTIALS,
            source,
            ..
        } => source.service(),
        _ => None,
    }
}

/// Whether no connection could be made, which the transport has tried more than once.
fn is_unsent(error: &Error) -> bool {
    match error {
        Error::Call { source, .. } => {
            matches!(&**source, CallError::Transport(error) if error.unsent)
        }
        _ => false,
    }
}
