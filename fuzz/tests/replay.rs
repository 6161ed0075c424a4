//! Runs every target over its seeds.

use std::path::Path;

#[test]
fn every_seed_passes() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    let mut count = 0;
    for (name, target) in keyfob_fuzz::TARGETS {
        let mut files: Vec<_> = std::fs::read_dir(seeds.join(name))
            .unwrap_or_else(|error| panic!("no seeds for {name}: {error}"))
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        assert!(!files.is_empty(), "no seeds for {name}");
        for file in files {
            println!("{}", file.display()); // shown with a panic
            target(&std::fs::read(&file).unwrap());
            count += 1;
        }
    }
    println!("{count} seeds of {} targets", keyfob_fuzz::TARGETS.len());
}

#[test]
fn every_target_has_a_file() {
    let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz_targets");
    for (name, _) in keyfob_fuzz::TARGETS {
        assert!(targets.join(format!("{name}.rs")).is_file(), "{name}");
    }
    assert_eq!(std::fs::read_dir(targets).unwrap().count(), keyfob_fuzz::TARGETS.len());
}
