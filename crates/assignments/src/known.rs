use std::collections::BTreeSet;

use providers::{Caches, Session};
use wire::Timestamp;

use crate::index::is_known;
use crate::listing::tell;
use crate::{Assigned, Index, Listing, Portal, Request};

/// The largest index that is read, in bytes. 10 000 accounts of 3 roles have about 2 MB.
pub(crate) const MAX_INDEX: u64 = 64 << 20;

impl Listing {
    /// Returns what the index of a session knows, however old: nothing where it cannot be read.
    pub fn known(session: &Session, caches: &Caches) -> Index {
        let file = caches.listings.file(&session.cache_key());
        let bytes = file.load_at_most(MAX_INDEX).ok().flatten().unwrap_or_default();
        let portal = Portal { start_url: &session.start_url, region: &session.region };
        Index::from_slice(&bytes, portal).unwrap_or_default()
    }

    /// Answers from the index of a session, where that is young enough at `now`: what
    /// [`Listing::list`] would answer without asking the portal.
    pub fn fresh(
        session: &Session,
        caches: &Caches,
        request: &Request<'_>,
        now: Timestamp,
    ) -> Option<Vec<Assigned>> {
        let index = Self::known(session, caches);
        let is_fresh = !request.renew && answers(&index, request, None, now);
        is_fresh.then(|| tell(index, request, &BTreeSet::new(), &mut |_| {}))
    }
}

/// Whether the index answers without the network, with nothing that was listed before `since`.
pub(crate) fn answers(
    index: &Index,
    request: &Request<'_>,
    since: Option<Timestamp>,
    now: Timestamp,
) -> bool {
    let knows = |one: &Assigned| !request.roles || is_known(one, since, now);
    index.is_fresh(now) && index.listed_at() >= since && wanted(index, request).all(knows)
}

/// Returns since when all that is wanted is known, `None` where something is not.
pub(crate) fn known_since(index: &Index, request: &Request<'_>) -> Option<Timestamp> {
    let mut since = index.listed_at()?;
    for assigned in wanted(index, request).filter(|_| request.roles) {
        since = since.min(assigned.roles.as_ref()?.listed_at);
    }
    Some(since)
}

pub(crate) fn wanted<'i>(
    index: &'i Index,
    request: &Request<'i>,
) -> impl Iterator<Item = &'i Assigned> + use<'i> {
    let accounts = request.accounts;
    index.assigned().iter().filter(move |one| accounts(&one.account))
}
