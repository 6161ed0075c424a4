//! The parser of configuration files beside two others: the one of the AWS SDK for Rust
//! (`aws-runtime`), and Python's configparser, which botocore uses. Same file, one interleaved run,
//! the fastest of each; `cargo xtask bench` runs it.

use std::fmt::Write;
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_runtime::env_config::section::EnvConfigSections;
use aws_types::os_shim_internal::{Env, Fs};
use shared_config::{Files, Sections};

const PYTHON: &str = "
import configparser, sys, time
text = open(sys.argv[1]).read()
best = 9e9
for _ in range(3):
    parser = configparser.RawConfigParser(default_section=None)
    begin = time.perf_counter()
    parser.read_string(text)
    best = min(best, time.perf_counter() - begin)
print(best)
";

fn main() {
    for profiles in [30, 2_000, 10_000] {
        let config = config(profiles);
        let files = Files::from_texts(&config, "");
        let last = format!("account-{profiles}-ReadOnly");
        let (mut full, mut one, mut aws) = (Duration::MAX, Duration::MAX, Duration::MAX);
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(2) {
            full = full.min(time(|| drop(black_box(Sections::parse(&files)))));
            one = one.min(time(|| drop(black_box(Sections::for_profile(&files, &last)))));
            aws = aws.min(aws_runtime(&config));
        }
        let python = configparser(&config);
        let speed = |time: Duration| config.len() as f64 / time.as_secs_f64() / 1e6;
        let ratio = |time: Duration| time.as_secs_f64() / full.as_secs_f64();
        println!("{profiles} profiles, {} bytes", config.len());
        println!("  keyfob, all        {full:>10.1?}  {:>6.0} MB/s     1.0", speed(full));
        println!(
            "  keyfob, one        {one:>10.1?}  {:>6.0} MB/s  {:>6.1}",
            speed(one),
            ratio(one)
        );
        println!(
            "  aws-runtime        {aws:>10.1?}  {:>6.0} MB/s  {:>6.1}",
            speed(aws),
            ratio(aws)
        );
        match python {
            Some(python) => println!(
                "  Python configparser{python:>10.1?}  {:>6.0} MB/s  {:>6.1}",
                speed(python),
                ratio(python)
            ),
            None => println!("  Python configparser  (no python3)"),
        }
    }
}

fn time(work: impl FnOnce()) -> Duration {
    let begin = Instant::now();
    work();
    begin.elapsed()
}

/// The time of the parse alone; making its input copies the text.
fn aws_runtime(config: &str) -> Duration {
    let files = EnvConfigFiles::builder().with_contents(EnvConfigFileKind::Config, config).build();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let (environment, fs) = (Env::from_slice(&[]), Fs::real());
    let loading = aws_runtime::env_config::source::load(&environment, &fs, &files);
    let source = runtime.block_on(loading).expect("it is in memory");
    time(|| drop(black_box(EnvConfigSections::parse(source).expect("the file is good"))))
}

fn configparser(config: &str) -> Option<Duration> {
    let path = std::env::temp_dir().join(format!("keyfob-peers-{}", std::process::id()));
    std::fs::write(&path, config).ok()?;
    let output = Command::new("python3").args(["-c", PYTHON]).arg(&path).output().ok();
    std::fs::remove_file(&path).ok()?;
    let seconds = String::from_utf8(output?.stdout).ok()?.trim().parse().ok()?;
    Some(Duration::from_secs_f64(seconds))
}

/// A file as generators write it, about 150 bytes for each profile.
fn config(profiles: usize) -> String {
    let mut text = String::from(
        "[sso-session company]\nsso_start_url = https://d-1234567890.awsapps.com/start\n\
         sso_region = eu-west-1\nsso_registration_scopes = sso:account:access\n",
    );
    for number in 1..=profiles {
        write!(
            text,
            "\n[profile account-{number}-ReadOnly]\nsso_session = company\n\
             sso_account_id = {number:012}\nsso_role_name = ReadOnly\nregion = eu-west-1\n\
             output = json\n"
        )
        .expect("writing to a String cannot fail");
    }
    text
}
