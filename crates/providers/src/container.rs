use std::path::{Path, PathBuf};
use std::sync::Arc;

use http::{HeaderValue, Request, Response, Uri, header};
use shared_config::Environment;
use wire::{DecodeError, EncodeError, Members, Operation, Retry, Secret};

use crate::process_output::credentials_of;
use crate::{Context, Credentials, CredentialsFuture, Error, ProvideCredentials};

/// The credentials of a container, from the endpoint that its environment names: ECS
/// (`AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`), else EKS Pod Identity or anything else
/// (`AWS_CONTAINER_CREDENTIALS_FULL_URI`).
///
/// A full URI is `https`, or `http` to loopback and the addresses of ECS and EKS. The token of
/// `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`, read anew at each call, or else
/// `AWS_CONTAINER_AUTHORIZATION_TOKEN` is sent as it is.
///
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>
#[derive(Debug)]
pub struct Container {
    context: Context,
    uri: Uri,
    token: Token,
}

#[derive(Debug)]
enum Token {
    File(PathBuf),
    Given(Secret<String>),
    None,
}

const ECS: &str = "http://169.254.170.2";

/// Where plain http may go besides loopback: ECS, and EKS over both protocols.
const PLAIN_HOSTS: [&str; 3] = ["169.254.170.2", "169.254.170.23", "fd00:ec2::23"];

impl Container {
    /// Takes the endpoint of the environment.
    ///
    /// # Errors
    /// Fails with [`Error::NotConfigured`] where the environment names none, or one that must not be
    /// asked.
    pub fn new(context: Context, environment: &Environment) -> Result<Self, Error> {
        let get = |name| environment.text(name);
        let refused = |reason: String| Err(Error::not_configured("container", reason));
        let relative = get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")?;
        let text = match (relative, get("AWS_CONTAINER_CREDENTIALS_FULL_URI")?) {
            (Some(path), _) if path.starts_with('/') => format!("{ECS}{path}"),
            (Some(path), _) => return refused(format!("the path `{path}` does not begin with /")),
            (None, Some(uri)) => uri.to_owned(),
            (None, None) => {
                return refused("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not set".to_owned());
            }
        };
        let Ok(uri) = text.parse::<Uri>() else {
            return refused(format!("`{text}` is no URL"));
        };
        if !is_allowed(&uri) {
            return refused(format!(
                "`{text}` is neither https nor an address of this machine, of ECS or of EKS"
            ));
        }
        let token = match environment.get_os("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
            Some(path) => Token::File(path.into()),
            None => get("AWS_CONTAINER_AUTHORIZATION_TOKEN")?
                .map_or(Token::None, |token| Token::Given(Secret::from(token))),
        };
        Ok(Self { context, uri, token })
    }

    async fn provide(&self) -> Result<Credentials, Error> {
        let call = ContainerCredentials { token: self.token()? };
        let credentials = self.context.call(&call, &self.uri).await;
        let credentials = credentials
            .map_err(|source| Error::call("container credentials", &self.uri, source))?;
        let host = self.uri.authority().map(ToString::to_string).unwrap_or_default();
        let detail = format!("the endpoint at {host}");
        Ok(credentials.got_by(Vec::new(), self.name(), detail))
    }

    fn token(&self) -> Result<Option<Secret<String>>, Error> {
        let token = match &self.token {
            Token::None => return Ok(None),
            Token::Given(token) => token.clone(),
            Token::File(file) => read_token(file)?,
        };
        match HeaderValue::from_str(token.expose()) {
            Ok(_) => Ok(Some(token)),
            Err(_) => {
                let reason = "the authorization token has control characters";
                Err(Error::not_configured("container", reason))
            }
        }
    }
}

/// The one call of such an endpoint.
struct ContainerCredentials {
    token: Option<Secret<String>>,
}

impl Operation for ContainerCredentials {
    type Output = Credentials;

    fn retry(&self) -> Retry {
        Retry::Transient
    }

    fn secrets(&self) -> Vec<&Secret<String>> {
        self.token.iter().collect()
    }

    fn encode(&self, endpoint: &Uri) -> Result<Request<Vec<u8>>, EncodeError> {
        let mut request = Request::new(Vec::new());
        *request.uri_mut() = endpoint.clone();
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(token) = &self.token {
            let mut value = HeaderValue::from_str(token.expose())
                .map_err(|_| EncodeError::Member("the authorization token"))?;
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        Ok(request)
    }

    fn decode_success(response: &Response<Vec<u8>>) -> Result<Credentials, DecodeError> {
        let mut members = Members::of(response)?;
        credentials_of(&mut members, "Token").map_err(|name| match name {
            "Expiration" => DecodeError::InvalidField(name),
            _ => DecodeError::MissingField(name),
        })
    }
}

impl ProvideCredentials for Container {
    fn provide(&self) -> CredentialsFuture<'_> {
        Box::pin(self.provide())
    }

    fn name(&self) -> &'static str {
        "container"
    }
}

fn is_allowed(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match uri.scheme_str() {
        Some("https") => !host.is_empty(),
        Some("http") => wire::is_loopback(host) || PLAIN_HOSTS.contains(&bare),
        _ => false,
    }
}

/// Reads a token that another program wrote, without the line end that editors and `echo` leave.
pub(crate) fn read_token(path: &Path) -> Result<Secret<String>, Error> {
    let io =
        |error: std::io::Error| Error::TokenFile { path: path.to_owned(), source: Arc::new(error) };
    let bytes = match private_file::read(path, token_cache::MAX_FILE) {
        Ok(Some(bytes)) => Secret::new(bytes),
        Ok(None) => return Err(io(std::io::ErrorKind::NotFound.into())),
        Err(error) => return Err(io(error)),
    };
    let text = std::str::from_utf8(bytes.expose()).ok().map(|text| {
        text.trim_end_matches(|c: char| c.is_ascii_whitespace()) //
    });
    match text {
        Some(text) if !text.is_empty() => Ok(Secret::from(text)),
        Some(_) => Err(io(std::io::Error::other("it is empty"))),
        None => Err(io(std::io::Error::other("it is no text"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_goes_to_this_machine_and_to_containers_only() {
        let allowed = |uri: &str| is_allowed(&uri.parse().unwrap());
        for uri in [
            "https://example.com/x",
            "http://localhost:1/x",
            "http://127.9.9.9/",
            "http://[::1]:80/x",
            "http://169.254.170.2/v2",
            "http://169.254.170.23/v1/credentials",
            "http://[fd00:ec2::23]/v1/credentials",
        ] {
            assert!(allowed(uri), "{uri}");
        }
        for uri in
            ["http://192.168.1.1/", "http://example.com/", "http://localhost.evil.com/", "/x"]
        {
            assert!(!allowed(uri), "{uri}");
        }
    }
}
