use std::time::Duration;

use serde::Deserialize;

use crate::route::OPERATIONS;

/// Something that goes wrong with some requests.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Entry")]
#[non_exhaustive]
pub struct Fault {
    /// What happens.
    pub kind: FaultKind,
    /// The operation it happens to, such as `GetRoleCredentials`. `CreateToken` means every grant,
    /// `CreateToken:refresh_token` one of them, and `*` every operation of AWS, but no page.
    pub operation: String,
    /// How many requests are let through first.
    pub skip: u32,
    /// How many requests are hit after that; all where absent.
    pub times: Option<u32>,
}

impl Fault {
    /// Describes a fault that hits every request of the operation.
    pub fn new(operation: &str, kind: FaultKind) -> Self {
        Self { kind, operation: operation.to_owned(), skip: 0, times: None }
    }

    /// Lets the first `skip` requests through.
    #[must_use]
    pub fn skip(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    /// Ends the fault after it has hit `times` requests.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }
}

/// Whether what is said of `wanted` concerns an operation.
pub(crate) fn covers(wanted: &str, operation: &str) -> bool {
    let action = operation.split_once(':').map_or(operation, |(action, _)| action);
    ["*", action, operation].contains(&wanted)
}

/// What a [`Fault`] does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// The connection breaks without an answer.
    Drop {
        /// Whether the request is carried out first, so that only its answer is lost.
        processed: bool,
    },
    /// The answer has the status and no body.
    Empty {
        /// The status of the answer.
        status: u16,
    },
    /// The client registration is refused: `InvalidClientException`, 401.
    ExpiredRegistration,
    /// The access is refused: `ForbiddenException`, and `AccessDenied` for STS, 403.
    Forbidden,
    /// The identity provider cannot be reached: `IDPCommunicationError`, 400.
    IdpCommunicationError,
    /// The answer comes late. Faults further down still apply.
    Latency(Duration),
    /// The answer is a page of HTML, as from a captive portal.
    NotJson {
        /// The status of the answer.
        status: u16,
    },
    /// The client is told to slow down: `SlowDownException`, 400.
    SlowDown,
    /// The service fails with this status and an error of its own.
    Status(u16),
    /// The request is throttled: 429, and 400 for STS.
    Throttle {
        /// The seconds that a header `Retry-After` asks to wait.
        retry_after: Option<u32>,
    },
    /// The request is carried out, and the connection breaks half-way through the answer.
    Truncated,
    /// The access token is refused although it is valid: `UnauthorizedException`, 401. Or it is
    /// the key: `InvalidClientTokenId` for STS, 403.
    Unauthorized,
}

/// The `[[fault]]` table, flat so that serde refuses unknown keys.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    kind: KindName,
    ms: Option<u32>,
    operation: String,
    processed: Option<bool>,
    retry_after: Option<u32>,
    #[serde(default)]
    skip: u32,
    status: Option<u16>,
    times: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KindName {
    Drop,
    Empty,
    ExpiredRegistration,
    Forbidden,
    IdpCommunicationError,
    Latency,
    NotJson,
    SlowDown,
    Status,
    Throttle,
    Truncated,
    Unauthorized,
}

impl TryFrom<Entry> for Fault {
    type Error = String;

    fn try_from(entry: Entry) -> Result<Self, String> {
        let Entry { kind, ms, operation, processed, retry_after, skip, status, times } = entry;
        if !OPERATIONS.iter().any(|known| covers(&operation, known)) {
            let known = OPERATIONS.join(", ");
            return Err(format!("unknown operation `{operation}`, known: *, {known}"));
        }
        if status.is_some_and(|status| !(200..=599).contains(&status)) {
            return Err("a status is between 200 and 599".to_owned());
        }
        let kind = match (kind, ms, processed, retry_after, status) {
            (KindName::Drop, None, processed, None, None) => {
                FaultKind::Drop { processed: processed.unwrap_or(true) }
            }
            (KindName::Empty, None, None, None, status) => {
                FaultKind::Empty { status: status.unwrap_or(200) }
            }
            (KindName::ExpiredRegistration, None, None, None, None) => {
                FaultKind::ExpiredRegistration
            }
            (KindName::Forbidden, None, None, None, None) => FaultKind::Forbidden,
            (KindName::IdpCommunicationError, None, None, None, None) => {
                FaultKind::IdpCommunicationError
            }
            (KindName::Latency, Some(ms), None, None, None) => {
                FaultKind::Latency(Duration::from_millis(ms.into()))
            }
            (KindName::NotJson, None, None, None, status) => {
                FaultKind::NotJson { status: status.unwrap_or(200) }
            }
            (KindName::SlowDown, None, None, None, None) => FaultKind::SlowDown,
            (KindName::Status, None, None, None, Some(status)) if status >= 500 => {
                FaultKind::Status(status)
            }
            (KindName::Throttle, None, None, retry_after, None) => {
                FaultKind::Throttle { retry_after }
            }
            (KindName::Truncated, None, None, None, None) => FaultKind::Truncated,
            (KindName::Unauthorized, None, None, None, None) => FaultKind::Unauthorized,
            (KindName::Latency, None, ..) => return Err("`latency` needs the key `ms`".to_owned()),
            (KindName::Status, .., None | Some(..=499)) => {
                return Err("`status` needs a key `status` of 500 to 599".to_owned());
            }
            _ => return Err("a key that does not belong to this kind of fault".to_owned()),
        };
        Ok(Self { kind, operation, skip, times })
    }
}

/// The faults of a scenario and how far each of them has come.
pub(crate) struct FaultPlan(Vec<(Fault, u32)>);

/// What the faults do to one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Strike {
    pub(crate) delay: Duration,
    pub(crate) kind: Option<FaultKind>,
}

impl FaultPlan {
    pub(crate) fn new(faults: &[Fault]) -> Self {
        Self(faults.iter().map(|fault| (fault.clone(), 0)).collect())
    }

    /// Decides about one request: the first fault that hits it, after the delays before that one.
    pub(crate) fn strike(&mut self, operation: &str) -> Strike {
        let mut strike = Strike::default();
        for (fault, seen) in &mut self.0 {
            if !covers(&fault.operation, operation) {
                continue;
            }
            let before = *seen;
            *seen = seen.saturating_add(1);
            let over = fault.times.is_some_and(|times| before >= fault.skip.saturating_add(times));
            if before < fault.skip || over {
                continue;
            }
            match fault.kind {
                FaultKind::Latency(delay) => strike.delay += delay,
                kind => {
                    strike.kind = Some(kind);
                    break;
                }
            }
        }
        strike
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skip_and_times_bound_a_fault() {
        let fault = Fault::new("CreateToken", FaultKind::SlowDown).skip(1).times(2);
        let mut plan = FaultPlan::new(&[fault]);
        let hits: Vec<_> =
            (0..5).map(|_| plan.strike("CreateToken:device_code").kind.is_some()).collect();
        assert_eq!(hits, [false, true, true, false, false]);
        assert_eq!(plan.strike("ListAccounts"), Strike::default());
    }

    #[test]
    fn latency_adds_up_and_the_first_other_fault_wins() {
        let ms = Duration::from_millis;
        let mut plan = FaultPlan::new(&[
            Fault::new("*", FaultKind::Latency(ms(10))),
            Fault::new("Logout", FaultKind::Latency(ms(5))),
            Fault::new("Logout", FaultKind::Forbidden).times(1),
            Fault::new("*", FaultKind::Truncated).times(1),
        ]);
        let first = plan.strike("Logout");
        assert_eq!(first, Strike { delay: ms(15), kind: Some(FaultKind::Forbidden) });
        assert_eq!(plan.strike("Logout").kind, Some(FaultKind::Truncated));
        assert_eq!(plan.strike("Logout").kind, None);
    }

    #[test]
    fn entries_must_fit_their_kind() {
        let check = |text: &str, part: &str| {
            let text = format!("operation = \"Logout\"\n{text}");
            let error = toml::from_str::<Fault>(&text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        };
        check("kind = \"latency\"", "needs the key `ms`");
        check("kind = \"status\"\nstatus = 404", "500 to 599");
        check("kind = \"status\"", "500 to 599");
        check("kind = \"empty\"\nstatus = 99", "between 200 and 599");
        check("kind = \"forbidden\"\nms = 5", "does not belong");
        check("kind = \"boom\"", "unknown variant `boom`");
        let error = toml::from_str::<Fault>("operation = \"Log\"\nkind = \"drop\"").unwrap_err();
        assert!(error.to_string().contains("unknown operation `Log`"));
    }
}
