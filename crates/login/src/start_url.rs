use http::{Method, Request, header};
use oidc_proto::{StartUrl, StartUrlError};
use providers::{Context, Service, Session};
use wire::{CallError, Retry, RetryRule};

use crate::error::LoginError;
use crate::portal::Portal;

/// Finds the portal that a session means: a vanity start URL is asked where it leads, and the host
/// of the portal may name its region. With a custom OIDC endpoint the URL is taken as it is.
pub(crate) async fn resolve<'a>(
    context: &'a Context,
    session: &Session,
) -> Result<Portal<'a>, LoginError> {
    let configured = &session.start_url;
    let mut region = session.region.clone();
    let mut start_url = configured.clone();
    if context.endpoints().custom(Service::Oidc).is_none()
        && StartUrl::classify(configured)? == StartUrl::Vanity
    {
        start_url = follow(context, configured).await?;
        if let Some(named) = StartUrl::region(&start_url)
            && named != region
        {
            context.log().warn(&format!(
                "the portal is in region {named}, sso_region says {region}: signing in to {named}"
            ));
            region = named;
        }
    }
    let endpoint = context.endpoints().of(Service::Oidc, &region)?;
    Ok(Portal { context, endpoint, region, start_url })
}

/// Asks a start URL which region its Identity Center is in, `None` where it does not say.
///
/// The host of some portals names it, and a vanity URL leads to its portal; the page of others holds
/// it as `<meta name="region">`, which AWS does not document.
///
/// # Errors
/// Fails where the URL leads to no portal, and where no answer comes.
pub async fn find_region(context: &Context, start_url: &str) -> Result<Option<String>, LoginError> {
    let portal = match StartUrl::classify(start_url)? {
        StartUrl::Vanity => follow(context, start_url).await?,
        _ => start_url.to_owned(),
    };
    if let Some(region) = StartUrl::region(&portal) {
        return Ok(Some(region));
    }
    let page = portal.split('#').next().unwrap_or(&portal);
    let page = format!("{}/", page.trim_end_matches('/'));
    let response = send(context, Method::GET, &page).await?;
    let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
    Ok(match StartUrl::follow(&page, response.status().as_u16(), location) {
        Ok(next) => StartUrl::region(&next),
        Err(_) => StartUrl::region_of_page(&String::from_utf8_lossy(response.body())),
    })
}

async fn follow(context: &Context, url: &str) -> Result<String, LoginError> {
    let mut response = send(context, Method::HEAD, url).await?;
    if matches!(response.status().as_u16(), 405 | 501) {
        response = send(context, Method::GET, url).await?;
    }
    let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
    Ok(StartUrl::follow(url, response.status().as_u16(), location)?)
}

async fn send(
    context: &Context,
    method: Method,
    url: &str,
) -> Result<http::Response<Vec<u8>>, LoginError> {
    let bare = url.split('#').next().unwrap_or(url);
    let mut request = Request::new(Vec::new());
    *request.method_mut() = method;
    *request.uri_mut() = bare.parse().map_err(|_| StartUrlError::NotHttps(url.to_owned()))?;
    request.extensions_mut().insert(RetryRule::by_status(Retry::Transient));
    context.send("the start URL", request).await.map_err(|error| LoginError::Call {
        operation: "the start URL",
        host: error.host.clone(),
        source: Box::new(CallError::Transport(error)),
    })
}
