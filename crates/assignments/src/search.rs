use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

const BETWEEN_CELLS: &str = "  ";

/// A search by parts of words, in any order, as in fzf: `prod adm` finds `Administrator` in
/// `production`. `'word` must occur as it stands, `^word` begins a cell, `word$` ends one, `!word`
/// must not occur.
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
    whole: Option<Atom>,
    atom: Atom,
}

impl Word {
    fn score(&self, text: &str, matcher: &mut Matcher, buffer: &mut Vec<char>) -> Option<u16> {
        let Self { whole, atom } = self;
        if matches!(atom.kind, AtomKind::Fuzzy | AtomKind::Substring) {
            let text = Utf32Str::new(text, buffer);
            let whole = whole.as_ref().and_then(|whole| whole.score(text, matcher));
            return whole.or_else(|| atom.score(text, matcher));
        }
        let cells = text.split(BETWEEN_CELLS);
        let mut scores = cells.map(|cell| atom.score(Utf32Str::new(cell, buffer), matcher));
        if atom.negative {
            scores.all(|score| score.is_some()).then_some(0)
        } else {
            scores.flatten().max()
        }
    }
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

    /// Returns how well a text fits, `None` where it does not. Two blanks stand between its cells.
    pub fn score(&mut self, text: &str) -> Option<u32> {
        let Self { words, matcher, buffer } = self;
        let scores = words.iter().map(|word| word.score(text, matcher, buffer).map(u32::from));
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
        assert!(score("^stag").is_some() && score("^tag").is_none());
        assert!(score("ing$ .com$").is_some() && score("stag$").is_none());
        assert!(score("^staging$").is_some());
        assert_eq!((score("!^stag"), score("!^tag")), (None, Some(0)));
    }

    #[test]
    fn the_best_comes_first_and_the_order_of_equals_stays() {
        let lines = ["pre-od admin", "prod reader", "prod admin b", "prod admin a"];
        let found = Search::new("prod admin").best(lines, |line, text| text.push_str(line));
        assert_eq!(found, ["prod admin b", "prod admin a", "pre-od admin"]);
    }
}
