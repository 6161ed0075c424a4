use http::{Response, StatusCode};
use serde_json::json;
use wire::Timestamp;

use crate::reply;
use crate::sts::RoleRequest;

/// A request that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// When, by the caller's clock.
    pub at: Timestamp,
    /// The operation, such as `ListAccounts` or `CreateToken:refresh_token`; pages are `Authorize`
    /// and `Device`, their forms the same with `:decision`.
    pub operation: String,
    /// What AssumeRole and AssumeRoleWithWebIdentity ask for.
    pub role: Option<RoleRequest>,
    /// The status of the answer, 0 where the connection was dropped instead.
    pub status: u16,
}

/// The requests that were answered, oldest first.
#[derive(Default)]
pub(crate) struct Calls(Vec<Call>);

impl Calls {
    pub(crate) fn push(&mut self, call: Call) {
        self.0.push(call);
    }

    pub(crate) fn as_slice(&self) -> &[Call] {
        &self.0
    }

    pub(crate) fn json(&self) -> Response<Vec<u8>> {
        let calls = self.0.iter().map(|call| {
            let mut entry = json!({
                "at": call.at.to_string(), "operation": call.operation, "status": call.status,
            });
            if let (Some(role), Some(entry)) = (&call.role, entry.as_object_mut()) {
                let role = json!({
                    "DurationSeconds": role.duration_seconds,
                    "RoleArn": role.role_arn,
                    "RoleSessionName": role.role_session_name,
                });
                entry.insert("role".to_owned(), role);
            }
            entry
        });
        reply::json(StatusCode::OK, &calls.collect())
    }
}
