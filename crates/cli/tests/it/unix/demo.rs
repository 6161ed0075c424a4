use crate::support::{TestEnv, files};

#[test]
fn the_demo_needs_nothing_and_leaves_nothing() {
    let home = tempfile::tempdir().unwrap();
    let temp = tempfile::tempdir().unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_keyfob"))
        .arg("demo")
        .env_clear()
        .env("HOME", home.path())
        .env("TMPDIR", temp.path())
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    let stdout = String::from_utf8(output.stdout).unwrap();
    let last = stdout.lines().last().unwrap();
    assert!(last.starts_with(r#"{"Version":1,"AccessKeyId":"ASIA"#), "{last}");
    for told in ["keyfob login --sso-session demo", "keyfob credential-process", "assumed-role"] {
        assert!(stderr.contains(told), "{stderr}");
    }
    assert!(files(home.path()).is_empty() && files(temp.path()).is_empty());
}

#[test]
fn without_a_place_for_temporary_files_the_demo_says_what_to_set() {
    let mut env = TestEnv::new();
    env.set("TMPDIR", "/nowhere");
    let run = env.run(&["demo", "--no-browser"]);
    assert_eq!(run.code, 5);
    assert!(run.stderr.contains("/nowhere/"), "{}", run.stderr);
    assert!(run.stderr.contains("\nhint: set TMPDIR to a directory"), "{}", run.stderr);
}

#[test]
fn the_demo_stays_up_until_ctrl_c_and_prints_what_other_tools_need() {
    let env = TestEnv::new();
    let mut demo = env.start(&["demo", "--keep", "--no-browser"]);
    demo.wait_for("Ctrl-C ends the demo");
    let exported = |name: &str| {
        let line = format!("export {name}=");
        let at = demo.said.lines().find_map(|said| said.trim().strip_prefix(&line));
        at.unwrap_or_else(|| panic!("no {name} in {}", demo.said)).to_owned()
    };
    let home = exported("HOME");
    let mut other = env.command(&["credential-process", "--profile", "demo"]);
    for name in ["HOME", "AWS_CONFIG_FILE"] {
        other.env(name, exported(name));
    }
    for service in ["SSO", "SSO_OIDC", "STS"] {
        let name = format!("AWS_ENDPOINT_URL_{service}");
        other.env(&name, exported(&name));
    }
    let output = other.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    demo.interrupt();
    assert_eq!(demo.finish().code, 0);
    assert!(!std::path::Path::new(&home).exists());
}
