use crate::{Secret, Timestamp};

/// Temporary credentials: what GetRoleCredentials and AssumeRole answer, and what caches keep.
///
/// It is plain data on purpose: the four members of one AWS structure, built by literal.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "what temporary credentials of AWS consist of")]
pub struct SessionCredentials {
    /// The access key id; not a secret by itself.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: Secret<String>,
    /// The session token.
    pub session_token: Secret<String>,
    /// Until when they are valid.
    pub expiration: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_key_nor_token() {
        let credentials = SessionCredentials {
            access_key_id: "ASIA1".into(),
            secret_access_key: "hunter2".into(),
            session_token: "hunter3".into(),
            expiration: Timestamp::from_unix(0),
        };
        let shown = format!("{credentials:?}");
        assert!(shown.contains("ASIA1") && !shown.contains("hunter"), "{shown}");
    }
}
