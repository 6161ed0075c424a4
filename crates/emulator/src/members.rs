use serde_json::{Map, Value};

use crate::error::ServiceError;

/// The members of a JSON request.
///
/// A member that is `null` is one of the wrong type: no client of AWS sends it.
pub(crate) struct Members(Map<String, Value>);

impl Members {
    pub(crate) fn parse(body: &[u8]) -> Result<Self, ServiceError> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            _ => Err(ServiceError::invalid_request("The body is not a JSON object")),
        }
    }

    /// Returns a required text.
    pub(crate) fn text(&self, name: &str) -> Result<&str, ServiceError> {
        self.optional_text(name)?
            .filter(|text| !text.is_empty())
            .ok_or_else(|| ServiceError::invalid_request(format!("{name} is missing")))
    }

    pub(crate) fn optional_text(&self, name: &str) -> Result<Option<&str>, ServiceError> {
        let wrong_type = || ServiceError::invalid_request(format!("{name} is not a string"));
        self.0.get(name).map(|value| value.as_str().ok_or_else(wrong_type)).transpose()
    }

    /// Returns a list of texts, `None` where it is absent.
    pub(crate) fn texts(&self, name: &str) -> Result<Option<Vec<&str>>, ServiceError> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        value
            .as_array()
            .and_then(|items| items.iter().map(Value::as_str).collect())
            .map(Some)
            .ok_or_else(|| {
                ServiceError::invalid_request(format!("{name} is not a list of strings"))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_checked() {
        let members =
            Members::parse(br#"{"a":"x","b":["y","z"],"n":null,"e":"","m":[1]}"#).unwrap();
        assert_eq!(members.text("a"), Ok("x"));
        assert_eq!(members.texts("b"), Ok(Some(vec!["y", "z"])));
        assert_eq!(members.optional_text("c"), Ok(None));
        assert_eq!(members.texts("c"), Ok(None));
        for error in [members.text("c"), members.text("e"), members.text("n"), members.text("b")] {
            assert_eq!(error.unwrap_err().code, "InvalidRequestException");
        }
        assert!(members.texts("m").is_err());
        assert!(Members::parse(b"[]").is_err());
        assert!(Members::parse(b"grantType=x").is_err());
    }
}
