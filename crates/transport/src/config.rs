use crate::{Proxies, RetryPolicy, Roots};

/// What a transport needs to know: by default no proxy, three attempts and the roots of the system.
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub(crate) proxies: Proxies,
    pub(crate) retry: RetryPolicy,
    pub(crate) roots: Roots,
    pub(crate) user_agent: String,
}

impl Config {
    /// Sets the proxies.
    #[must_use]
    pub fn with_proxies(self, proxies: Proxies) -> Self {
        Self { proxies, ..self }
    }

    /// Sets how failures are repeated.
    #[must_use]
    pub fn with_retry(self, retry: RetryPolicy) -> Self {
        Self { retry, ..self }
    }

    /// Sets whose certificates are trusted.
    #[must_use]
    pub fn with_roots(self, roots: Roots) -> Self {
        Self { roots, ..self }
    }

    /// Sets the header `User-Agent` of the requests that have none.
    #[must_use]
    pub fn with_user_agent(self, user_agent: impl Into<String>) -> Self {
        Self { user_agent: user_agent.into(), ..self }
    }
}
