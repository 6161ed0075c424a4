use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

/// Where ids and tokens come from: the operating system, or a seed for tests that compare them.
pub(crate) enum Random {
    Seeded { counter: u64, seed: u64 },
    System,
}

impl Random {
    pub(crate) fn new(seed: Option<u64>) -> Self {
        seed.map_or(Self::System, |seed| Self::Seeded { counter: 0, seed })
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        match self {
            Self::Seeded { counter, seed } => {
                for chunk in bytes.chunks_mut(32) {
                    *counter = counter.wrapping_add(1);
                    let block = Sha256::new()
                        .chain_update(seed.to_be_bytes())
                        .chain_update(counter.to_be_bytes())
                        .finalize();
                    chunk.iter_mut().zip(block).for_each(|(byte, random)| *byte = random);
                }
            }
            Self::System => {
                getrandom::fill(&mut bytes).expect("the operating system has randomness");
            }
        }
        bytes
    }

    /// Returns `count` characters of the alphabet; the slight preference for its first ones does
    /// no harm here.
    fn characters(&mut self, alphabet: &[u8], count: usize) -> String {
        let bytes: [u8; 32] = self.bytes();
        let pick = |byte: u8| alphabet.iter().cycle().nth(byte.into()).copied().map(char::from);
        bytes.into_iter().take(count).filter_map(pick).collect()
    }

    /// An opaque text of URL-safe characters.
    pub(crate) fn token(&mut self, prefix: &str) -> String {
        prefix.to_owned() + &URL_SAFE_NO_PAD.encode(self.bytes::<48>())
    }

    /// Eight consonants, so that no word appears, in two groups that are easy to type.
    pub(crate) fn user_code(&mut self) -> String {
        let code = self.characters(b"BCDFGHJKLMNPQRSTVWXZ", 8);
        let (left, right) = code.split_at(4);
        format!("{left}-{right}")
    }

    pub(crate) fn access_key_id(&mut self) -> String {
        "ASIA".to_owned() + &self.characters(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)
    }

    /// Forty characters of Base64, with `+` and `/` among them as in real keys.
    pub(crate) fn secret_access_key(&mut self) -> String {
        STANDARD.encode(self.bytes::<30>())
    }

    pub(crate) fn session_token(&mut self) -> String {
        "IQoJb3JpZ2luX2Vj".to_owned() + &STANDARD.encode(self.bytes::<100>())
    }

    pub(crate) fn request_id(&mut self) -> String {
        let id = hex::encode(self.bytes::<16>());
        let mut rest = id.as_str();
        let groups = [8, 4, 4, 4, 12].map(|length| {
            let (group, after) = rest.split_at(length);
            rest = after;
            group
        });
        groups.join("-")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_everything_predictable() {
        let draw = |seed| {
            let mut random = Random::new(seed);
            [random.token("x"), random.user_code(), random.access_key_id(), random.request_id()]
        };
        assert_eq!(draw(Some(7)), draw(Some(7)));
        assert_ne!(draw(Some(7)), draw(Some(8)));
        assert_ne!(draw(None), draw(None));
    }

    #[test]
    fn texts_look_like_those_of_aws() {
        let mut random = Random::new(Some(1));
        assert_eq!(random.access_key_id().len(), 20);
        assert_eq!(random.secret_access_key().len(), 40);
        assert_eq!(random.user_code().len(), 9);
        assert_eq!(random.request_id().len(), 36);
    }
}
