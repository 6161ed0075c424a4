use http::{Method, Request, Response, Uri};
use wire::{DecodeError, EncodeError, Members, Operation, Retry, Secret};

/// Lists one page of the roles that are assigned to the user in an account.
///
/// Errors: `InvalidRequestException` (400), `UnauthorizedException` (401),
/// `ResourceNotFoundException` (404), `TooManyRequestsException` (429).
///
/// <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_ListAccountRoles.html>
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the members of a 2019 API, built by literal")]
pub struct ListAccountRoles<'a> {
    /// The access token that CreateToken issued.
    pub access_token: &'a Secret<String>,
    /// The account, twelve digits.
    pub account_id: &'a str,
    /// The page to read, the first one where absent.
    pub next_token: Option<String>,
    /// The most roles of a page, 1 to [`crate::MAX_RESULTS`].
    pub max_results: Option<u32>,
}

/// One page of roles.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct RolesPage {
    /// `roleList`; may be empty although another page follows.
    pub role_list: Vec<Role>,
    /// `nextToken`, absent on the last page.
    pub next_token: Option<String>,
}

/// A role that is assigned to the user.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Role {
    /// `roleName`, the name of the permission set.
    pub role_name: String,
    /// `accountId`, absent where the service does not repeat it.
    pub account_id: Option<String>,
}

impl<'a> ListAccountRoles<'a> {
    /// Asks for the first page, as large as may be.
    pub fn first_page(access_token: &'a Secret<String>, account_id: &'a str) -> Self {
        Self { access_token, account_id, next_token: None, max_results: Some(crate::MAX_RESULTS) }
    }

    /// Returns the request for the page after `page`, or `None` behind the last one.
    ///
    /// # Errors
    /// Fails where the service names the page that was just read, which would never end.
    pub fn next(&self, page: &RolesPage) -> Result<Option<Self>, DecodeError> {
        let next = crate::following(self.next_token.as_deref(), page.next_token.as_deref())?;
        Ok(next.map(|token| Self { next_token: Some(token), ..self.clone() }))
    }
}

impl Operation for ListAccountRoles<'_> {
    type Output = RolesPage;

    fn retry(&self) -> Retry {
        Retry::Transient
    }

    fn secrets(&self) -> Vec<&Secret<String>> {
        vec![self.access_token]
    }

    fn encode(&self, endpoint: &Uri) -> Result<Request<Vec<u8>>, EncodeError> {
        if self.account_id.is_empty() {
            return Err(EncodeError::Member("accountId"));
        }
        let max_results = self.max_results.map(|number| number.to_string());
        let mut query = vec![("account_id", self.account_id)];
        query.extend(crate::page_query(self.next_token.as_deref(), max_results.as_deref()));
        let uri = wire::uri(endpoint, "/assignment/roles", &query)?;
        crate::bearer_request(Method::GET, uri, self.access_token)
    }

    fn decode_success(response: &Response<Vec<u8>>) -> Result<RolesPage, DecodeError> {
        let mut page = Members::of(response)?;
        let role = |mut role: Members| {
            Some(Role {
                role_name: role.take_text("roleName")?,
                account_id: role.take_text("accountId"),
            })
        };
        Ok(RolesPage {
            next_token: page.optional("nextToken", Members::take_text)?,
            role_list: page
                .optional("roleList", Members::take_objects)?
                .unwrap_or_default()
                .into_iter()
                .filter_map(role)
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_comes_first_in_the_query() {
        let token = Secret::from("t");
        let request = ListAccountRoles {
            next_token: Some("~!*()'%".into()),
            max_results: Some(1),
            ..ListAccountRoles::first_page(&token, "111122223333")
        };
        let request = request.encode(&Uri::from_static("https://h")).unwrap();
        assert_eq!(
            request.uri().query(),
            Some("account_id=111122223333&next_token=~%21%2A%28%29%27%25&max_result=1")
        );
    }

    #[test]
    fn an_empty_page_may_have_a_successor() {
        let body = br#"{"nextToken":"n","roleList":[]}"#;
        let page = ListAccountRoles::decode(&Response::new(body.to_vec())).unwrap();
        let token = Secret::from("t");
        assert!(ListAccountRoles::first_page(&token, "1").next(&page).unwrap().is_some());
    }
}
