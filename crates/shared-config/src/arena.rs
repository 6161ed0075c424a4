//! How sections and their settings are kept: all settings in one list, so that a large file costs
//! few allocations, and a table of the sections by name.

use std::hash::BuildHasher;
use std::num::NonZeroU32;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::setting::RawSetting;
use crate::{FileKind, Files, Header, SectionKind, Sections};

/// One section as parsed; [`Section`] is how it is seen.
#[derive(Debug)]
pub(crate) struct RawSection<'a> {
    pub(crate) header: Header<'a>,
    pub(crate) file: FileKind,
    pub(crate) line: usize,
    /// The first line that was not understood, as an index into the diagnostics.
    pub(crate) error: Option<usize>,
    /// The first and the last of its settings.
    pub(crate) first: Option<NonZeroU32>,
    last: Option<NonZeroU32>,
}

impl<'a> Sections<'a> {
    pub(crate) fn empty(files: &'a Files) -> Self {
        Self {
            files,
            sections: Vec::new(),
            diagnostics: Vec::new(),
            settings: Vec::new(),
            index: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
        }
    }

    pub(crate) fn find(&self, kind: SectionKind, name: &str) -> Option<usize> {
        let is_it = |index: &u32| {
            self.sections
                .get(*index as usize)
                .is_some_and(|section| section.header.kind == kind && section.header.name == name)
        };
        self.index.find(self.hash(kind, name), is_it).map(|index| *index as usize)
    }

    /// Adds a section that is not there yet.
    pub(crate) fn add(&mut self, section: RawSection<'a>) -> usize {
        let index = self.sections.len();
        let hash = self.hash(section.header.kind, section.header.name);
        self.sections.push(section);
        let (sections, hasher) = (&self.sections, &self.hasher);
        let rehash = |index: &u32| {
            sections
                .get(*index as usize)
                .map_or(0, |section| hasher.hash_one((section.header.kind, section.header.name)))
        };
        self.index.insert_unique(hash, u32::try_from(index).unwrap_or(u32::MAX), rehash);
        index
    }

    fn hash(&self, kind: SectionKind, name: &str) -> u64 {
        self.hasher.hash_one((kind, name))
    }

    /// Adds a setting in place of one of its name; tells the file of the one that was there. The
    /// setting comes last, so that lines that continue it find it there.
    pub(crate) fn push(&mut self, section: usize, setting: RawSetting) -> Option<FileKind> {
        let files = self.files;
        let name = setting.name.of(files.text(setting.file));
        let mut replaced = None;
        self.unlink(section, |other| {
            let same = other.name.len() == setting.name.len()
                && other.name.of(files.text(other.file)).eq_ignore_ascii_case(name);
            if same {
                replaced = Some(other.file);
            }
            same
        });
        self.settings.push(setting);
        let added = u32::try_from(self.settings.len()).ok().and_then(NonZeroU32::new);
        let raw = self.sections.get_mut(section)?;
        let last = raw.last.and_then(|last| self.settings.get_mut(index_of(last)));
        match last {
            Some(last) => last.next = added,
            None => raw.first = added,
        }
        raw.last = added;
        replaced
    }

    /// Keeps the settings for whose file and name `keep` says so.
    pub(crate) fn retain(&mut self, section: usize, keep: impl Fn(FileKind, &str) -> bool) {
        let files = self.files;
        self.unlink(section, |setting| {
            let name = setting.name.of(files.text(setting.file)).to_ascii_lowercase();
            !keep(setting.file, &name)
        });
    }

    /// Takes settings out of a section.
    fn unlink(&mut self, section: usize, mut is_out: impl FnMut(&RawSetting) -> bool) {
        let Some(raw) = self.sections.get_mut(section) else { return };
        let mut previous: Option<NonZeroU32> = None;
        let mut current = raw.first;
        while let Some(number) = current {
            let Some(setting) = self.settings.get(index_of(number)) else { return };
            let next = setting.next;
            if is_out(setting) {
                match previous.and_then(|previous| self.settings.get_mut(index_of(previous))) {
                    Some(previous) => previous.next = next,
                    None => raw.first = next,
                }
                if raw.last == current {
                    raw.last = previous;
                }
            } else {
                previous = current;
            }
            current = next;
        }
    }

    /// Lets the last setting of a section reach up to `end`.
    pub(crate) fn extend_last(&mut self, section: usize, end: usize) {
        let last = self.sections.get(section).and_then(|section| section.last);
        if let Some(last) = last.and_then(|last| self.settings.get_mut(index_of(last))) {
            last.value = last.value.up_to(end);
            last.is_continued = true;
        }
    }

    /// Makes room for what a file holds, so that a large one is not copied over and over.
    pub(crate) fn reserve(&mut self, text: &str) {
        self.settings.reserve(memchr::memchr_iter(b'=', text.as_bytes()).count());
        let headers = memchr::memchr_iter(b'[', text.as_bytes()).count();
        self.sections.reserve(headers);
        if self.index.is_empty() {
            self.index = HashTable::with_capacity(headers);
        }
    }
}

/// Numbers of settings count from 1, so that none costs no room.
pub(crate) fn index_of(number: NonZeroU32) -> usize {
    number.get() as usize - 1
}

impl<'a> RawSection<'a> {
    pub(crate) fn new(header: Header<'a>, file: FileKind, line: usize) -> Self {
        Self { header, file, line, error: None, first: None, last: None }
    }
}
