use crate::lex::{lex, split_property};
use crate::locate::locate;
use crate::{FileKind, Files, LineKind, SectionKind};

/// A setting where it stands, whether it counts or is overridden by a later one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Occurrence {
    /// The name in lower case.
    pub name: String,
    /// The value; lines that continue it are joined by a line feed.
    pub value: String,
    /// The names and values nested below.
    pub nested: Vec<(String, String)>,
    /// The file.
    pub file: FileKind,
    /// The line, from 1.
    pub line: usize,
}

impl Files {
    /// Returns every setting of the sections of a name, in the order in which later ones override
    /// earlier ones. This is for people who ask why; it reads the files once more.
    pub fn occurrences(&self, kind: SectionKind, name: &str) -> Vec<Occurrence> {
        let mut occurrences = Vec::new();
        for file in [FileKind::Config, FileKind::Credentials] {
            let text = self.text(file);
            for setting in locate(text, file, kind, name).into_iter().flat_map(|it| it.settings) {
                let of = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
                let before = of(0..setting.lines.start);
                let further =
                    lex(of(setting.lines.clone())).skip(1).filter_map(|line| match line.kind {
                        LineKind::Indented { text } => Some(text),
                        _ => None,
                    });
                let mut value = of(setting.value.clone()).to_owned();
                let mut nested = Vec::new();
                for line in further {
                    if !value.is_empty() {
                        value.push('\n');
                        value.push_str(line);
                    } else if let Some((name, value)) = split_property(line) {
                        nested.push((name.to_ascii_lowercase(), value.to_owned()));
                    }
                }
                occurrences.push(Occurrence {
                    name: of(setting.name.clone()).to_ascii_lowercase(),
                    value,
                    nested,
                    file,
                    line: lex(before).count() + 1,
                });
            }
        }
        occurrences
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_overridden_is_told_before_what_counts() {
        let config =
            "[profile a]\nregion = 1 # c\nregion = 2\n[profile a]\nX = y\n  z\ns3 =\n  k = v\n";
        let files = Files::from_texts(config, "[a]\nregion = 3\n");
        let seen: Vec<_> = files
            .occurrences(SectionKind::Profile, "a")
            .into_iter()
            .map(|it| (it.name, it.value, it.line, it.nested.len()))
            .collect();
        let expected = [
            ("region", "1", 2, 0),
            ("region", "2", 3, 0),
            ("x", "y\nz", 5, 0),
            ("s3", "", 7, 1),
            ("region", "3", 2, 0),
        ];
        let expected = expected
            .map(|(name, value, line, nested)| (name.to_owned(), value.to_owned(), line, nested));
        assert_eq!(seen, expected);
    }
}
