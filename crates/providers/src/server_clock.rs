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
            let side = if seconds.is_positive() { "behind" } else { "ahead" };
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

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures_lite::future::block_on;
    use http::Response;
    use test_support::{Notes, TestClock};

    use super::*;

    const NOW: i64 = 1_767_323_045;

    fn told(seconds: i64) -> Vec<String> {
        let (skew, notes) = (Skew::default(), Notes::default());
        skew.seconds.store(seconds, Ordering::Relaxed);
        skew.tell(&notes);
        let told = notes.warnings();
        skew.tell(&notes);
        assert_eq!(notes.warnings(), [""; 0], "it is told once");
        told
    }

    #[test]
    fn a_wrong_clock_is_told_once_in_the_unit_that_fits() {
        assert_eq!(told(0), [""; 0]);
        for (minutes, span) in [
            (5, "5 minutes behind"),
            (-120, "120 minutes ahead"),
            (121, "2 hours behind"),
            (2880, "48 hours behind"),
            (-2881, "2 days ahead"),
            (5760, "4 days behind"),
        ] {
            let expected = format!("the clock of this machine is {span}; set it right");
            assert_eq!(told(minutes * 60), [expected]);
        }
    }

    /// A server that has a time of its own, and keeps who is connected to.
    #[derive(Default)]
    struct Server(Mutex<Vec<Uri>>);

    impl Transport for Server {
        fn connect_ahead(&self, endpoint: &Uri) {
            self.0.lock().unwrap().push(endpoint.clone());
        }

        fn send<'a>(&'a self, _: Request<Vec<u8>>) -> ResponseFuture<'a> {
            let response = Response::builder().header("date", "Fri, 02 Jan 2026 03:04:05 GMT");
            Box::pin(std::future::ready(Ok(response.body(Vec::new()).unwrap())))
        }
    }

    #[test]
    fn the_clock_follows_a_server_that_is_over_four_minutes_away() {
        for (away, followed) in [(240, 0), (-240, 0), (241, 241), (-241, -241)] {
            let skew = Arc::<Skew>::default();
            let server = Arc::<Server>::default();
            let clock = TestClock::at(Timestamp::from_unix(NOW - away));
            let dated = DatedTransport {
                transport: server.clone(),
                clock: clock.clone(),
                skew: Arc::clone(&skew),
            };
            let corrected = ServerClock { clock: clock.clone(), skew };
            block_on(dated.send(Request::default())).unwrap();
            assert_eq!(corrected.now().unix(), NOW - away + followed);
            // What processes of this machine agree on has nothing to do with servers.
            block_on(corrected.sleep(Duration::from_secs(7)));
            assert_eq!(corrected.elapsed(), Duration::from_secs(7));
            assert_eq!(corrected.machine_time(), clock.machine_time());
            let endpoint = Uri::from_static("https://h");
            dated.connect_ahead(&endpoint);
            assert_eq!(*server.0.lock().unwrap(), [endpoint]);
        }
    }
}
