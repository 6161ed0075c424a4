use crate::form::Form;

/// The role that a request of STS asks for, as it was sent: it may be absent or refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoleRequest {
    /// `DurationSeconds`, where it is a number.
    pub duration_seconds: Option<u32>,
    /// `RoleArn`.
    pub role_arn: String,
    /// `RoleSessionName`.
    pub role_session_name: String,
}

impl RoleRequest {
    pub(crate) fn of(form: &Form) -> Self {
        let text = |name| form.get(name).unwrap_or_default().to_owned();
        Self {
            duration_seconds: form.get("DurationSeconds").and_then(|text| text.parse().ok()),
            role_arn: text("RoleArn"),
            role_session_name: text("RoleSessionName"),
        }
    }
}
