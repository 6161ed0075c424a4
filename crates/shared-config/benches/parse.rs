//! How fast configuration files of 30, 2 000 and 10 000 profiles are read; `cargo bench -p
//! keyfob-shared-config`.

#[path = "../../../benches/fastest.rs"]
mod fastest;

use std::fmt::Write;
use std::hint::black_box;

use fastest::fastest;
use shared_config::{Files, Sections};

fn main() {
    for profiles in [30, 2_000, 10_000] {
        let config = config(profiles);
        let files = Files::from_texts(&config, "");
        let last = format!("account-{profiles}-ReadOnly");
        let full = fastest(|| {
            black_box(Sections::parse(&files));
        });
        let one = fastest(|| {
            black_box(Sections::for_profile(&files, &last));
        });
        let speed = config.len() as f64 / full.as_secs_f64() / 1e6;
        #[expect(clippy::print_stdout, reason = "the figures are the point")]
        {
            println!(
                "{profiles:>6} profiles, {:>8} bytes: all {full:>9.1?} ({speed:.0} MB/s), one {one:>9.1?}",
                config.len()
            );
        }
    }
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
