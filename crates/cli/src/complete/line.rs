//! The command line as far as it is typed. The engine tells a completer nothing of it but the word that
//! is completed.

use crate::args::SessionArgs;

/// The words behind the name of the program.
pub(super) struct Line {
    words: Vec<String>,
}

impl Line {
    /// Takes the line from the arguments, which are those of the engine: `keyfob -- keyfob exec …`.
    pub(super) fn typed() -> Option<Self> {
        let arguments = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
        Self::behind_the_mark(arguments)
    }

    fn behind_the_mark(arguments: impl Iterator<Item = String>) -> Option<Self> {
        let mut typed = arguments.skip_while(|word| word != "--").skip(1);
        typed.next()?; // the name of the program
        Some(Self { words: joined(typed) })
    }

    /// Returns the value that an option has: `--option value` or `--option=value`.
    pub(super) fn value_of(&self, option: &str) -> Option<&str> {
        let mut own = self.words.iter().take_while(|word| *word != "--");
        while let Some(word) = own.next() {
            match word.strip_prefix("--").and_then(|word| word.strip_prefix(option)) {
                Some("") => return own.next().map(String::as_str),
                Some(rest) if rest.starts_with('=') => return rest.get(1..),
                _ => {}
            }
        }
        None
    }

    /// Returns what is said of the session.
    pub(super) fn session(&self) -> SessionArgs {
        SessionArgs::of(|option| self.value_of(option).map(str::to_owned))
    }

    /// How many words the command of `exec` has, where `--` says where it begins.
    pub(super) fn words_of_command(&self) -> Option<usize> {
        let mark = self.words.iter().position(|word| word == "--")?;
        Some(self.words.len() - mark - 1)
    }
}

/// Puts together what bash cuts apart: `--option`, `=` and `value`, or `111122223333`, `:` and `Role`.
pub(super) fn joined(words: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut joined: Vec<String> = Vec::new();
    let mut goes_on = false;
    for word in words {
        let is_cut = is_cut(&word);
        match joined.last_mut() {
            Some(last) if is_cut || goes_on => last.push_str(&word),
            _ => joined.push(word),
        }
        goes_on = is_cut;
    }
    joined
}

/// Whether bash has cut here: at characters that in its eyes begin a word, and in ours are in one.
pub(super) fn is_cut(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| "=:@".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        let words = format!("/usr/bin/keyfob -- keyfob {text}");
        Line::behind_the_mark(words.split(' ').map(str::to_owned)).unwrap()
    }

    #[test]
    fn options_have_their_values_however_they_are_written() {
        for written in ["--profile dev", "--profile=dev", "--profile = dev"] {
            let line = line(&format!("exec -v {written} --role-name  -- aws --sso-session no"));
            assert_eq!(line.value_of("profile"), Some("dev"), "{written}");
            assert_eq!(line.value_of("sso-session"), None, "{written}");
            assert_eq!(line.session().profile.as_deref(), Some("dev"), "{written}");
            assert_eq!(line.words_of_command(), Some(3), "{written}");
        }
        let line = line("login --sso-start-url u --sso-region=r --prof");
        assert_eq!(line.session().start_url.as_deref(), Some("u"));
        assert_eq!(line.session().sso_region.as_deref(), Some("r"));
        assert_eq!((line.value_of("profile"), line.words_of_command()), (None, None));
    }

    #[test]
    fn what_bash_cuts_apart_is_joined() {
        for (cut, whole) in [
            ("exec --profile = a --role-name = R", "exec --profile=a --role-name=R"),
            ("exec --profile 1234 : Role@x -v", "exec --profile 1234:Role@x -v"),
            ("exec --profile = 1 : R @ ", "exec --profile=1:R@"),
            ("= exec", "=exec"),
        ] {
            assert_eq!(joined(cut.split(' ').map(str::to_owned)).join(" "), whole, "{cut}");
        }
    }

    #[test]
    fn without_a_mark_nothing_is_typed() {
        for arguments in [&["keyfob"][..], &["keyfob", "login"], &["keyfob", "--"]] {
            let arguments = arguments.iter().map(|word| (*word).to_owned());
            assert!(Line::behind_the_mark(arguments).is_none());
        }
    }
}
