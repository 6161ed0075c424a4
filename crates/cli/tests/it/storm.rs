//! A hundred processes at once, beside programs that do not lock and under signals that cannot be
//! held.

use std::fs::{self, File};
use std::io::{Read, Seek, Write};
use std::path::PathBuf;
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::support::{Run, TestEnv, read_json};

const PROCESSES: usize = 100;

/// The code of a process that was killed: none on Unix.
const KILLED: i32 = if cfg!(windows) { 1 } else { -1 };

/// How many rounds a storm has; `cargo xtask storm` has more.
fn rounds() -> usize {
    std::env::var("KEYFOB_STORM_ROUNDS").map_or(3, |rounds| rounds.parse().unwrap())
}
const ROLES: [(&str, &str); 4] = [
    ("111122223333", "ReadOnly"),
    ("111122223333", "Operator"),
    ("222233334444", "Developer"),
    ("222233334444", "Administrator"),
];

/// A signed-in home with a profile for each role.
fn world() -> TestEnv {
    let env = TestEnv::new();
    let mut config = fs::read_to_string(env.path(".aws/config")).unwrap();
    for (number, (account, role)) in ROLES.iter().enumerate() {
        config += &format!(
            "[profile role-{number}]\nsso_session = work\nsso_account_id = {account}\n\
             sso_role_name = {role}\n"
        );
    }
    env.write_config(&config);
    env.sign_in();
    env
}

impl TestEnv {
    /// Lets the token expire, and forgets all credentials.
    fn starve(&self) {
        self.expire_token();
        for file in self.role_files() {
            fs::remove_file(file).unwrap();
        }
    }

    fn storm(&self) -> Vec<Child> {
        let profiles = (0..PROCESSES).map(|number| format!("role-{}", number % ROLES.len()));
        profiles
            .map(|profile| {
                self.command(&["credential-process", "--profile", &profile]).spawn().unwrap()
            })
            .collect()
    }
}

fn assert_all_served(storm: Vec<Child>) {
    for run in storm.into_iter().map(Run::of) {
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
        assert!(run.stdout.starts_with("{\"Version\":1,"), "{run:?}");
    }
}

#[test]
fn a_hundred_processes_make_one_refresh_and_one_call_for_each_role() {
    let env = world();
    for round in 1..=rounds() {
        env.starve();
        assert_all_served(env.storm());
        assert_eq!(env.calls("CreateToken:refresh_token"), round);
        assert_eq!(env.calls("GetRoleCredentials"), round * ROLES.len());
    }
}

/// Rewrites the token file in place, as several SDKs do, until it is dropped.
struct Rewriter {
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<usize>>,
}

impl Rewriter {
    fn start(path: PathBuf) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let mut rounds = 0;
            while !stopped.load(Ordering::Relaxed) {
                // A file that is replaced meanwhile is another one; this one is nobody's then.
                let mut file = File::options().read(true).write(true).open(&path).unwrap();
                let mut text = Vec::new();
                file.read_to_end(&mut text).unwrap();
                file.set_len(0).unwrap();
                file.rewind().unwrap();
                let (half, rest) = text.split_at(text.len() / 2);
                file.write_all(half).unwrap();
                thread::sleep(Duration::from_millis(2)); // how long a slow program takes
                file.write_all(rest).unwrap();
                thread::sleep(Duration::from_millis(20));
                rounds += 1;
            }
            rounds
        });
        Self { stop, thread: Some(thread) }
    }

    fn finish(mut self) -> usize {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap()
    }
}

#[test]
fn a_program_that_writes_in_place_costs_nobody_the_session() {
    let env = world();
    for round in 1..=rounds() {
        env.starve();
        let rewriter = Rewriter::start(env.token_file());
        assert_all_served(env.storm());
        assert!(rewriter.finish() > 0);
        assert_eq!(env.calls("CreateToken:refresh_token"), round);
    }
    assert!(read_json(&env.token_file())["refreshToken"].is_string());
}

#[test]
fn processes_that_are_killed_leave_whole_files_and_no_lock() {
    let env = world();
    for round in 0..rounds() as u64 {
        env.starve();
        let mut storm = env.storm();
        // Every third one is killed, each a little later than the one before.
        for child in storm.iter_mut().skip(round as usize % 3).step_by(3) {
            let _ = child.kill(); // it has ended
        }
        for run in storm.into_iter().map(Run::of) {
            // Those that lived are served, unless the refresh itself was killed after the server
            // had rotated the token: then the file tells them to sign in.
            let said = run.stderr.contains("keyfob login --sso-session work");
            assert!(run.code == KILLED || run.code == 0 || (run.code == 1 && said), "{run:?}");
        }
        assert!(read_json(&env.token_file())["accessToken"].is_string());
        env.role_files().iter().for_each(|file| drop(read_json(file)));
        let next = env.run(&["credential-process", "--profile", "role-0"]);
        if next.code == 1 {
            assert!(next.stderr.contains("keyfob login"), "{next:?}");
            env.sign_in();
        }
        let next = env.run(&["credential-process", "--profile", "role-0"]);
        assert_eq!(next.code, 0, "{next:?}");
        for directory in [".aws/sso/cache", ".aws/cli/cache"] {
            for entry in fs::read_dir(env.path(directory)).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_some_and(|extension| extension == "lock") {
                    File::open(path).unwrap().try_lock().expect("a lock outlived its process");
                }
            }
        }
    }
}

#[test]
fn a_dead_session_answers_a_hundred_processes_with_one_refresh() {
    let env = world();
    env.starve();
    env.server.idp().lock().unwrap().revoke_sessions();
    for run in env.storm().into_iter().map(Run::of) {
        assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{run:?}");
        assert!(run.stderr.contains("run `keyfob login --sso-session work`"), "{run:?}");
    }
    assert_eq!(env.calls("CreateToken:refresh_token"), 1);
}

#[test]
fn forty_sign_ins_open_one_page() {
    let env = TestEnv::with_person();
    let arguments = ["login", "--if-needed", "--device-code", "--no-browser"];
    let mut first = env.start(&arguments);
    let url = first.wait_for_url();
    let mut waiting: Vec<_> = (1..40).map(|_| env.start(&arguments)).collect();
    for child in &mut waiting {
        child.wait_for("Waiting for another sign-in");
    }
    env.approve_device(&url);
    assert_eq!(first.finish().code, 0);
    for child in waiting {
        let run = child.finish();
        assert_eq!(run.code, 0, "{run:?}");
    }
    assert_eq!(env.calls("StartDeviceAuthorization"), 1);
}

#[test]
fn a_sign_in_whose_time_is_up_ends_for_all_who_wait_for_it() {
    let env = TestEnv::with_person();
    let arguments = ["login", "--if-needed", "--device-code", "--no-browser", "--timeout"];
    let mut first = env.start(&[&arguments[..], &["3"]].concat());
    first.wait_for_url();
    let mut second = env.start(&[&arguments[..], &["600"]].concat());
    second.wait_for("Waiting for another sign-in");
    for run in [first.finish(), second.finish()] {
        assert_eq!(run.code, 3, "{run:?}");
        assert!(run.stderr.contains("not done within 3 s"), "{run:?}");
    }
    assert_eq!(env.calls("StartDeviceAuthorization"), 1);
}

#[test]
fn a_hundred_processes_assume_a_role_once() {
    let env = world();
    let config = fs::read_to_string(env.path(".aws/config")).unwrap();
    env.write_config(&format!(
        "{config}[profile hub]\nrole_arn = arn:aws:iam::222233334444:role/Hub\n\
         source_profile = role-0\n"
    ));
    env.starve();
    let storm = (0..PROCESSES)
        .map(|_| env.command(&["credential-process", "--profile", "hub"]).spawn().unwrap())
        .collect();
    assert_all_served(storm);
    assert_eq!(env.calls("CreateToken:refresh_token"), 1);
    assert_eq!(env.calls("GetRoleCredentials"), 1);
    assert_eq!(env.calls("AssumeRole"), 1);
}
