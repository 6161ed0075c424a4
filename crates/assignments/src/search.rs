use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

const BETWEEN_CELLS: &str = "  ";

/// What a letter must be worth on average where letters are scattered. One that stands nowhere special is
/// worth 16, gaps cost, and letters that begin words or stand together count more: letters that merely
/// occur stay below.
const FLOOR: usize = 18;

/// What a rank counts more than the one below, and no score reaches.
const RANK: u32 = 1 << 16;

/// A search by parts of words, in any order: `prod adm` finds `Administrator` in `production`. Whole words
/// count most, then how words begin, then what stands in the middle of one, then scattered letters,
/// which must be close together or begin words. `'word` must occur as it stands, `^word` begins a cell,
/// `word$` ends one, `!word` must not occur.
#[derive(Debug)]
pub struct Search {
    words: Vec<Word>,
    matcher: Matcher,
    buffer: Vec<char>,
}

/// A part of a word. One that occurs as it stands fits as well as it can, and to find that out costs a
/// tenth of the search for its letters.
#[derive(Debug)]
struct Word {
    /// The word with its sign.
    atom: Atom,
    /// The same as it stands, where it has no sign that asks for another place.
    as_it_stands: Option<AsItStands>,
}

#[derive(Debug)]
struct AsItStands {
    anywhere: Atom,
    at_begin: Atom,
}

/// How a word occurs as it stands, the worst first.
#[derive(Clone, Copy)]
enum Rank {
    Inside = 1,
    Begins = 2,
    Whole = 3,
}

impl Word {
    fn score(&self, text: &str, matcher: &mut Matcher, buffer: &mut Vec<char>) -> Option<u32> {
        let Self { atom, as_it_stands } = self;
        if let Some(as_it_stands) = as_it_stands {
            let text = Utf32Str::new(text, buffer);
            if let Some(score) = as_it_stands.score(text, matcher) {
                return Some(score);
            }
            let letters = atom.needle_text().len();
            let fuzzy = atom.kind == AtomKind::Fuzzy;
            let scattered = || atom.score(text, matcher).map(u32::from);
            let is_enough = |score: &u32| *score as usize >= FLOOR * letters;
            return fuzzy.then(scattered).flatten().filter(is_enough);
        }
        if atom.kind == AtomKind::Substring {
            return atom.score(Utf32Str::new(text, buffer), matcher).map(|_| 0); // it must not occur
        }
        let cells = text.split(BETWEEN_CELLS);
        let mut scores = cells.map(|cell| atom.score(Utf32Str::new(cell, buffer), matcher));
        if atom.negative {
            scores.all(|score| score.is_some()).then_some(0)
        } else {
            scores.flatten().max().map(u32::from)
        }
    }
}

impl AsItStands {
    fn of(atom: &Atom) -> Option<Self> {
        let is_loose = matches!(atom.kind, AtomKind::Fuzzy | AtomKind::Substring);
        (is_loose && !atom.negative).then(|| {
            let (mut anywhere, mut at_begin) = (atom.clone(), atom.clone());
            anywhere.kind = AtomKind::Substring;
            at_begin.kind = AtomKind::Prefix;
            Self { anywhere, at_begin }
        })
    }

    fn score(&self, text: Utf32Str<'_>, matcher: &mut Matcher) -> Option<u32> {
        let score = self.anywhere.score(text, matcher)?;
        Some(self.rank(text, matcher) as u32 * RANK + u32::from(score))
    }

    fn rank(&self, text: Utf32Str<'_>, matcher: &mut Matcher) -> Rank {
        let letters = self.anywhere.needle_text().len();
        let mut rank = Rank::Inside;
        let mut before = None;
        for (index, c) in text.chars().enumerate() {
            let begins = begins_word(before, c);
            before = Some(c);
            if !begins || self.at_begin.score(text.slice(index..), matcher).is_none() {
                continue;
            }
            rank = Rank::Begins;
            let behind = text.chars().nth(index + letters);
            let is_whole = behind.is_none_or(|c| !c.is_alphanumeric());
            if is_whole {
                return Rank::Whole;
            }
        }
        rank
    }
}

/// Whether a word begins with a character: behind what is none, or with a capital as in `ReadOnly`.
fn begins_word(before: Option<char>, c: char) -> bool {
    let Some(before) = before else { return true };
    !before.is_alphanumeric() || before.is_lowercase() && c.is_uppercase()
}

impl Search {
    /// Prepares a search for words that are separated by blanks.
    pub fn new(words: &str) -> Self {
        let atoms = Pattern::parse(words, CaseMatching::Ignore, Normalization::Smart).atoms;
        let word = |atom: Atom| Word { as_it_stands: AsItStands::of(&atom), atom };
        Self {
            words: atoms.into_iter().map(word).collect(),
            matcher: Matcher::new(Config::DEFAULT),
            buffer: Vec::new(),
        }
    }

    /// Returns how well a text fits, `None` where it does not. Two blanks stand between its cells.
    pub fn score(&mut self, text: &str) -> Option<u32> {
        let Self { words, matcher, buffer } = self;
        words.iter().map(|word| word.score(text, matcher, buffer)).sum()
    }

    /// Returns those that fit, best first; equally good ones stay in their order. `text` writes what
    /// of an item is searched.
    pub fn best<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut text: impl FnMut(&T, &mut String),
    ) -> Vec<T> {
        let mut line = String::new();
        let mut found: Vec<(u32, T)> = Vec::new();
        for item in items {
            line.clear();
            text(&item, &mut line);
            if let Some(score) = self.score(&line) {
                found.push((score, item));
            }
        }
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        found.into_iter().map(|(_, item)| item).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_words_find_a_line_in_any_order() {
        let line = "222233334444  Staging  team@example.com";
        let score = |words| Search::new(words).score(line);
        assert!(score("stag").is_some());
        assert!(score("team 2222").is_some());
        assert!(score("stgng") < score("staging"));
        assert_eq!(score("prod"), None);
        assert_eq!(score("stag !team"), None);
        assert!(score("^stag").is_some() && score("^tag").is_none());
        assert!(score("ing$ .com$").is_some() && score("stag$").is_none());
        assert!(score("^staging$").is_some());
        assert_eq!((score("!^stag"), score("!^tag")), (None, Some(0)));
    }

    /// 432 accounts of a company, with three roles each.
    fn organisation() -> Vec<String> {
        let units = [
            "payments",
            "retail",
            "logistics",
            "identity",
            "analytics",
            "platform",
            "marketing",
            "research",
            "insurance",
            "telemetry",
            "content",
            "warehouse",
        ];
        let teams = [
            "core",
            "edge",
            "data-lake",
            "backoffice",
            "mobile",
            "gateway",
            "batch",
            "reporting",
            "network",
            "sandbox",
            "shared-services",
            "security",
        ];
        let mut lines = Vec::new();
        for (unit_number, unit) in units.iter().enumerate() {
            for (team_number, team) in teams.iter().enumerate() {
                for (stage_number, stage) in ["prod", "staging", "dev"].iter().enumerate() {
                    let id = 100_000_000_000_u64
                        + (unit_number * 1000 + team_number * 10 + stage_number) as u64 * 7_654_321;
                    for role in ["AdministratorAccess", "ReadOnly", "PowerUser"] {
                        let name = format!("{unit}-{team}-{stage}");
                        lines.push(format!("{id}  {name}  aws+{name}@example.com  {role}"));
                    }
                }
            }
        }
        lines
    }

    fn found<'l>(words: &str, lines: &'l [String]) -> Vec<&'l str> {
        Search::new(words).best(lines.iter().map(String::as_str), |line, text| text.push_str(line))
    }

    #[test]
    fn whole_words_come_before_beginnings_and_those_before_the_rest() {
        let ranked = [
            "1  eu-prod  x@example.com  Reader",
            "2  prod.eu  x@example.com  Reader",
            "3  products  x@example.com  Reader",
            "4  eu-production  x@example.com  Reader",
            "5  x  x@example.com  BigProducer",
            "6  nonproduct  x@example.com  Reader",
            "7  pirod-x  x@example.com  Reader",
        ];
        let mut lines = ranked.map(str::to_owned);
        lines.reverse();
        let ids = |words: &str| -> String {
            found(words, &lines).iter().filter_map(|line| line.chars().next()).collect()
        };
        let order = ids("PROD");
        assert_eq!(order.len(), 7, "{order}");
        assert!(order.starts_with(['1', '2']) && order.ends_with("67"), "{order}");
        assert_eq!(ids("'prod").len(), 6, "scattered letters do not occur as they stand");
        assert_eq!(ids("prod.eu"), "2");
        let lines = organisation();
        for (words, part) in [("core prod", "-core-prod  "), ("READONLY edge", "  ReadOnly")] {
            let found = found(words, &lines);
            assert!(found.iter().take(12).all(|line| line.contains(part)), "{words}: {found:?}");
        }
        let security = found("sec", &lines);
        assert_eq!(security.iter().filter(|line| line.contains("-security-")).count(), 108);
        assert!(security.iter().take(108).all(|line| line.contains("-security-")));
    }

    #[test]
    fn letters_that_are_left_out_are_forgiven() {
        let lines = organisation();
        for (words, part) in [
            ("stgng", "staging"),
            ("anlytcs", "analytics"),
            ("pltfrm", "platform"),
            ("pymnts", "payments"),
            ("rdonly", "ReadOnly"),
            ("datalake", "data-lake"),
            ("rtlmbl", "retail-mobile"),
            ("admacc", "AdministratorAccess"),
        ] {
            let found = found(words, &lines);
            assert!(found.first().is_some_and(|line| line.contains(part)), "{words}: {found:?}");
        }
    }

    #[test]
    fn letters_of_nonsense_find_next_to_nothing() {
        let lines = organisation();
        let mut state = 1_u64;
        let mut letter = || {
            // The constants of Knuth's generator.
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            char::from(b'a' + ((state >> 33) % 26) as u8)
        };
        let mut all = 0;
        for length in [5, 6, 7, 8].into_iter().cycle().take(200) {
            let nonsense: String = (0..length).map(|_| letter()).collect();
            all += found(&nonsense, &lines).len();
        }
        assert!(all < 200, "{all} rows for 200 queries");
        for nonsense in ["rsinado", "eoaitn", "aeiou", "lshoogou", "tnsrle", "7391"] {
            let found = found(nonsense, &lines);
            assert!(found.len() < 10, "{nonsense}: {} {found:?}", found.len());
        }
    }

    #[test]
    fn the_best_comes_first_and_the_order_of_equals_stays() {
        let lines = ["pre-od admin", "prod reader", "prod admin b", "prod admin a"];
        let found = Search::new("prod admin").best(lines, |line, text| text.push_str(line));
        assert_eq!(found, ["prod admin b", "prod admin a", "pre-od admin"]);
    }
}
