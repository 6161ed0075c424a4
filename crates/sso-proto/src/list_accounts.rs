use http::{Method, Request, Response, Uri};
use wire::{DecodeError, EncodeError, Members, Operation, Retry, Secret};

/// Lists one page of the accounts that are assigned to the user.
///
/// Errors: `InvalidRequestException` (400), `UnauthorizedException` (401),
/// `ResourceNotFoundException` (404), `TooManyRequestsException` (429).
///
/// <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_ListAccounts.html>
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the members of a 2019 API, built by literal")]
pub struct ListAccounts<'a> {
    /// The access token that CreateToken issued.
    pub access_token: &'a Secret<String>,
    /// The page to read, the first one where absent.
    pub next_token: Option<String>,
    /// The most accounts of a page, 1 to [`crate::MAX_RESULTS`].
    pub max_results: Option<u32>,
}

/// One page of accounts.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct AccountsPage {
    /// `accountList`; may be empty although another page follows.
    pub account_list: Vec<Account>,
    /// `nextToken`, absent on the last page.
    pub next_token: Option<String>,
}

/// An account that is assigned to the user.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Account {
    /// `accountId`, twelve digits.
    pub account_id: String,
    /// `accountName`, absent where the service sends none.
    pub account_name: Option<String>,
    /// `emailAddress`, absent where the service sends none.
    pub email_address: Option<String>,
}

impl<'a> ListAccounts<'a> {
    /// Asks for the first page, as large as may be.
    pub fn first_page(access_token: &'a Secret<String>) -> Self {
        Self { access_token, next_token: None, max_results: Some(crate::MAX_RESULTS) }
    }

    /// Returns the request for the page after `page`, or `None` behind the last one.
    ///
    /// # Errors
    /// Fails where the service names the page that was just read, which would never end.
    pub fn next(&self, page: &AccountsPage) -> Result<Option<Self>, DecodeError> {
        let next = crate::following(self.next_token.as_deref(), page.next_token.as_deref())?;
        Ok(next.map(|token| Self { next_token: Some(token), ..self.clone() }))
    }
}

impl Operation for ListAccounts<'_> {
    type Output = AccountsPage;

    fn retry(&self) -> Retry {
        Retry::Transient
    }

    fn secrets(&self) -> Vec<&Secret<String>> {
        vec![self.access_token]
    }

    fn encode(&self, endpoint: &Uri) -> Result<Request<Vec<u8>>, EncodeError> {
        let max_results = self.max_results.map(|number| number.to_string());
        let query: Vec<_> =
            crate::page_query(self.next_token.as_deref(), max_results.as_deref()).collect();
        let uri = wire::uri(endpoint, "/assignment/accounts", &query)?;
        crate::bearer_request(Method::GET, uri, self.access_token)
    }

    fn decode_success(response: &Response<Vec<u8>>) -> Result<AccountsPage, DecodeError> {
        let mut page = Members::of(response)?;
        let account = |mut account: Members| {
            Some(Account {
                account_id: account.take_text("accountId")?,
                account_name: account.take_text("accountName"),
                email_address: account.take_text("emailAddress"),
            })
        };
        Ok(AccountsPage {
            next_token: page.optional("nextToken", Members::take_text)?,
            account_list: page
                .optional("accountList", Members::take_objects)?
                .unwrap_or_default()
                .into_iter()
                .filter_map(account)
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn max_result_is_singular_on_the_wire() {
        let token = Secret::from("t");
        let request =
            ListAccounts { next_token: Some("a+b/=".into()), ..ListAccounts::first_page(&token) };
        let request = request.encode(&Uri::from_static("https://h")).unwrap();
        assert_eq!(
            request.uri(),
            "https://h/assignment/accounts?next_token=a%2Bb%2F%3D&max_result=100"
        );
        let none = ListAccounts { max_results: Some(0), ..ListAccounts::first_page(&token) };
        let none = none.encode(&Uri::from_static("https://h")).unwrap();
        assert_eq!(none.uri(), "https://h/assignment/accounts?max_result=0");
    }

    #[test]
    fn pages_end_without_a_token_and_never_repeat() {
        let token = Secret::from("t");
        let first = ListAccounts::first_page(&token);
        let page = |next: Option<&str>| AccountsPage {
            next_token: next.map(str::to_owned),
            ..AccountsPage::default()
        };
        assert!(first.next(&page(None)).unwrap().is_none());
        let second = first.next(&page(Some("2"))).unwrap().unwrap();
        assert_eq!(second.next_token.as_deref(), Some("2"));
        assert!(matches!(second.next(&page(Some("2"))), Err(DecodeError::RepeatedPage)));
    }

    #[test]
    fn an_account_without_a_name_is_kept() {
        let body = br#"{"accountList":[{"accountId":"1","accountName":"","emailAddress":null},
            {"accountName":"no id"}],"nextToken":""}"#;
        let page = ListAccounts::decode(&Response::new(body.to_vec())).unwrap();
        let account = Account { account_id: "1".into(), account_name: None, email_address: None };
        assert_eq!(page.account_list, [account]);
        assert_eq!(page.next_token, None);
    }
}
