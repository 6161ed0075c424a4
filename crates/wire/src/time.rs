use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, NaiveDateTime, Utc};

/// An instant in whole seconds since the Unix epoch.
///
/// Its `Display` is the one form that every SDK reads: `YYYY-MM-DDTHH:MM:SSZ`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The text is not a timestamp in any form that an AWS tool writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a timestamp")]
#[non_exhaustive]
pub struct ParseTimestampError;

/// The system cannot represent the instant: Windows knows none before the year 1601.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system has no such time")]
#[non_exhaustive]
pub struct SystemTimeRangeError;

/// 9999-12-31T23:59:59Z, the last instant that four digits of a year can write.
const LAST: i64 = 253_402_300_799;

impl Timestamp {
    /// Returns the instant that lies `seconds` after the epoch, held between the years 0 and 9999.
    pub const fn from_unix(seconds: i64) -> Self {
        const FIRST: i64 = -62_167_219_200;
        match seconds {
            ..FIRST => Self(FIRST),
            FIRST..=LAST => Self(seconds),
            _ => Self(LAST),
        }
    }

    /// Returns the whole second in which the given millisecond since the epoch lies.
    pub const fn from_unix_millis(millis: i64) -> Self {
        Self::from_unix(millis.div_euclid(1000))
    }

    /// Returns the seconds since the epoch.
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// Parses every form that AWS tools have written: RFC 3339 with `Z` or an offset, a space
    /// instead of the `T`, a fraction of a second (dropped), the suffix `UTC` of early AWS CLIs, and
    /// no zone at all, which is read as UTC.
    ///
    /// # Errors
    /// Returns [`ParseTimestampError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, ParseTimestampError> {
        let text = text.trim();
        // Rejects what chrono would take beyond the forms above, and long inputs, at once.
        if text.len() > 64 || !text.as_bytes().first().is_some_and(u8::is_ascii_digit) {
            return Err(ParseTimestampError);
        }
        if let Ok(time) = text.parse::<DateTime<Utc>>() {
            return Ok(Self::from_unix(time.timestamp()));
        }
        for format in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"] {
            if let Ok(time) = NaiveDateTime::parse_from_str(text, format) {
                return Ok(Self::from_unix(time.and_utc().timestamp()));
            }
        }
        Err(ParseTimestampError)
    }

    /// Parses the date of an HTTP header, such as `Fri, 02 Jan 2026 03:04:05 GMT`.
    ///
    /// # Errors
    /// Returns [`ParseTimestampError`] for anything else.
    pub fn parse_http_date(text: &str) -> Result<Self, ParseTimestampError> {
        let time = DateTime::parse_from_rfc2822(text).map_err(|_| ParseTimestampError)?;
        Ok(Self::from_unix(time.timestamp()))
    }

    /// Returns the time from `self` until `later`, zero where `later` is not later.
    pub fn until(self, later: Self) -> Duration {
        Duration::from_secs(u64::try_from(later.0.saturating_sub(self.0)).unwrap_or(0))
    }

    /// Formats the instant for a signature of AWS: `YYYYMMDDTHHMMSSZ`.
    pub fn basic(self) -> String {
        self.to_string().chars().filter(|c| !matches!(c, '-' | ':')).collect()
    }
}

impl From<SystemTime> for Timestamp {
    /// Takes the whole second in which the time lies, held between the years 0 and 9999.
    fn from(time: SystemTime) -> Self {
        let seconds = |span: Duration| i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
        match time.duration_since(UNIX_EPOCH) {
            Ok(after) => Self::from_unix(seconds(after)),
            Err(before) => {
                let span = before.duration();
                Self::from_unix(-seconds(span) - i64::from(span.subsec_nanos() > 0))
            }
        }
    }
}

impl TryFrom<Timestamp> for SystemTime {
    type Error = SystemTimeRangeError;

    fn try_from(time: Timestamp) -> Result<Self, SystemTimeRangeError> {
        let span = Duration::from_secs(time.0.unsigned_abs());
        let time = match time.0 {
            ..0 => UNIX_EPOCH.checked_sub(span),
            0.. => UNIX_EPOCH.checked_add(span),
        };
        time.ok_or(SystemTimeRangeError)
    }
}

impl std::ops::Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self::from_unix(self.0.saturating_add(i64::try_from(span.as_secs()).unwrap_or(i64::MAX)))
    }
}

impl std::ops::Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, span: Duration) -> Self {
        Self::from_unix(self.0.saturating_sub(i64::try_from(span.as_secs()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match DateTime::<Utc>::from_timestamp(self.0, 0) {
            Some(time) => time.format("%Y-%m-%dT%H:%M:%SZ").fmt(f),
            None => Err(fmt::Error), // unreachable: every constructor holds the range
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_that_tools_write_is_read() {
        let same = [
            "2026-01-02T03:04:05Z",
            "2026-01-02T03:04:05UTC",
            "2026-01-02t03:04:05z",
            "2026-01-02 03:04:05Z",
            "2026-01-02T03:04:05.123Z",
            "2026-01-02T03:04:05.1234567Z",
            "2026-01-02T05:04:05+02:00",
            "2026-01-02T05:04:05+0200",
            "2026-01-01T22:04:05-05:00",
            "2026-01-02T03:04:05",
            " 2026-01-02T03:04:05Z\n",
        ];
        for text in same {
            assert_eq!(Timestamp::parse(text), Ok(Timestamp(1_767_323_045)), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "tomorrow", "1767323045", "2026-01-02", "2026-13-02T03:04:05Z", "T", "+"] {
            assert_eq!(Timestamp::parse(text), Err(ParseTimestampError), "{text}");
        }
        assert_eq!(Timestamp::parse("+2026-01-02T03:04:05Z"), Err(ParseTimestampError));
        let of_length = |length: usize| format!("2026-01-02T03:04:05.{:0>1$}", "Z", length - 20);
        assert!(Timestamp::parse(&of_length(64)).is_ok());
        assert_eq!(Timestamp::parse(&of_length(65)), Err(ParseTimestampError));
    }

    #[test]
    fn the_date_of_a_response_is_read() {
        let date = Timestamp::parse_http_date("Fri, 02 Jan 2026 03:04:05 GMT");
        assert_eq!(date, Ok(Timestamp(1_767_323_045)));
        assert!(Timestamp::parse_http_date("yesterday").is_err());
    }

    #[test]
    fn a_system_time_loses_its_fraction() {
        let at = |millis: i64| {
            let span = Duration::from_millis(millis.unsigned_abs());
            Timestamp::from(if millis < 0 { UNIX_EPOCH - span } else { UNIX_EPOCH + span })
        };
        assert_eq!([at(1999), at(0), at(-1), at(-1000)].map(Timestamp::unix), [1, 0, -1, -1]);
        for seconds in [0, 1_767_323_045, -5, LAST] {
            let time = SystemTime::try_from(Timestamp(seconds)).unwrap();
            assert_eq!(Timestamp::from(time), Timestamp(seconds));
        }
    }

    #[test]
    fn the_written_form_has_no_fraction_and_no_offset() {
        let time = Timestamp::from_unix_millis(1_767_323_045_999);
        assert_eq!(time.to_string(), "2026-01-02T03:04:05Z");
        assert_eq!(time.basic(), "20260102T030405Z");
        assert_eq!(Timestamp::from_unix(i64::MAX).to_string(), "9999-12-31T23:59:59Z");
        assert_eq!(Timestamp::from_unix(i64::MIN).to_string(), "0000-01-01T00:00:00Z");
    }
}
