use crate::credentials::Principal;
use crate::markup::escape;

/// Writes the result for the caller.
pub(super) fn result(caller: &Principal) -> String {
    let Principal { account_id, arn, user_id, .. } = caller;
    let (arn, user_id) = (escape(arn), escape(user_id));
    format!("<Arn>{arn}</Arn><UserId>{user_id}</UserId><Account>{account_id}</Account>")
}
