use oidc_proto::{CreateToken, ErrorKind, Grant, Pkce, Token};
use token_cache::CachedRegistration;
use wire::Secret;

use crate::error::LoginError;
use crate::listener::Listener;
use crate::portal::Portal;
use crate::registration::Registrations;
use crate::ui::{Page, Ui};

/// Signs in with an authorization code and PKCE.
pub(crate) async fn run(
    portal: &Portal<'_>,
    registrations: &Registrations<'_>,
    ui: &dyn Ui,
) -> Result<(CachedRegistration, Token), LoginError> {
    // Bound before the page opens: a browser that is signed in already comes back at once.
    let listener = Listener::bind(portal.context.program()).await.map_err(LoginError::Listener)?;
    let registration = registrations.get().await?;
    let scopes = registrations.scopes();
    let error = match attempt(portal, &listener, &registration, &scopes, ui).await {
        Ok(token) => return Ok((registration, token)),
        Err(error) => error,
    };
    if error.kind() != Some(ErrorKind::InvalidClient) {
        return Err(error);
    }
    let registration = registrations.renew().await?;
    let token = attempt(portal, &listener, &registration, &scopes, ui).await?;
    Ok((registration, token))
}

async fn attempt(
    portal: &Portal<'_>,
    listener: &Listener,
    registration: &CachedRegistration,
    scopes: &[String],
    ui: &dyn Ui,
) -> Result<Token, LoginError> {
    let pkce = Pkce::from_entropy(random()?);
    let state = Secret::new(hex::encode(random::<16>()?));
    let redirect_uri = listener.redirect_uri();
    let client_id = &registration.client_id;
    let url = pkce.authorize_url(&portal.endpoint, client_id, &redirect_uri, &state, scopes);
    ui.show(&Page::AuthorizationCode { url: &url });

    let mut callback = listener.callback(&state).await;
    let code = match std::mem::replace(&mut callback.result, Err(String::new())) {
        Ok(code) => code,
        Err(reason) => {
            callback.fail(&reason).await;
            return Err(LoginError::Refused(reason));
        }
    };
    let operation = CreateToken {
        client_id,
        client_secret: &registration.client_secret,
        grant: Grant::authorization_code(&code, pkce.verifier(), &redirect_uri),
        scope: None,
    };
    let result = portal.call("CreateToken", &operation).await;
    match &result {
        Ok(_) => callback.succeed().await,
        Err(_) => callback.fail("The service did not accept the sign-in").await,
    }
    result
}

fn random<const N: usize>() -> Result<[u8; N], LoginError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| LoginError::Random)?;
    Ok(bytes)
}
