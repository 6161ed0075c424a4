//! `keyfob profiles prune`: removes what `sync` made for roles that are gone.

use bulk_profiles::{Form, NameFormat, Options, Plan};
use providers::Network;
use shared_config::Sections;

use super::outcomes;
use super::stored::Chosen;
use super::sync::{SyncError, planned, session, wanted, without_roles};
use crate::args;
use crate::env::World;
use crate::exit::Failure;
use crate::labels::Labels;
use crate::{config_edit, listing};

pub(super) fn run(said: &args::Prune) -> Result<(), Failure> {
    let world = World::capture()?;
    let files = world.files()?;
    let sections = Sections::parse(&files);
    let (session, name) = session(&world, &sections, said.sso_session.as_ref())?;
    let labels = Labels::load(&world)?;
    let (all, failed) = match said.all {
        true => Default::default(),
        false => {
            let network = Network::resolve(&world.environment, None);
            listing::fetch(&world, &session, &network, &labels, true)?
        }
    };
    let section = sections.sso_sessions().find(|section| section.name() == name);
    let kept = section.filter(|_| !said.all).map(Chosen::stored).transpose()?.unwrap_or_default();
    let wanted = wanted(&all, &labels, &kept)?;
    let unknown = without_roles(&all, &failed);
    let is_listed = |account_id: &str| !unknown.contains(account_id);
    // Of what stays nothing is written: name and form do not count.
    let format = NameFormat::parse("{account-id}.{role}").map_err(Failure::usage)?;
    let options = Options::new(Form::Session, format)
        .with_prune(true)
        .with_write(false)
        .with_listed(&is_listed);
    let mut done = Plan::default();
    let edited = config_edit::edit_many(&world, &files, said.dry_run, |document| {
        if said.all {
            Chosen::default().store(document, &name, section)?;
        }
        done = planned(document, &sections, &files, &name, &wanted, &options)?;
        Ok::<_, SyncError>(document.edit_profiles(&done.edits)?)
    })?;
    outcomes::tell(&world, &done, &edited, said.dry_run, said.output)?;
    listing::told_of_failures(failed.len())
}
