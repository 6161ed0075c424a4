use std::sync::Arc;

use http::{Request, StatusCode, Uri};
use providers::{Clock, Context, Session};
use token_cache::CacheKey;
use wire::{ResponseFuture, Retry, RetryRule, Transport, retry_after};

use crate::limiter::Limiter;

/// A transport that sends one request at each turn of the limiter. It repeats nothing: whoever calls
/// waits for another turn.
struct Paced {
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    limiter: Limiter,
}

/// Lets a context keep the pace. There is one quota for each portal, whatever the sessions are called.
pub(crate) fn paced(context: &Context, session: &Session) -> Context {
    let portal = context.caches().listings.file(&CacheKey::for_start_url(&session.start_url));
    let (clock, limiter) = (Arc::clone(context.clock()), Limiter::new(portal.beside("pace")));
    let paced = |transport| Arc::new(Paced { transport, clock, limiter }) as Arc<dyn Transport>;
    context.clone().with_layer(paced)
}

impl Transport for Paced {
    fn connect_ahead(&self, endpoint: &Uri) {
        self.transport.connect_ahead(endpoint);
    }

    fn send<'a>(&'a self, mut request: Request<Vec<u8>>) -> ResponseFuture<'a> {
        request.extensions_mut().insert(RetryRule::by_status(Retry::Unconnected));
        Box::pin(async move {
            let turn = self.limiter.turn(&*self.clock).await;
            let response = self.transport.send(request).await?;
            if response.status() == StatusCode::TOO_MANY_REQUESTS {
                let asked = retry_after(response.headers());
                self.limiter.slow_down(&*self.clock, turn, asked).await;
            }
            Ok(response)
        })
    }
}
