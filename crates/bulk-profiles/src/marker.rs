use std::borrow::Cow;

use sha2::{Digest, Sha256};

use crate::AssignedRole;
use crate::form::MANAGED;

/// The setting by which a generated profile is known. SDKs take no notice of it.
pub(crate) const NAME: &str = "keyfob_sync";

/// What a generated profile is of, and what was written into it: what it is called does not count.
///
/// It is written as `v1 SESSION ACCOUNT ROLE DIGEST`, in the quotes of a POSIX shell, with `rN` behind
/// it for the Nth of several regions, `joined` where the file did not end with a line end before, and
/// `+NAME` for each further setting that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Marker<'a> {
    pub(crate) identity: Identity<'a>,
    pub(crate) digest: Cow<'a, str>,
    pub(crate) joined: bool,
    pub(crate) more: Vec<String>,
}

/// Whose profile it is, of those of a session.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Identity<'a> {
    pub(crate) account_id: Cow<'a, str>,
    pub(crate) role_name: Cow<'a, str>,
    pub(crate) region_index: usize,
}

impl<'a> Identity<'a> {
    pub(crate) fn new(role: &AssignedRole<'a>) -> Self {
        Self {
            account_id: role.account_id.into(),
            role_name: role.role_name.into(),
            region_index: role.region_index,
        }
    }
}

impl<'a> Marker<'a> {
    /// Reads what stands in a profile, with the session; what is not understood is of a later
    /// version, and not ours.
    pub(crate) fn parse(text: &'a str) -> Option<(Cow<'a, str>, Self)> {
        // Where nothing is quoted, no word is copied: there may be thousands of profiles.
        match text.bytes().any(|byte| matches!(byte, b'\'' | b'"' | b'\\' | b'#')) {
            true => Self::of_words(shlex::split(text)?.into_iter().map(Cow::Owned)),
            false => Self::of_words(text.split_ascii_whitespace().map(Cow::Borrowed)),
        }
    }

    fn of_words(mut words: impl Iterator<Item = Cow<'a, str>>) -> Option<(Cow<'a, str>, Self)> {
        if words.next()? != "v1" {
            return None;
        }
        let (session, account_id, role_name) = (words.next()?, words.next()?, words.next()?);
        let digest = words.next()?;
        let mut region_index = 0;
        let mut joined = false;
        let mut more = Vec::new();
        for word in words {
            match (word.strip_prefix('r'), word.strip_prefix('+')) {
                (Some(number), _) => region_index = number.parse().ok()?,
                (_, Some(name)) => more.push(name.to_owned()),
                _ if word == "joined" => joined = true,
                _ => return None,
            }
        }
        let identity = Identity { account_id, role_name, region_index };
        Some((session, Self { identity, digest, joined, more }))
    }

    pub(crate) fn write(&self, session: &str) -> String {
        let Identity { account_id, role_name, region_index } = &self.identity;
        let quoted = |word: &str| shlex::try_quote(word).unwrap_or_default().into_owned();
        let (session, role_name) = (quoted(session), quoted(role_name));
        let mut text = format!("v1 {session} {account_id} {role_name} {}", self.digest);
        if *region_index > 0 {
            text += &format!(" r{region_index}");
        }
        if self.joined {
            text += " joined";
        }
        for name in &self.more {
            text += &format!(" +{name}");
        }
        text
    }
}

/// Digests settings in the order of [`MANAGED`] and of `more`, so that a change of a person is seen.
pub(crate) fn digest<'v>(more: &[String], value: impl Fn(&str) -> Option<&'v str>) -> String {
    let mut hash = Sha256::new();
    for name in MANAGED.into_iter().chain(more.iter().map(String::as_str)) {
        if let Some(value) = value(name) {
            hash.update(name);
            hash.update("=");
            hash.update(value);
            hash.update("\n");
        }
    }
    let digest = hash.finalize();
    hex::encode(digest.get(..4).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_read_as_it_was_written() {
        for (region_index, joined, more) in
            [(0, false, &[][..]), (2, false, &["output"]), (0, true, &[]), (1, true, &["a", "b"])]
        {
            let identity = Identity {
                account_id: "111122223333".into(),
                role_name: "Read'Only".into(),
                region_index,
            };
            let more = more.iter().map(|name| (*name).to_owned()).collect();
            let marker = Marker { identity, digest: "0a1b2c3d".into(), joined, more };
            let written = marker.write("my company");
            assert_eq!(Marker::parse(&written), Some(("my company".into(), marker)));
        }
        for text in ["", "work", "v2 a b c d", "v1 a b c", "v1 a b c d later", "v1 'a"] {
            assert_eq!(Marker::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_digest_is_of_all_managed_settings_and_of_nothing_else() {
        let of = |settings: &'static [(&str, &str)]| {
            let value = |name: &str| settings.iter().find(|(own, _)| *own == name);
            digest(&[], |name| value(name).map(|(_, value)| *value))
        };
        let one = of(&[("sso_session", "a"), ("region", "r"), ("output", "json")]);
        assert_eq!(one, of(&[("region", "r"), ("sso_session", "a")]));
        assert_ne!(one, of(&[("sso_session", "a"), ("region", "s")]));
        assert_ne!(one, of(&[("sso_session", "a")]));
        assert_eq!(one.len(), 8);
    }
}
