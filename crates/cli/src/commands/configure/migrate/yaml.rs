//! YAML as a tree of texts with their lines; tags, anchors and sequences are not looked at.

use saphyr_parser::{Event, Parser};

/// How deep mappings may be nested: five are.
const DEEPEST: usize = 32;

/// A value, and the line that it begins on.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) line: usize,
    pub(super) text: Option<String>,
    pub(super) members: Vec<(String, Self)>,
}

impl Node {
    /// Reads the first document of a text; fails with the line and what is wrong there.
    pub(super) fn parse(text: &str) -> Result<Self, (usize, String)> {
        // Each mapping that is open, with the key whose value comes next.
        let mut open: Vec<(Self, Option<String>)> = vec![(Self::default(), Some(String::new()))];
        let mut sequences = 0;
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|e| (e.marker().line(), e.info().to_owned()))?;
            let line = span.start.line();
            let is_inner = sequences > 0;
            match event {
                Event::SequenceStart(..) if open.len() + sequences > DEEPEST => {
                    return Err((line, "it is nested too deeply".to_owned()));
                }
                Event::SequenceStart(..) => sequences += 1,
                Event::SequenceEnd => {
                    sequences -= 1;
                    if sequences == 0 {
                        put(&mut open, Self { line, ..Self::default() });
                    }
                }
                _ if is_inner => {}
                Event::MappingStart(..) if open.len() > DEEPEST => {
                    return Err((line, "it is nested too deeply".to_owned()));
                }
                Event::MappingStart(..) => open.push((Self { line, ..Self::default() }, None)),
                Event::MappingEnd => {
                    if let Some((node, _)) = open.pop() {
                        put(&mut open, node);
                    }
                }
                Event::Scalar(text, ..) => match open.last_mut() {
                    Some((_, key @ None)) => *key = Some(text.into_owned()),
                    _ => {
                        let text = Some(text.into_owned());
                        put(&mut open, Self { line, text, ..Self::default() });
                    }
                },
                Event::Alias(_) => put(&mut open, Self { line, ..Self::default() }),
                Event::DocumentEnd => break,
                _ => {}
            }
        }
        let root = open.into_iter().next().map(|(root, _)| root).unwrap_or_default();
        Ok(root.members.into_iter().next().map(|(_, node)| node).unwrap_or_default())
    }

    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        self.members.iter().find(|(known, _)| known == name).map(|(_, node)| node)
    }

    /// The text of a member; an empty one is none.
    pub(super) fn text_of(&self, name: &str) -> Option<&str> {
        self.get(name)?.text.as_deref().filter(|text| !text.is_empty())
    }

    /// The members of a member.
    pub(super) fn members_of(&self, name: &str) -> &[(String, Self)] {
        self.get(name).map(|node| node.members.as_slice()).unwrap_or_default()
    }
}

/// Gives a value to the key that waits for it; a key that is no text is taken as an empty one.
fn put(open: &mut [(Node, Option<String>)], node: Node) {
    if let Some((parent, key)) = open.last_mut() {
        match key.take() {
            Some(name) => parent.members.push((name, node)),
            None => *key = Some(String::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_with_their_lines_whatever_stands_between() {
        let text = "# mine\nA: &x\n  012: 'q: r'\n  list:\n    - a: b\n    - [c, {d: e}]\n  f: *x\n\
                    ? [k, l]\n: m\nB: {C: 'd', E: }\n...\nnot: read\n";
        let node = Node::parse(text).unwrap();
        let a = node.get("A").unwrap();
        assert_eq!((a.text_of("012"), a.get("012").unwrap().line), (Some("q: r"), 3));
        assert!(a.members_of("list").is_empty() && a.get("f").is_some());
        let b = node.get("B").unwrap();
        assert_eq!((b.text_of("C"), b.text_of("E")), (Some("d"), None));
        assert!(node.get("not").is_none());
        assert!(Node::parse("").unwrap().members.is_empty());
        assert!(Node::parse("just a text").unwrap().members.is_empty());
    }

    #[test]
    fn what_is_no_yaml_is_told_with_its_line() {
        assert_eq!(Node::parse("A:\n  B: [c\nD: e\n").unwrap_err().0, 3);
        assert!(Node::parse(&"a: {".repeat(1000)).is_err());
        assert!(Node::parse(&"[".repeat(1000)).is_err());
    }
}
