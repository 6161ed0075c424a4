//! How fast a token and cached credentials are read; `cargo bench -p keyfob-token-cache`.

#[path = "../../../benches/fastest.rs"]
mod fastest;

use std::hint::black_box;

use fastest::fastest;
use token_cache::{CachedRole, CachedToken};

fn main() {
    let secret = "s".repeat(600); // about as long as real ones are
    let token = format!(
        r#"{{"startUrl":"https://d-1234567890.awsapps.com/start","region":"eu-west-1",
        "accessToken":"{secret}","expiresAt":"2026-01-02T03:04:05Z","clientId":"c",
        "clientSecret":"{secret}{secret}","registrationExpiresAt":"2026-03-02T03:04:05Z",
        "refreshToken":"{secret}"}}"#
    );
    let role = format!(
        r#"{{"ProviderType":"sso","Credentials":{{"AccessKeyId":"ASIA","SecretAccessKey":"k",
        "SessionToken":"{secret}","Expiration":"2026-01-02T03:04:05Z"}}}}"#
    );
    let of_token = fastest(|| drop(black_box(CachedToken::from_slice(token.as_bytes()))));
    let of_role = fastest(|| drop(black_box(CachedRole::from_slice(role.as_bytes()))));
    #[expect(clippy::print_stdout, reason = "the figures are the point")]
    {
        println!(
            "token of {} bytes {of_token:.1?}, role of {} {of_role:.1?}",
            token.len(),
            role.len()
        );
    }
}
