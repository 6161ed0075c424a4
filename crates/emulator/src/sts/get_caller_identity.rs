use sha2::{Digest as _, Sha256};

use crate::portal::RoleCredentials;
use crate::signin::page::escape;

/// Writes the result element for the caller.
pub(super) fn result(caller: &RoleCredentials, region: &str) -> String {
    let RoleCredentials { account_id, role_name, user, .. } = caller;
    // Identity Center makes one IAM role per account and permission set, with a random suffix.
    let digest = hex::encode(Sha256::digest(format!("{account_id}/{role_name}")));
    let (suffix, rest) = digest.split_at(16);
    let role_id: String = rest.to_uppercase().chars().take(17).collect();
    let partition = partition(region);
    let role = escape(role_name);
    let user = escape(user);
    format!(
        "  <GetCallerIdentityResult>\n    \
         <Arn>arn:{partition}:sts::{account_id}:assumed-role/AWSReservedSSO_{role}_{suffix}/{user}</Arn>\n    \
         <UserId>AROA{role_id}:{user}</UserId>\n    \
         <Account>{account_id}</Account>\n  \
         </GetCallerIdentityResult>\n"
    )
}

fn partition(region: &str) -> &'static str {
    match region.split('-').next() {
        Some("cn") => "aws-cn",
        Some("eusc") => "aws-eusc",
        Some("us") if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_partition_follows_the_region() {
        for (region, expect) in [
            ("cn-north-1", "aws-cn"),
            ("eu-central-1", "aws"),
            ("eusc-de-east-1", "aws-eusc"),
            ("us-east-1", "aws"),
            ("us-gov-west-1", "aws-us-gov"),
        ] {
            assert_eq!(partition(region), expect, "{region}");
        }
    }
}
