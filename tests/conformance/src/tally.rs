use std::collections::BTreeMap;

/// A case in which keyfob does something else than the corpus expects, on purpose.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "rows of tables in tests, built by literal")]
pub struct Difference {
    /// The id of the case.
    pub id: &'static str,
    /// The row of `docs/compat.md` that tells why.
    pub row: &'static str,
    /// What keyfob does, in the words in which the suite describes an outcome.
    pub keyfob: &'static str,
}

/// Counts the cases of a suite; a case is an expected and a seen outcome, each in words.
#[derive(Debug)]
pub struct Tally {
    suite: &'static str,
    differences: &'static [Difference],
    agreeing: usize,
    differing: usize,
    skipped: BTreeMap<&'static str, usize>,
    failures: Vec<String>,
}

impl Tally {
    /// Begins a suite with its documented differences.
    pub fn new(suite: &'static str, differences: &'static [Difference]) -> Self {
        Self {
            suite,
            differences,
            agreeing: 0,
            differing: 0,
            skipped: BTreeMap::new(),
            failures: Vec::new(),
        }
    }

    /// Counts a case. A case with a documented difference must differ, and as documented.
    pub fn compare(&mut self, id: &str, expected: &str, seen: &str) {
        match self.differences.iter().find(|difference| difference.id == id) {
            None if expected == seen => self.agreeing += 1,
            Some(difference) if seen == difference.keyfob && expected != seen => {
                self.differing += 1;
            }
            Some(difference) if expected == seen => {
                self.failures.push(format!("{id}: agrees, `{}` is out of date", difference.row));
            }
            documented => {
                let documented = documented
                    .map(|difference| format!("\n  documented {}", difference.keyfob))
                    .unwrap_or_default();
                self.failures.push(format!(
                    "{id}\n  expected   {expected}{documented}\n  seen       {seen}"
                ));
            }
        }
    }

    /// Counts a case that is not run.
    pub fn skip(&mut self, reason: &'static str) {
        *self.skipped.entry(reason).or_default() += 1;
    }

    /// Prints the counts.
    ///
    /// # Panics
    /// Panics where a case failed, and where there was none.
    #[expect(clippy::print_stdout, reason = "test output")]
    pub fn finish(self) {
        let skipped: usize = self.skipped.values().sum();
        let cases = self.agreeing + self.differing + self.failures.len();
        let suite = self.suite;
        println!(
            "{suite}: {cases} cases, {} differing (documented), {skipped} skipped",
            self.differing
        );
        for (reason, number) in &self.skipped {
            println!("{suite}: {number} skipped, {reason}");
        }
        assert!(cases > 0, "{suite} has no cases");
        assert!(
            self.failures.is_empty(),
            "{suite}: {} of {cases} cases fail\n{}",
            self.failures.len(),
            self.failures.join("\n")
        );
    }
}
