use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// A search by parts of words, in any order, as in fzf: `prod adm` finds `Administrator` in
/// `production`. `'word` must occur as it stands, `^word` begins a text, `word$` ends it, `!word`
/// must not occur.
pub struct Search {
    words: Vec<Word>,
    matcher: Matcher,
    buffer: Vec<char>,
}

/// A part of a word. One that occurs as it stands fits as well as it can, and to find that out costs a
/// tenth of the search for its letters.
struct Word {
    whole: Option<Atom>,
    atom: Atom,
}

impl Search {
    /// Prepares a search for words that are separated by blanks.
    pub fn new(words: &str) -> Self {
        let atoms = Pattern::parse(words, CaseMatching::Ignore, Normalization::Smart).atoms;
        let word = |atom: Atom| {
            let is_loose = atom.kind == AtomKind::Fuzzy && !atom.negative;
            let mut whole = is_loose.then(|| atom.clone());
            if let Some(whole) = &mut whole {
                whole.kind = AtomKind::Substring;
            }
            Word { whole, atom }
        };
        Self {
            words: atoms.into_iter().map(word).collect(),
            matcher: Matcher::new(Config::DEFAULT),
            buffer: Vec::new(),
        }
    }

    /// Returns how well a text fits, `None` where it does not.
    pub fn score(&mut self, text: &str) -> Option<u32> {
        let text = Utf32Str::new(text, &mut self.buffer);
        let matcher = &mut self.matcher;
        let scores = self.words.iter().map(|Word { whole, atom }| {
            let whole = whole.as_ref().and_then(|whole| whole.score(text, matcher));
            whole.or_else(|| atom.score(text, matcher)).map(u32::from)
        });
        scores.sum()
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
    }

    #[test]
    fn the_best_comes_first_and_the_order_of_equals_stays() {
        let lines = ["pre-od admin", "prod reader", "prod admin b", "prod admin a"];
        let found = Search::new("prod admin").best(lines, |line, text| text.push_str(line));
        assert_eq!(found, ["prod admin b", "prod admin a", "pre-od admin"]);
    }
}
