//! A wrong clock of this machine is noticed by the `Date` of answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use http::{Request, Uri, header};
use wire::{ResponseFuture, Timestamp, Transport};

use crate::{Clock, Context, Log, Sleep, Work};

/// What AWS accepts is 15 minutes; Go's SDK corrects a clock that is off by more than this.
const TOLERANCE: i64 = 4 * 60;

/// How long a server is waited for that is asked for nothing but the time.
const PATIENCE: Duration = Duration::from_secs(3);

/// How far the clock of this machine is behind that of the servers, in seconds.
#[derive(Debug, Default)]
pub(crate) struct Skew {
    seconds: AtomicI64,
    told: AtomicBool,
}

/// The clock of this machine, corrected once a server has shown that it is wrong: what is written
/// into shared files must be right for everybody.
pub(crate) struct ServerClock {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) skew: Arc<Skew>,
}

/// Looks at the dates of answers.
pub(crate) struct DatedTransport {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) skew: Arc<Skew>,
}

impl Skew {
    /// Says once that the clock is wrong, where it is.
    pub(crate) fn tell(&self, log: &dyn Log) {
        let seconds = self.seconds.load(Ordering::Relaxed);
        if seconds != 0 && !self.told.swap(true, Ordering::Relaxed) {
            let side = if seconds > 0 { "behind" } else { "ahead" };
            let span = match seconds.unsigned_abs() / 60 {
                minutes @ 0..=120 => format!("{minutes} minutes"),
                minutes @ 121..=2880 => format!("{} hours", minutes / 60),
                minutes => format!("{} days", minutes / 60 / 24),
            };
            log.warn(&format!("the clock of this machine is {span} {side}; set it right"));
        }
    }
}

impl Context {
    /// Asks a server what time it is, where nothing but the clock speaks against going on; tells
    /// whether that is wrong. Whatever is answered has a date.
    pub(crate) async fn is_clock_wrong(&self, endpoint: &Uri) -> bool {
        let mut request = Request::new(Vec::new());
        *request.uri_mut() = endpoint.clone();
        let asked = async { drop(self.transport.send(request).await) };
        futures_lite::future::or(asked, self.clock.sleep(PATIENCE)).await;
        self.skew.tell(&*self.log);
        self.skew.seconds.load(Ordering::Relaxed) != 0
    }
}

impl Clock for ServerClock {
    fn now(&self) -> Timestamp {
        let now = self.clock.now();
        Timestamp::from_unix(now.unix().saturating_add(self.skew.seconds.load(Ordering::Relaxed)))
    }

    fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    fn machine_time(&self) -> Duration {
        self.clock.machine_time()
    }

    fn sleep(&self, span: Duration) -> Sleep<'_> {
        self.clock.sleep(span)
    }

    fn spawn(&self, work: Work) {
        self.clock.spawn(work);
    }
}

impl Transport for DatedTransport {
    fn connect_ahead(&self, endpoint: &Uri) {
        self.transport.connect_ahead(endpoint);
    }

    fn send<'a>(&'a self, request: Request<Vec<u8>>) -> ResponseFuture<'a> {
        Box::pin(async move {
            let response = self.transport.send(request).await?;
            let date = response.headers().get(header::DATE).and_then(|date| date.to_str().ok());
            if let Some(date) = date.and_then(|date| Timestamp::parse_http_date(date).ok()) {
                let seconds = date.unix().saturating_sub(self.clock.now().unix());
                let is_wrong = seconds.abs() > TOLERANCE;
                self.skew.seconds.store(if is_wrong { seconds } else { 0 }, Ordering::Relaxed);
            }
            Ok(response)
        })
    }
}
