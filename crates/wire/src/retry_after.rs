use std::time::Duration;

use http::{HeaderMap, header};

use crate::Timestamp;

/// Returns how long the service asks to wait: `x-amz-retry-after` in milliseconds, else
/// `Retry-After` in seconds, or as a date, which is compared with the `Date` of the answer.
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    if let Some(millis) = text(headers, "x-amz-retry-after").and_then(|text| text.parse().ok()) {
        return Some(Duration::from_millis(millis));
    }
    let text = text(headers, header::RETRY_AFTER.as_str())?;
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let time = |text| Timestamp::parse_http_date(text).ok();
    Some(time(self::text(headers, header::DATE.as_str())?)?.until(time(text)?))
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_is_in_milliseconds_in_seconds_or_a_date() {
        let delay = |name: &'static str, value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("date", "Fri, 02 Jan 2026 03:04:05 GMT".parse().unwrap());
            headers.insert(name, value.parse().unwrap());
            retry_after(&headers)
        };
        assert_eq!(delay("retry-after", "7"), Some(Duration::from_secs(7)));
        assert_eq!(delay("x-amz-retry-after", "1500"), Some(Duration::from_millis(1500)));
        let date = delay("retry-after", "Fri, 02 Jan 2026 03:04:08 GMT");
        assert_eq!(date, Some(Duration::from_secs(3)));
        assert_eq!(delay("retry-after", "soon"), None);
    }
}
