use http::Response;
use roxmltree::{Document, Node, ParsingOptions};
use wire::{DecodeError, ServiceError};

/// The most nodes of a document; the largest real answer has under a hundred.
const NODES: u32 = 10_000;

/// Reads the members of `…Response` / `result`, by local name, whatever the namespace.
pub(crate) fn members<T>(
    response: &Response<Vec<u8>>,
    result: &'static str,
    read: impl FnOnce(&Members<'_, '_>) -> Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    let body = |source| DecodeError::Body { status: response.status().as_u16(), source };
    let text = std::str::from_utf8(response.body()).map_err(|error| body(error.into()))?;
    let document = parse(text).map_err(|error| body(error.into()))?;
    let node = child(document.root_element(), result).ok_or(DecodeError::MissingField(result))?;
    read(&Members(node))
}

/// The members of a structure.
pub(crate) struct Members<'a, 'd>(Node<'a, 'd>);

impl Members<'_, '_> {
    /// Returns a structure.
    pub(crate) fn structure(&self, name: &'static str) -> Result<Self, DecodeError> {
        child(self.0, name).map(Self).ok_or(DecodeError::MissingField(name))
    }

    /// Returns the text of a member that may be absent.
    pub(crate) fn optional(&self, name: &str) -> Option<String> {
        text_of(self.0, name)
    }

    /// Returns a number that may be absent.
    pub(crate) fn number(&self, name: &str) -> Option<u32> {
        text_of(self.0, name)?.parse().ok()
    }

    /// Returns the text of a required member.
    pub(crate) fn required(&self, name: &'static str) -> Result<String, DecodeError> {
        text_of(self.0, name).ok_or_else(|| {
            let is_structure =
                child(self.0, name).is_some_and(|node| node.first_element_child().is_some());
            let error =
                if is_structure { DecodeError::InvalidField } else { DecodeError::MissingField };
            error(name)
        })
    }
}

/// Reads the error of an awsQuery service: `ErrorResponse/Error`, or `Response/Errors/Error` as EC2
/// writes it; a body that is neither leaves the status.
pub(crate) fn error(response: &Response<Vec<u8>>) -> ServiceError {
    let status = response.status();
    let from_xml = || {
        let document = parse(std::str::from_utf8(response.body()).ok()?).ok()?;
        let root = document.root_element();
        let error = child(root, "Error").or_else(|| child(child(root, "Errors")?, "Error"))?;
        let code = text_of(error, "Code")?;
        let mut service = ServiceError::new(status, &code, text_of(error, "Message").as_deref());
        let request_id = text_of(root, "RequestId").or_else(|| text_of(root, "RequestID"));
        service.request_id = request_id.map(|id| wire::printable(&id));
        Some(service)
    };
    let mut error = from_xml()
        .unwrap_or_else(|| ServiceError::new(status, status.as_str(), status.canonical_reason()));
    if error.request_id.is_none() {
        let header = response.headers().get("x-amzn-requestid");
        error.request_id = header.and_then(|id| id.to_str().ok()).map(str::to_owned);
    }
    error
}

fn parse(text: &str) -> Result<Document<'_>, roxmltree::Error> {
    let options = ParsingOptions { allow_dtd: false, nodes_limit: NODES, ..Default::default() };
    Document::parse_with_options(text, options)
}

fn child<'a, 'd>(node: Node<'a, 'd>, name: &str) -> Option<Node<'a, 'd>> {
    node.children().find(|child| child.is_element() && child.tag_name().name() == name)
}

/// The text of a child without blanks around it; comments may split it.
fn text_of(node: Node<'_, '_>, name: &str) -> Option<String> {
    let text: String = child(node, name)?
        .children()
        .filter_map(|part| part.text().filter(|_| part.is_text()))
        .collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, body: &str) -> Response<Vec<u8>> {
        Response::builder()
            .status(status)
            .header("x-amzn-requestid", "of-the-header")
            .body(body.as_bytes().to_vec())
            .unwrap()
    }

    #[test]
    fn errors_of_both_shapes_are_read() {
        let query = error(&response(
            403,
            r#"<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender
            </Type><Code>AccessDenied</Code><Message>a &amp; b</Message></Error>
            <RequestId>r1</RequestId></ErrorResponse>"#,
        ));
        assert_eq!(query.to_string(), "AccessDenied (HTTP 403): a & b");
        assert_eq!(query.request_id.as_deref(), Some("r1"));
        let ec2 = error(&response(
            400,
            "<Response><Errors><Error><Code>Throttling</Code></Error></Errors></Response>",
        ));
        assert_eq!(ec2.to_string(), "Throttling (HTTP 400)");
        assert_eq!(ec2.request_id.as_deref(), Some("of-the-header"));
    }

    #[test]
    fn a_body_that_is_no_error_leaves_the_status() {
        for body in ["", "<html><body>503</body></html>", "<!DOCTYPE x><a/>", "{}"] {
            let error = error(&response(503, body));
            assert_eq!(error.to_string(), "503 (HTTP 503): Service Unavailable");
        }
    }

    #[test]
    fn a_document_that_is_too_deep_or_too_large_is_refused() {
        let deep = "<a>".repeat(300_000);
        let wide = format!("<a>{}</a>", "<b/>".repeat(20_000));
        let entities = "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>";
        for text in [deep.as_str(), &wide, entities] {
            assert!(parse(text).is_err());
        }
    }
}
