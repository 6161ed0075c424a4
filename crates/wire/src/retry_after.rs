use std::time::Duration;

use http::{HeaderMap, header};

use crate::Timestamp;

/// Returns how long the service asks to wait: `x-amz-retry-after` in milliseconds, else
/// `Retry-After` in seconds or as a date, which is compared with `now`.
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    if let Some(millis) = text("x-amz-retry-after").and_then(|text| text.parse().ok()) {
        return Some(Duration::from_millis(millis));
    }
    let text = text(header::RETRY_AFTER.as_str())?;
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    Timestamp::parse_http_date(text).ok().map(|at| now.until(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_is_in_milliseconds_in_seconds_or_a_date() {
        let now = Timestamp::parse("2026-01-02T03:04:05Z").unwrap();
        let delay = |name: &'static str, value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            retry_after(&headers, now)
        };
        assert_eq!(delay("retry-after", "7"), Some(Duration::from_secs(7)));
        assert_eq!(delay("x-amz-retry-after", "1500"), Some(Duration::from_millis(1500)));
        let date = delay("retry-after", "Fri, 02 Jan 2026 03:04:08 GMT");
        assert_eq!(date, Some(Duration::from_secs(3)));
        assert_eq!(delay("retry-after", "soon"), None);
    }
}
