//! A machine whose clock is wrong.

use crate::support::TestEnv;

const DAYS: i64 = 120; // longer than a registration lives

#[test]
fn a_clock_that_is_months_ahead_is_named_and_leads_to_no_second_sign_in() {
    let env = TestEnv::with_scenario(&format!("clock_offset = {}", -DAYS * 86_400));
    for (signs_in, profile) in [(1, "dev"), (2, "old")] {
        let login = ["login", "--device-code", "--no-browser", "--profile", profile];
        let run = env.run(&login);
        assert_eq!(run.code, 0, "{run:?}");
        let told = format!("the clock of this machine is {DAYS} days ahead; set it right");
        assert!(run.stderr.contains(&told), "{run:?}");

        let run = env.run(&["credential-process", "--profile", profile]);
        assert_eq!(run.code, 5, "{run:?}");
        assert!(
            run.stderr.ends_with("by the clock of this machine; set the clock right\n"),
            "{run:?}"
        );

        let again: Vec<_> = login.into_iter().chain(["--if-needed"]).collect();
        let run = env.run(&again);
        assert_eq!(run.code, 0, "{run:?}");
        assert!(run.stderr.contains(&told), "{run:?}");
        assert_eq!(env.calls("StartDeviceAuthorization"), signs_in);
    }
}

#[test]
fn a_clock_that_is_months_behind_costs_nobody_credentials() {
    let env = TestEnv::with_scenario(&format!("clock_offset = {}", DAYS * 86_400));
    let run = env.run(&["login", "--device-code", "--no-browser", "--profile", "dev"]);
    assert_eq!(run.code, 0, "{run:?}");
    let told = format!("the clock of this machine is {DAYS} days behind; set it right");
    assert!(run.stderr.contains(&told), "{run:?}");
    assert_eq!(env.run(&["credential-process", "--profile", "dev"]).code, 0);
}
