//! What helps where no answer came.

use transport::Culprit;
use wire::TransportError;

/// What helps where nothing better is known.
pub(crate) const DOCTOR: &str = "`keyfob doctor` looks for what is in the way";

/// Says what helps where no answer came.
pub(crate) fn network_hint(error: &TransportError) -> &'static str {
    match Culprit::of(&*error.source) {
        Some(Culprit::Certificates) => {
            "name the certificates of your proxy or company in AWS_CA_BUNDLE"
        }
        Some(Culprit::Proxy) => "check HTTPS_PROXY and NO_PROXY",
        _ => DOCTOR,
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;

    #[test]
    fn hints_come_from_what_failed_and_not_from_words() {
        let error = |source| TransportError::new("proxy.certificates.corp", true, source);
        let words: Box<dyn Error + Send + Sync> = "the proxy has a certificate".into();
        assert_eq!(network_hint(&error(words)), DOCTOR);
    }
}
