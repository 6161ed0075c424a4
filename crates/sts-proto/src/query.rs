use http::{HeaderValue, Method, Request, Uri, header};
use wire::{EncodeError, Secret, percent_encode};

/// A request of an awsQuery service: a form of `Action`, `Version` and the members.
pub(crate) struct Query(Secret<String>);

impl Query {
    pub(crate) fn new(action: &str) -> Self {
        Self(Secret::new(format!("Action={action}&Version=2011-06-15")))
    }

    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        // Grown into a copy, for a buffer that grows by itself leaves the old one behind.
        let old = self.0.expose();
        let value = Secret::new(percent_encode(value));
        let mut form = String::with_capacity(old.len() + name.len() + value.expose().len() + 2);
        for part in [old.as_str(), "&", name, "=", value.expose()] {
            form.push_str(part);
        }
        self.0 = Secret::new(form);
        self
    }

    #[must_use]
    pub(crate) fn with_some(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Adds a list, numbered from one: `Name.member.1`, or `Name.member.1.Field`.
    #[must_use]
    pub(crate) fn with_list<'v, I, const N: usize>(self, name: &str, members: I) -> Self
    where
        I: IntoIterator<Item = [(&'static str, &'v str); N]>,
    {
        let mut query = self;
        for (index, fields) in members.into_iter().enumerate() {
            for (field, value) in fields {
                let separator = if field.is_empty() { "" } else { "." };
                let member = format!("{name}.member.{}{separator}{field}", index + 1);
                query = query.with(&member, value);
            }
        }
        query
    }

    pub(crate) fn request(self, endpoint: &Uri) -> Result<Request<Vec<u8>>, EncodeError> {
        let mut request = Request::new(self.0.expose().clone().into_bytes());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = wire::uri(endpoint, "/", &[])?;
        request.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded; charset=utf-8"),
        );
        Ok(request)
    }
}
