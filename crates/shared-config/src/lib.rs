#![doc = include_str!("../README.md")]

mod arena;
mod diagnostic;
mod document;
mod edit_file;
mod environment;
mod excerpt;
mod files;
mod header;
mod lex;
mod locate;
mod locations;
mod occurrences;
mod parser;
mod profile;
mod rejected;
mod sections;
mod setting;
mod sso;
mod writable;

pub use diagnostic::{Diagnostic, Place, Severity};
pub use document::Document;
pub use edit_file::{EditFileError, EditOptions, Edited, ReadOnly, edit_file};
pub use environment::{Environment, NotUnicode};
pub use files::{FileKind, Files, LoadError, MAX_FILE};
pub use header::{Header, SectionKind};
pub use lex::{Line, LineKind, lex};
pub use locations::{LocateError, Locations};
pub use occurrences::Occurrence;
pub use profile::{Profile, ProfileError};
pub use sections::{Section, Sections};
pub use setting::{Nested, Setting};
pub use sso::{SsoError, SsoSession, SsoSettings};
pub use writable::EditError;
