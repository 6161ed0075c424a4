//! Links, other users, and files that are not what they should be.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, lchown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use token_cache::CacheKey;

use crate::support::{TestEnv, files, mode, read_json};

/// Somebody who is neither root nor the user of the tests.
const PERSON: u32 = 65_533;

const CREDENTIALS: [&str; 3] = ["credential-process", "--profile", "dev"];
const LOGIN: [&str; 5] = ["login", "--device-code", "--no-browser", "--sso-session", "work"];

#[expect(clippy::print_stderr, reason = "a test that shows nothing says so")]
fn is_root() -> bool {
    let is_root = chown(tempfile::tempdir().unwrap().path(), Some(PERSON), None).is_ok();
    if !is_root {
        eprintln!("SKIPPED: only root can take the home of another user");
    }
    is_root
}

/// Everything below a directory, with owner, mode, time and content.
fn snapshot(directory: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    for path in files(directory) {
        let data = fs::symlink_metadata(&path).unwrap();
        let content = if data.is_file() { fs::read(&path).unwrap() } else { Vec::new() };
        let text = format!(
            "{}:{:o}:{:?}:{}",
            data.uid(),
            data.mode(),
            (!data.is_dir()).then(|| data.modified().unwrap()),
            String::from_utf8_lossy(&content)
        );
        if data.is_dir() {
            found.extend(snapshot(&path));
        }
        found.insert(path, text);
    }
    found
}

/// Gives a directory and everything below it to the person.
fn give_to_person(directory: &Path) {
    for path in files(directory) {
        if fs::symlink_metadata(&path).unwrap().is_dir() {
            give_to_person(&path);
        } else {
            lchown(&path, Some(PERSON), Some(PERSON)).unwrap();
        }
    }
    chown(directory, Some(PERSON), Some(PERSON)).unwrap();
}

/// Commands that would write something: tokens, role credentials, indexes, the config.
const WRITING: [&[&str]; 6] = [
    &LOGIN,
    &["roles"],
    &["whoami", "--profile", "dev"],
    &[
        "configure",
        "sso-session",
        "new",
        "--start-url",
        "https://d-1234567890.awsapps.com/start",
        "--region",
        "eu-west-1",
    ],
    &["credential-process", "--profile", "dev", "--debug"],
    &["logout", "--sso-session", "work"], // the server is told all the same
];

#[test]
fn root_leaves_the_home_of_another_user_as_it_is_and_says_so() {
    if !is_root() {
        return;
    }
    let env = TestEnv::new();
    env.sign_in();
    give_to_person(env.home.path());
    let before = snapshot(env.home.path());
    for command in WRITING {
        let run = env.run(command);
        if command[0] == "credential-process" {
            assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{command:?}: {run:?}");
        } else {
            let warning = "belongs to uid 65533, and this runs as uid 0: nothing is written there";
            let first = run.stderr.lines().next().unwrap_or_default();
            assert!(first.contains(warning), "{command:?}: {run:?}");
        }
        assert_eq!(snapshot(env.home.path()), before, "{command:?}: {run:?}");
    }
    let pages = env.calls("StartDeviceAuthorization");
    let run = env.run(&LOGIN);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.stderr.contains("hint: run it as that user"), "{run:?}");
    assert_eq!(env.calls("StartDeviceAuthorization"), pages, "nobody was asked");

    // A refresh token whose successor cannot be stored is not spent.
    env.expire_token();
    give_to_person(env.home.path());
    let refreshes = env.calls("CreateToken:refresh_token");
    let run = env.run(&CREDENTIALS);
    assert_eq!((run.code, run.stderr.lines().count()), (5, 1), "{run:?}");
    assert!(run.stderr.contains("belongs to uid 65533"), "{run:?}");
    assert_eq!(env.calls("CreateToken:refresh_token"), refreshes);
}

/// The files that keyfob writes in a home.
fn written(env: &TestEnv) -> Vec<PathBuf> {
    let session = CacheKey::for_session("work");
    let start_url = env.token()["startUrl"].as_str().unwrap().to_owned();
    let portal = CacheKey::for_start_url(&start_url);
    let mut paths = vec![
        env.token_file(),
        env.token_file().with_extension("lock"),
        env.token_file().with_extension("refused"),
        env.listings().join(format!("{session}.json")),
        env.listings().join(format!("{session}.lock")),
        env.listings().join(format!("{portal}.pace")),
        env.path(".aws/config"),
        env.path(".aws/.config.lock"),
        env.path(".aws/config.keyfob-backup"),
        env.path(".aws/sso/keyfob-credential-process-log.txt"),
    ];
    paths.extend(files(&env.path(".aws/cli/cache")));
    paths
}

#[test]
fn links_that_another_user_planted_lead_to_no_file_of_root() {
    if !is_root() {
        return;
    }
    for is_hard in [false, true] {
        let victims = tempfile::tempdir().unwrap();
        let env = TestEnv::new();
        env.sign_in();
        assert_eq!(env.run(&CREDENTIALS).code, 0);
        assert_eq!(env.run(&["roles"]).code, 0);
        let planted = written(&env);
        give_to_person(env.home.path());
        for path in planted {
            let victim = victims.path().join(path.file_name().unwrap());
            fs::write(&victim, fs::read(&path).unwrap_or_default()).unwrap();
            let _ = fs::remove_file(&path);
            if is_hard {
                fs::hard_link(&victim, &path).unwrap(); // which belongs to root, as the file does
            } else {
                symlink(&victim, &path).unwrap();
                lchown(&path, Some(PERSON), Some(PERSON)).unwrap();
            }
        }
        let before = snapshot(victims.path());
        for command in WRITING {
            let run = env.run(command);
            assert_eq!(snapshot(victims.path()), before, "{command:?}: {run:?}");
        }
    }
}

#[test]
fn directories_that_are_links_of_another_user_lead_nowhere() {
    if !is_root() {
        return;
    }
    for directory in [".aws", ".aws/sso", ".aws/sso/cache", ".aws/cli/cache", ".cache"] {
        let victims = tempfile::tempdir().unwrap();
        let env = TestEnv::new();
        env.sign_in();
        fs::create_dir_all(env.path(".aws/cli")).unwrap();
        // Root owns what the links lead to.
        let target = victims.path().join("target");
        if env.path(directory).exists() {
            let copied =
                Command::new("cp").arg("-a").arg(env.path(directory)).arg(&target).status();
            assert!(copied.unwrap().success());
            fs::remove_dir_all(env.path(directory)).unwrap();
        } else {
            fs::create_dir(&target).unwrap();
        }
        symlink(&target, env.path(directory)).unwrap();
        give_to_person(env.home.path());
        let before = snapshot(victims.path());
        for command in WRITING {
            let run = env.run(command);
            assert_eq!(snapshot(victims.path()), before, "{directory}: {command:?}: {run:?}");
        }
    }
}

#[test]
fn dotfiles_that_are_links_of_their_owner_keep_working() {
    for whole in [true, false] {
        let (env, elsewhere) = (TestEnv::new(), tempfile::tempdir().unwrap());
        let dotfiles = elsewhere.path().join("aws");
        let moved = if whole { ".aws" } else { ".aws/config" };
        let target = if whole { dotfiles.clone() } else { elsewhere.path().join("config") };
        fs::rename(env.path(moved), &target).unwrap();
        symlink(&target, env.path(moved)).unwrap();
        let config = if whole { dotfiles.join("config") } else { target };
        env.sign_in();
        assert_eq!(env.run(&CREDENTIALS).code, 0);
        env.expire_token();
        for path in env.role_files() {
            fs::remove_file(path).unwrap();
        }
        assert_eq!(env.run(&CREDENTIALS).code, 0);
        let run = env.run(WRITING[3]);
        assert_eq!(run.code, 0, "{run:?}");
        assert!(fs::read_to_string(config).unwrap().contains("sso-session new"));
        assert!(fs::symlink_metadata(env.path(moved)).unwrap().is_symlink());
    }
}

#[test]
fn credentials_that_another_user_put_into_an_open_directory_are_not_served() {
    if !is_root() {
        return;
    }
    let env = TestEnv::new();
    env.sign_in();
    assert_eq!(env.run(&CREDENTIALS).code, 0);
    let cache = env.path(".aws/cli/cache");
    fs::set_permissions(&cache, fs::Permissions::from_mode(0o1777)).unwrap();
    let [file] = env.role_files().try_into().unwrap();
    let mut forged = read_json(&file);
    forged["Credentials"]["AccessKeyId"] = "AKIAFORGED".into();
    fs::remove_file(&file).unwrap();
    fs::write(&file, forged.to_string()).unwrap();
    chown(&file, Some(PERSON), Some(PERSON)).unwrap();
    let run = env.run(&CREDENTIALS);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    assert!(!run.stdout.contains("AKIAFORGED"), "{run:?}");
}

#[test]
fn a_directory_that_another_user_made_first_is_not_read() {
    if !is_root() {
        return;
    }
    let (mut env, shared) = (TestEnv::new(), tempfile::tempdir().unwrap());
    env.set("XDG_CACHE_HOME", shared.path().to_str().unwrap());
    fs::set_permissions(shared.path(), fs::Permissions::from_mode(0o1777)).unwrap();
    env.sign_in();
    for _ in 0..2 {
        assert_eq!(env.run(&["accounts"]).code, 0);
        assert_eq!(env.calls("ListAccounts"), 1, "the index answers");
    }
    give_to_person(&shared.path().join("keyfob"));
    let before = snapshot(shared.path());
    let run = env.run(&["accounts"]);
    assert!(run.stderr.contains("belongs to uid 65533"), "{run:?}");
    assert_eq!((run.code, env.calls("ListAccounts")), (0, 2), "{run:?}");
    assert_eq!(snapshot(shared.path()), before);
}

#[test]
fn a_cache_directory_that_others_can_write_to_is_told_to_persons() {
    let env = TestEnv::new();
    env.sign_in();
    for directory in [".aws", ".aws/sso/cache"] {
        // A group of the same number as its user has no other member, unless it is root's.
        let found = fs::metadata(env.path(directory)).unwrap();
        let of_group = usize::from(found.gid() == 0 || found.gid() != found.uid());
        for (open, warnings) in [(0o777, 1), (0o1777, 1), (0o770, of_group), (0o755, 0)] {
            let path = env.path(directory);
            fs::set_permissions(&path, fs::Permissions::from_mode(open)).unwrap();
            for command in [&["status"][..], &["whoami", "--profile", "dev"]] {
                let run = env.run(command);
                let warning = format!("can put files into {};", path.display());
                assert_eq!(run.stderr.matches(&warning).count(), warnings, "{open:o} {run:?}");
            }
            let run = env.run(&CREDENTIALS);
            assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        }
    }
}

#[test]
fn a_directory_in_place_of_the_token_is_found_before_a_person_is_asked() {
    let env = TestEnv::with_person();
    fs::create_dir_all(env.token_file()).unwrap();
    let run = env.run(&LOGIN);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.stderr.contains("is not a regular file"), "{run:?}");
    assert_eq!(env.calls("RegisterClient"), 0);
    assert_eq!(env.calls("StartDeviceAuthorization"), 0);
}

#[test]
fn an_unreadable_token_of_any_size_is_kept_at_the_next_sign_in() {
    let env = TestEnv::new();
    env.sign_in();
    let corrupt = env.token_file().with_extension("json.corrupt");
    let size = 3 << 20;
    File::options().write(true).open(env.token_file()).unwrap().set_len(size).unwrap();
    assert_eq!(env.run(&LOGIN).code, 0);
    assert_eq!((fs::metadata(&corrupt).unwrap().len(), mode(&corrupt)), (size, 0o600));
    assert_eq!(env.run(&CREDENTIALS).code, 0);
}

#[test]
fn a_read_only_config_is_not_overwritten() {
    let env = TestEnv::new();
    let config = env.path(".aws/config");
    fs::set_permissions(&config, fs::Permissions::from_mode(0o444)).unwrap();
    let before = snapshot(&env.path(".aws"));
    let run = env.run(WRITING[3]);
    assert_eq!(run.code, 5, "{run:?}");
    assert!(run.stderr.contains("it is read-only"), "{run:?}");
    assert!(run.stderr.contains("hint: make it writable with `chmod u+w`"), "{run:?}");
    let mut after = snapshot(&env.path(".aws"));
    after.remove(&env.path(".aws/.config.lock"));
    assert_eq!(after, before);
}

#[test]
fn pipes_in_place_of_files_hold_up_nobody() {
    let env = TestEnv::new();
    env.sign_in();
    let start_url = env.token()["startUrl"].as_str().unwrap().to_owned();
    let pace = CacheKey::for_start_url(&start_url);
    let directory = env.listings();
    fs::create_dir_all(&directory).unwrap();
    let log = env.path(".aws/sso/keyfob-credential-process-log.txt");
    let session = CacheKey::for_session("work");
    let pipes = [
        directory.join(format!("{pace}.pace")),
        directory.join(format!("{session}.lock")),
        env.token_file().with_extension("lock"),
        env.token_file().with_extension("refused"),
        log.clone(),
    ];
    for pipe in pipes {
        let _ = fs::remove_file(&pipe);
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    }
    // Not `run`, which would look for secrets in the pipes.
    for command in [&["roles"][..], &["credential-process", "--profile", "dev", "--debug"]] {
        let output = env.command(command).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{command:?}: {output:?}");
    }
    assert!(fs::metadata(&log).unwrap().is_file());
    assert_eq!(mode(&log), 0o600);
}

#[test]
fn a_refreshed_token_that_cannot_be_stored_is_told_by_credential_process() {
    let env = TestEnv::with_scenario(
        "[[fault]]\noperation = \"CreateToken:refresh_token\"\nkind = \"latency\"\nms = 1000\n",
    );
    env.sign_in();
    env.expire_token();
    let child = env.command(&CREDENTIALS).spawn().unwrap();
    let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while env.calls("CreateToken:refresh_token") == 0 {
        assert!(std::time::Instant::now() < end, "nothing was refreshed");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    // No file takes the place of a directory.
    fs::remove_file(env.token_file()).unwrap();
    fs::create_dir(env.token_file()).unwrap();
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), stderr.lines().count()), (Some(5), 1), "{stderr}");
    assert!(stderr.contains(&env.token_file().display().to_string()), "{stderr}");
    assert!(stderr.contains("keyfob login --sso-session work"), "{stderr}");
}
