//! Cache files that cannot be read.

use std::io;

use private_file::stranger;
use token_cache::{CacheFile, Directory};
use wire::{Members, Secret};

use super::mend::Mend;
use super::report::Report;
use crate::env::World;

const CHECK: &str = "cache";

pub(super) fn look(report: &mut Report, world: &World) {
    let caches = world.caches();
    let mut count = 0;
    for directory in [&caches.sso, &caches.cli, &caches.assumed_roles] {
        count += look_at(report, directory);
    }
    if report.is_clean(CHECK) {
        report.fine(CHECK, format!("files of tokens and credentials that can be read: {count}"));
    }
}

/// Looks at each file of a directory; returns how many there are.
fn look_at(report: &mut Report, directory: &Directory) -> usize {
    let files = match directory.files() {
        Ok(files) => files,
        Err(error) => {
            let path = directory.path();
            let command = format!("ls -ld {}", report.quoted(path));
            let shown = path.display();
            report.error(CHECK, format!("cannot list {shown}: {error}"), command);
            return 0;
        }
    };
    for file in &files {
        look_into(report, file);
    }
    files.len()
}

fn look_into(report: &mut Report, file: &CacheFile) {
    let path = file.path();
    let shown = path.display();
    if let Some(refusal) = stranger(path) {
        let command = format!("ls -l {}", report.quoted(path));
        report.warning(CHECK, format!("{refusal}: only that user can renew it"), command);
        return;
    }
    match defect(file) {
        Ok(None) => {}
        Ok(Some(defect)) => {
            let from = report.quoted(path);
            let command = format!("mv {from} {from}.corrupt");
            let text = format!("{shown} {defect}: what it held counts as absent");
            report.fixable(CHECK, text, command, Mend::SetAside(file.clone()));
        }
        Err(error) => {
            let command = format!("ls -l {}", report.quoted(path));
            report.error(CHECK, format!("cannot read {shown}: {error}"), command);
        }
    }
}

/// Says what is wrong with the content of a file, as every reader sees it.
pub(super) fn defect(file: &CacheFile) -> io::Result<Option<&'static str>> {
    let Some(bytes) = file.load()?.map(Secret::new) else { return Ok(None) };
    if bytes.expose().is_empty() {
        return Ok(Some("is empty"));
    }
    let is_whole = Members::from_slice(bytes.expose()).is_ok();
    Ok((!is_whole).then_some("is no JSON object, perhaps half of one"))
}
