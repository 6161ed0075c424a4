//! What the AWS SDK for Rust makes of a profile, or finds where it is told nothing: the access key
//! id and the region. `clients.py` times it, and `tests/interop` checks it.

use aws_credential_types::provider::ProvideCredentials;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut loader = aws_config::defaults(aws_config::BehaviorVersion::latest());
    if let Some(profile) = std::env::args().nth(1) {
        loader = loader.profile_name(profile);
    }
    let config = loader.load().await;
    let provider = config.credentials_provider().ok_or("no provider")?;
    let credentials = provider.provide_credentials().await?;
    let region = config.region().map_or("", |region| region.as_ref());
    println!("{} {region}", credentials.access_key_id());
    Ok(())
}
