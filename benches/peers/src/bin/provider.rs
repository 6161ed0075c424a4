//! The credentials of a profile as the AWS SDK for Rust provides them; `clients.py` times it.

use aws_credential_types::provider::ProvideCredentials;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let profile = std::env::args().nth(1).expect("the name of a profile");
    let config =
        aws_config::defaults(aws_config::BehaviorVersion::latest()).profile_name(profile).load().await;
    let provider = config.credentials_provider().expect("a provider");
    let credentials = provider.provide_credentials().await.expect("credentials");
    println!("{}", credentials.access_key_id());
}
