//! Profiles of the browsers of the Chromium family, by the names that people gave them.

use std::path::PathBuf;

use serde_json::Value;

use crate::env::World;

/// One browser: its programs, and where it keeps its profiles below the directory of the platform.
struct Family {
    programs: &'static [&'static str],
    linux: &'static str,
    macos: &'static str,
    windows: &'static str,
}

const FAMILIES: [Family; 5] = [
    Family {
        programs: &["google-chrome", "google-chrome-stable", "chrome", "Google Chrome"],
        linux: "google-chrome",
        macos: "Google/Chrome",
        windows: r"Google\Chrome\User Data",
    },
    Family {
        programs: &["chromium", "chromium-browser", "Chromium"],
        linux: "chromium",
        macos: "Chromium",
        windows: r"Chromium\User Data",
    },
    Family {
        programs: &["brave-browser", "brave", "Brave Browser"],
        linux: "BraveSoftware/Brave-Browser",
        macos: "BraveSoftware/Brave-Browser",
        windows: r"BraveSoftware\Brave-Browser\User Data",
    },
    Family {
        programs: &["microsoft-edge", "microsoft-edge-stable", "msedge", "Microsoft Edge"],
        linux: "microsoft-edge",
        macos: "Microsoft Edge",
        windows: r"Microsoft\Edge\User Data",
    },
    Family {
        programs: &["vivaldi", "vivaldi-stable", "Vivaldi"],
        linux: "vivaldi",
        macos: "Vivaldi",
        windows: r"Vivaldi\User Data",
    },
];

/// Returns the program and the directory of a profile. A name that no profile has is that of a new
/// one.
pub(super) fn profile(
    world: &World,
    program: Option<String>,
    name: &str,
) -> Option<(String, String)> {
    let is_there = |program: &&&str| !world.programs(program).is_empty();
    let found = || FAMILIES.iter().flat_map(|family| family.programs).find(is_there);
    let program = program.or_else(|| found().map(|program| (*program).to_owned()))?;
    let stem = PathBuf::from(&program);
    let stem = stem.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let stem = stem.unwrap_or_default();
    let family = FAMILIES.iter().find(|family| family.programs.contains(&stem.as_str()));
    let known = family.and_then(|family| directory(world, family, name));
    // Else the browser makes one. A slash would lead out of its directory.
    let directory = known.unwrap_or_else(|| name.replace(['/', '\\'], "-"));
    Some((program, directory))
}

/// The directory of a profile that people call by a name, as the browser writes it down.
fn directory(world: &World, family: &Family, name: &str) -> Option<String> {
    let environment = &world.environment;
    let home = PathBuf::from(&world.locations.home);
    let data = if cfg!(windows) {
        PathBuf::from(environment.get_os("LOCALAPPDATA")?).join(family.windows)
    } else if cfg!(target_vendor = "apple") {
        home.join("Library/Application Support").join(family.macos)
    } else {
        let config = environment.get_os("XDG_CONFIG_HOME").map(PathBuf::from);
        let plain = config.unwrap_or_else(|| home.join(".config")).join(family.linux);
        let snap = home.join("snap/chromium/common").join(family.linux);
        if plain.exists() { plain } else { snap }
    };
    let text = std::fs::read(data.join("Local State")).ok()?;
    let state: Value = serde_json::from_slice(&text).ok()?;
    let profiles = state.get("profile")?.get("info_cache")?.as_object()?;
    let is_it = |profile: &Value| profile.get("name").and_then(Value::as_str) == Some(name);
    let found = profiles.iter().find(|(_, profile)| is_it(profile));
    found.map(|(directory, _)| directory.clone())
}
