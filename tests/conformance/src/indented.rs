//! Configuration files that are indented at random, and what botocore reads from them.
//!
//! [`reading`] is a model of botocore's reader in our own words, which needs no Python.
//! `tests/interop/test_config_parser.py` asks botocore about the same files.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// What a value is: its lines joined by line feeds, or the settings nested below.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "botocore has these two")]
pub enum Setting {
    /// A text; an empty line in it counts for nothing.
    Text(String),
    /// Settings on one level, however deep they stand.
    Nested(BTreeMap<String, String>),
}

/// Sections by the text of their header, with their settings.
pub type Reading = BTreeMap<String, BTreeMap<String, Setting>>;

/// Makes a file; each seed makes another one.
pub fn file(seed: u64) -> String {
    let mut chance = Chance(seed);
    let mut text = String::new();
    let mut section = 0;
    for line in 0..3 + chance.below(14) {
        let blanks = if chance.below(4) == 0 { 0 } else { chance.below(6) };
        let blank = if chance.below(9) == 0 { "\t" } else { " " };
        let indent = blank.repeat(blanks);
        let odd = if line == 0 { 0 } else { chance.below(20) };
        text += &match odd {
            0..3 => {
                section += 1;
                let kind = match odd {
                    0 => "profile",
                    1 => "sso-session",
                    _ => "services",
                };
                // Most headers stand in the first column, as everywhere.
                let indent = if line == 0 || chance.below(3) > 0 { "" } else { &indent };
                format!("{indent}[{kind} s{section}]")
            }
            3 => String::new(),
            4 => indent,
            5 => format!("{indent}# comment = {line}"),
            6 if chance.below(4) == 0 => format!("{indent}junk"),
            7 | 8 => format!("{indent}s3{line} ="),
            9 => format!("{indent}endpoint_url = http://{line}"),
            _ => format!("{indent}k{line} = v{line}"),
        };
        text += if chance.below(40) == 0 { "\r\n" } else { "\n" };
    }
    text
}

/// Reads a file as botocore does, `None` where it refuses it.
pub fn reading(text: &str) -> Option<Reading> {
    let mut sections: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    let mut section: Option<String> = None;
    let mut setting: Option<String> = None;
    let mut level = 0;
    let mut is_refused = false;
    for line in text.lines() {
        let content = line.trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        // Deeper than the line that began it: the setting goes on.
        if let (Some(section), Some(setting)) = (&section, &setting)
            && indent > level
        {
            sections.get_mut(section)?.get_mut(setting)?.push(content.to_owned());
            continue;
        }
        level = indent;
        if let Some(header) = content.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            if sections.insert(header.to_owned(), BTreeMap::new()).is_some() {
                return None; // twice
            }
            section = Some(header.to_owned());
            setting = None;
            continue;
        }
        let settings = sections.get_mut(section.as_ref()?)?;
        let Some((name, value)) = content.split_once('=') else {
            is_refused = true; // at the end of the file
            continue;
        };
        let name = name.trim().to_ascii_lowercase();
        if settings.insert(name.clone(), vec![value.trim().to_owned()]).is_some() {
            return None; // twice
        }
        setting = Some(name);
    }
    if is_refused {
        return None;
    }
    let finished = |(header, settings): (String, BTreeMap<String, Vec<String>>)| {
        let settings = settings.into_iter().map(|(name, lines)| Some((name, finish(&lines)?)));
        Some((header, settings.collect::<Option<_>>()?))
    };
    sections.into_iter().map(finished).collect()
}

/// Lines behind an empty value are nested settings.
fn finish(lines: &[String]) -> Option<Setting> {
    let (first, rest) = lines.split_first()?;
    if !first.is_empty() || rest.is_empty() {
        return Some(Setting::Text(lines.join("\n")));
    }
    let pair = |line: &String| {
        let (name, value) = line.split_once('=')?;
        Some((name.trim().to_owned(), value.trim().to_owned()))
    };
    rest.iter().map(pair).collect::<Option<_>>().map(Setting::Nested)
}

/// Writes a reading as JSON, `null` for a refusal.
pub fn json(reading: Option<Reading>) -> Value {
    let setting = |setting| match setting {
        Setting::Text(text) => Value::from(text),
        Setting::Nested(nested) => json!(nested),
    };
    let settings = |settings: BTreeMap<String, Setting>| -> Value {
        settings.into_iter().map(|(name, value)| (name, setting(value))).collect()
    };
    let section = |(header, section)| (header, settings(section));
    reading.map_or(Value::Null, |reading| reading.into_iter().map(section).collect())
}

/// A row of numbers that looks random and is the same everywhere: SplitMix64.
struct Chance(u64);

impl Chance {
    #[expect(clippy::cast_possible_truncation, reason = "the bound is small")]
    fn below(&mut self, bound: u64) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound) as usize
    }
}
