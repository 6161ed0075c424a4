//! Whose the files are, and who else can read or write them.

use std::path::Path;

use shared_config::{FileKind, Files};

use super::configuration::has_secrets;
use super::mend::Mend;
use super::report::Report;
use crate::env::World;
use crate::owners::{self, is_shared, is_writable};

const CHECK: &str = "permissions";

pub(super) fn look(report: &mut Report, world: &World, files: &Files) {
    for problem in owners::problems(world) {
        match problem {
            owners::Problem::Refused(refusal) => {
                let text = format!("{refusal}: nothing is written there");
                report.error(CHECK, text, format!("# {}", crate::exit::OWNERS));
            }
            owners::Problem::OpenToOthers(path) => {
                let command = format!("chmod go-w {}", report.quoted(&path));
                let text = format!("other users can put files into {}", path.display());
                report.fixable(CHECK, text, command, Mend::KeepOthersOut(path));
            }
        }
    }
    for kind in [FileKind::Credentials, FileKind::Config] {
        if has_secrets(files.text(kind)) {
            private(report, files.path(kind));
        }
    }
    let caches = world.caches();
    for directory in [&caches.sso, &caches.cli, &caches.assumed_roles] {
        let path = directory.path();
        // Where it is not there yet, it is made by whoever needs it.
        let existing = path.ancestors().find(|path| path.is_dir()).unwrap_or(path);
        if !is_writable(existing) {
            let command = format!("chmod u+rwx {}", report.quoted(existing));
            let text = format!(
                "{} cannot be written: tokens are not refreshed there, and credentials not kept",
                path.display()
            );
            report.error(CHECK, text, command);
        }
        for file in directory.files().unwrap_or_default() {
            private(report, file.path());
        }
    }
    if report.is_clean(CHECK) {
        report.fine(CHECK, "secrets are readable for you alone");
    }
}

/// A file with secrets is read by its owner alone.
fn private(report: &mut Report, path: &Path) {
    if path.is_file() && is_shared(path) {
        let command = format!("chmod go-rwx {}", report.quoted(path));
        let text = format!("other users can read {}, which holds secrets", path.display());
        let mend = Mend::KeepPrivate(path.to_owned());
        report.fixable(CHECK, text, command, mend);
    }
}
