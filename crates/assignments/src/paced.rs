use std::sync::Arc;

use http::{Request, StatusCode, Uri};
use providers::Clock;
use wire::{ResponseFuture, Retry, RetryRule, Transport, retry_after};

use crate::limiter::Limiter;

/// A transport that sends one request at each turn of the limiter. It repeats nothing: whoever calls
/// waits for another turn.
pub(crate) struct Paced {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) limiter: Limiter,
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
