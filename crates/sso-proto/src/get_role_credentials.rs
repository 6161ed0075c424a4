use http::{Method, Request, Response, Uri};
use wire::{
    DecodeError, EncodeError, Members, Operation, Retry, Secret, SessionCredentials, Timestamp,
};

/// Trades an access token for the credentials of a role that is assigned to its user.
///
/// Errors: `InvalidRequestException` (400), `UnauthorizedException` (401: sign in again),
/// `ForbiddenException` (403: the role is not assigned; not in the model, but sent),
/// `ResourceNotFoundException` (404), `TooManyRequestsException` (429).
///
/// <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html>
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the members of a 2019 API, built by literal")]
pub struct GetRoleCredentials<'a> {
    /// The access token that CreateToken issued.
    pub access_token: &'a Secret<String>,
    /// The account, twelve digits.
    pub account_id: &'a str,
    /// The name of the permission set, as the user sees it.
    pub role_name: &'a str,
}

/// `expiration` is in milliseconds since the epoch. One before 1973 is one in seconds, written by a mock server.
const MIN_EXPIRATION_MILLIS: i64 = 100_000_000_000;
/// 2100-01-01.
const MAX_EXPIRATION_MILLIS: i64 = 4_102_444_800_000;

fn expiration(members: &mut Members, name: &str) -> Option<Timestamp> {
    let millis = members.take_i64(name)?;
    let is_sane = (MIN_EXPIRATION_MILLIS..MAX_EXPIRATION_MILLIS).contains(&millis);
    is_sane.then(|| Timestamp::from_unix_millis(millis))
}

impl Operation for GetRoleCredentials<'_> {
    type Output = SessionCredentials;

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
        if self.role_name.is_empty() {
            return Err(EncodeError::Member("roleName"));
        }
        let query = [("role_name", self.role_name), ("account_id", self.account_id)];
        let uri = wire::uri(endpoint, "/federation/credentials", &query)?;
        crate::bearer_request(Method::GET, uri, self.access_token)
    }

    fn decode_success(response: &Response<Vec<u8>>) -> Result<SessionCredentials, DecodeError> {
        let mut credentials =
            Members::of(response)?.required("roleCredentials", Members::take_object)?;
        Ok(SessionCredentials {
            access_key_id: credentials.required("accessKeyId", Members::take_text)?,
            secret_access_key: credentials.required("secretAccessKey", Members::take_secret)?,
            session_token: credentials.required("sessionToken", Members::take_secret)?,
            expiration: credentials.required("expiration", expiration)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(body: &str) -> Result<SessionCredentials, DecodeError> {
        GetRoleCredentials::decode(&Response::new(body.as_bytes().to_vec()))
    }

    #[test]
    fn the_role_name_is_percent_encoded() {
        let token = Secret::from("hunter2");
        let request = GetRoleCredentials {
            access_token: &token,
            account_id: "000011112222",
            role_name: "A+B/C=D,E.F@G_H-I é",
        };
        let request = request.encode(&Uri::from_static("https://h")).unwrap();
        assert_eq!(
            request.uri().query(),
            Some("role_name=A%2BB%2FC%3DD%2CE.F%40G_H-I%20%C3%A9&account_id=000011112222")
        );
        assert!(!format!("{request:?}").contains("hunter2"));
    }

    #[test]
    fn the_expiration_is_in_milliseconds() {
        let body = r#"{"roleCredentials":{"accessKeyId":"A","secretAccessKey":"B",
            "sessionToken":"C","expiration":1767326400000}}"#;
        assert_eq!(decode(body).unwrap().expiration.to_string(), "2026-01-02T04:00:00Z");
        for other in ["1767326400", "4102444800000", "-1", "\"1767326400000\"", "{}"] {
            let answer = decode(&body.replace("1767326400000", other));
            assert!(matches!(answer, Err(DecodeError::InvalidField("expiration"))), "{other}");
        }
        for none in ["null", "\"\""] {
            let answer = decode(&body.replace("1767326400000", none));
            assert!(matches!(answer, Err(DecodeError::MissingField("expiration"))), "{none}");
        }
    }

    #[test]
    fn an_incomplete_answer_names_what_is_missing() {
        let missing = |body| match decode(body) {
            Err(DecodeError::MissingField(name)) => name,
            other => panic!("{other:?}"),
        };
        assert_eq!(missing("{}"), "roleCredentials");
        assert_eq!(missing(r#"{"roleCredentials":null}"#), "roleCredentials");
        assert_eq!(missing(r#"{"roleCredentials":{"accessKeyId":"A"}}"#), "secretAccessKey");
    }

    #[test]
    fn a_page_of_html_is_no_answer() {
        assert!(matches!(
            decode("<html>sign in</html>"),
            Err(DecodeError::Body { status: 200, .. })
        ));
    }

    #[test]
    fn a_token_that_is_no_header_value_is_refused_without_being_shown() {
        let token = Secret::from("bad\ntoken");
        let request = GetRoleCredentials { access_token: &token, account_id: "1", role_name: "r" };
        let error = request.encode(&Uri::from_static("https://h")).unwrap_err();
        assert_eq!(error.to_string(), "accessToken cannot be sent as it is");
    }
}
