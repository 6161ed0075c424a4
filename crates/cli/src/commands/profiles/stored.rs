//! The options of `sync` that an sso-session keeps.

use regex_lite::Regex;
use shared_config::{Document, EditError, Section, SectionKind};

use crate::args::{self, SyncForm};
use crate::exit::Failure;

/// The settings of the sso-session, of which SDKs take no notice.
const KEYS: [&str; 8] = [
    "keyfob_sync_match",
    "keyfob_sync_exclude",
    "keyfob_sync_role",
    "keyfob_sync_name",
    "keyfob_sync_strict_names",
    "keyfob_sync_region",
    "keyfob_sync_region_for",
    "keyfob_sync_form",
];

/// What is chosen, and how it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) matches: Vec<String>,
    pub(super) exclude: Vec<String>,
    pub(super) role: Vec<String>,
    pub(super) name: Option<String>,
    pub(super) strict_names: bool,
    pub(super) regions: Vec<String>,
    pub(super) region_for: Vec<String>,
    pub(super) form: SyncForm,
}

impl Chosen {
    /// Takes what the session keeps.
    pub(super) fn stored(section: Section<'_, '_>) -> Result<Self, Failure> {
        let mut chosen = Self::default();
        for key in KEYS {
            let Some(value) = section.value(key) else { continue };
            let unreadable = || {
                Failure::usage(format!("sso-session `{}`: {key} cannot be read", section.name()))
                    .with_hint("give its option again, or --reset")
            };
            let list = || serde_json::from_str::<Vec<String>>(value).map_err(|_| unreadable());
            match key {
                "keyfob_sync_match" => chosen.matches = list()?,
                "keyfob_sync_exclude" => chosen.exclude = list()?,
                "keyfob_sync_role" => chosen.role = list()?,
                "keyfob_sync_name" => chosen.name = Some(value.to_owned()),
                "keyfob_sync_strict_names" => chosen.strict_names = value == "true",
                "keyfob_sync_region" if value.starts_with('[') => chosen.regions = list()?,
                "keyfob_sync_region" => chosen.regions = vec![value.to_owned()],
                "keyfob_sync_region_for" => chosen.region_for = list()?,
                _ => {
                    let form = <SyncForm as clap::ValueEnum>::from_str(value, true);
                    chosen.form = form.map_err(|_| unreadable())?;
                }
            }
        }
        Ok(chosen)
    }

    /// Puts what the command line says in the place of what is kept.
    pub(super) fn with(mut self, said: &args::Sync) -> Self {
        let list = |slot: &mut Vec<String>, said: Vec<String>| {
            if !said.is_empty() {
                *slot = said;
            }
        };
        list(&mut self.matches, said.matches.clone());
        list(&mut self.exclude, said.exclude.clone());
        list(&mut self.role, said.role.iter().map(|role| role.as_str().to_owned()).collect());
        let mut regions: Vec<String> = Vec::new();
        for region in &said.region {
            if !regions.contains(region) {
                regions.push(region.clone());
            }
        }
        list(&mut self.regions, regions);
        list(&mut self.region_for, said.region_for.clone());
        self.name = said.name.clone().or(self.name);
        self.strict_names |= said.strict_names;
        self.form = match said.credential_process {
            true => SyncForm::CredentialProcess,
            false => said.form.unwrap_or(self.form),
        };
        self
    }

    /// Writes what is not there yet into the session. Each setting takes a pass over the file, which
    /// may be long.
    pub(super) fn store(
        &self,
        document: &mut Document,
        session: &str,
        there: Option<Section<'_, '_>>,
    ) -> Result<(), EditError> {
        let list = |values: &[String]| {
            let json = || serde_json::to_string(values).unwrap_or_default(); // texts
            (!values.is_empty()).then(json)
        };
        let form = clap::ValueEnum::to_possible_value(&self.form);
        let form = form.filter(|_| self.form != SyncForm::default());
        let values = [
            list(&self.matches),
            list(&self.exclude),
            list(&self.role),
            self.name.clone(),
            self.strict_names.then(|| "true".to_owned()),
            match self.regions.as_slice() {
                [region] => Some(region.clone()),
                regions => list(regions),
            },
            list(&self.region_for),
            form.map(|form| form.get_name().to_owned()),
        ];
        let is_new = |(key, value): &(&str, Option<String>)| {
            there.and_then(|section| section.value(key)) != value.as_deref()
        };
        for (key, value) in KEYS.into_iter().zip(values).filter(is_new) {
            match value {
                Some(value) => document.set(SectionKind::SsoSession, session, key, &value)?,
                None => drop(document.unset(SectionKind::SsoSession, session, key)),
            }
        }
        Ok(())
    }

    /// Returns the regular expressions of roles.
    pub(super) fn roles(&self) -> Result<Vec<Regex>, Failure> {
        let parsed = self.role.iter().map(|text| Regex::new(text).map_err(Failure::usage));
        parsed.collect()
    }

    /// Returns the queries with the region that each one stands for.
    pub(super) fn regions_for(&self) -> Result<Vec<(&str, &str)>, Failure> {
        let parsed = self.region_for.iter().map(|text| match text.rsplit_once('=') {
            Some((query, region)) if wire::partition_of(region).is_some() => Ok((query, region)),
            _ => Err(Failure::usage(format!("`{text}` is not QUERY=REGION"))),
        });
        parsed.collect()
    }
}
