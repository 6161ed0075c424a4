use http::{HeaderValue, Method, Request, Uri, header};
use serde_json::{Map, Value};
use wire::EncodeError;

/// Writes a POST of a JSON object; members without a value are left out.
pub(crate) fn json_request<const N: usize>(
    endpoint: &Uri,
    path: &str,
    members: [(&str, Option<Value>); N],
) -> Result<Request<Vec<u8>>, EncodeError> {
    let body: Map<String, Value> = members
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| (name.to_owned(), value)))
        .collect();
    let mut request = Request::new(Value::Object(body).to_string().into_bytes());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = wire::uri(endpoint, path, &[])?;
    request
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_members_are_left_out() {
        let endpoint = Uri::from_static("https://oidc.eu-west-1.amazonaws.com");
        let request =
            json_request(&endpoint, "/token", [("a", Some("x".into())), ("b", None)]).unwrap();
        assert_eq!(request.body(), br#"{"a":"x"}"#);
    }
}
