//! What a person is told of directories that are not theirs alone, before a command writes anything.

use std::collections::BTreeSet;
use std::path::Path;

use private_file::{is_open_to_others, refusal, stranger};

use crate::env::World;
use crate::ui::say;

/// Tells whose directories are used, and which of them others can put files into.
pub(crate) fn tell() {
    let Ok(world) = World::capture() else { return }; // the command says why
    let (locations, caches) = (&world.locations, world.caches());
    let home = &locations.home;
    let directories = [caches.sso, caches.cli, caches.assumed_roles, caches.listings];
    let written =
        directories.iter().map(token_cache::Directory::path).chain(locations.config.parent());
    if let Some(refusal) = stranger(home).or_else(|| written.into_iter().find_map(refusal)) {
        say(&format!("warning: {refusal}: nothing is written there; {}", crate::exit::OWNERS));
    }
    let within_home = |path: &&Path| path.starts_with(home);
    let mut looked_at = BTreeSet::new();
    for directory in &directories {
        looked_at.insert(directory.path());
        looked_at.extend(directory.path().ancestors().filter(within_home));
    }
    for path in looked_at.into_iter().filter(|path| is_open_to_others(path)) {
        let path = path.display();
        say(&format!("warning: other users can put files into {path}; run `chmod go-w` on it"));
    }
}
