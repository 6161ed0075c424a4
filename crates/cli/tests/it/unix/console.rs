//! The AWS console as a role: where the browser is led, by what, and what is never shown.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::{Run, TestEnv, get, wait_until};

/// A world with profiles of several kinds, whose sign-in service is the emulator.
fn world() -> TestEnv {
    let mut env = TestEnv::new();
    let url = env.server.base_url().to_owned();
    env.set("KEYFOB_SIGNIN_URL", &url);
    let config = fs::read_to_string(env.path(".aws/config")).unwrap();
    env.write_config(&config.replace("ReadOnly\n", "ReadOnly\nregion = eu-west-1\n"));
    add(
        &env,
        "[profile chain]\nrole_arn = arn:aws:iam::222233334444:role/Admin\nsource_profile = dev\n\
         [profile direct]\nrole_arn = arn:aws:iam::222233334444:role/Admin\n\
         source_profile = keys\n\
         [profile keys]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n\
         aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n",
    );
    env
}

fn add(env: &TestEnv, lines: &str) {
    let config = fs::read_to_string(env.path(".aws/config")).unwrap();
    env.write_config(&(config + lines));
}

fn printed(env: &TestEnv, arguments: &[&str]) -> String {
    let run = env.run(&[&["console", "--print"], arguments].concat());
    assert_eq!(run.code, 0, "{run:?}");
    run.stdout.trim_end().to_owned()
}

fn refused(env: &TestEnv, arguments: &[&str], code: i32, parts: &[&str]) -> Run {
    let run = env.run(&[&["console"], arguments].concat());
    assert_eq!((run.code, run.stdout.as_str()), (code, ""), "{run:?}");
    for part in parts {
        assert!(run.stderr.contains(part), "{part} in {run:?}");
    }
    run
}

/// A browser that writes down how it is called; returns its path and the file.
fn browser(env: &TestEnv) -> (String, std::path::PathBuf) {
    let (program, told) = (env.path("my browser"), env.path("told"));
    let script = format!(
        "#!/bin/sh\nfor word; do printf '%s\\n' \"$word\"; done >'{0}.new'\nmv '{0}.new' '{0}'\n",
        told.display()
    );
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    (program.display().to_string(), told)
}

/// The words that the browser was called with.
fn opened(env: &TestEnv, arguments: &[&str]) -> Vec<String> {
    let (_, told) = browser(env);
    let _ = fs::remove_file(&told);
    let run = env.run(&[&["console"], arguments].concat());
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{run:?}");
    wait_until("the browser starts", || told.exists());
    fs::read_to_string(&told).unwrap().lines().map(str::to_owned).collect()
}

const LINK: &str = "https://keyfob.awsapps.com/start/#/console?account_id=111122223333\
                    &role_name=ReadOnly";

/// A page of the console, as it stands in a URL.
fn page(page: &str) -> String {
    wire::percent_encode(&format!("https://eu-west-1.console.aws.amazon.com/{page}"))
}

#[test]
fn a_role_of_the_portal_opens_by_a_link_without_network_and_sign_in() {
    let env = world();
    assert_eq!(printed(&env, &["dev"]), LINK.replace("dev", ""));
    let of_service = format!("{LINK}&destination={}", page("s3/home?region=eu-west-1"));
    assert_eq!(printed(&env, &["--profile", "dev", "-s", "s3"]), of_service);
    let role = ["--sso-session", "work", "--account-id", "111122223333", "--role-name", "ReadOnly"];
    assert_eq!(printed(&env, &role), LINK);
    let link = env.run(&["link", "dev", "-s", "s3", "--format", "markdown"]);
    let text = "AWS console of 111122223333 as ReadOnly";
    assert_eq!(link.stdout, format!("[{text}]({of_service})\n"));
    let link = env.run(&["link", "dev", "--any-role"]);
    assert_eq!(link.stdout, format!("{}\n", LINK.replace("&role_name=ReadOnly", "")));
    for command in ["console", "link"] {
        let run = env.run(&[command, "dev", "--qr"]);
        assert!(
            run.code == 0 && run.stdout.starts_with("█████") && run.stdout.lines().count() > 20
        );
    }
    let idp = env.server.idp();
    assert_eq!(idp.lock().unwrap().calls().len(), 0);
}

#[test]
fn other_roles_sign_in_with_their_credentials() {
    let env = world();
    env.sign_in();
    for (profile, role) in [("chain", "Admin"), ("direct", "Admin")] {
        let url = printed(&env, &[profile, "--path", "/ec2/home#Instances:"]);
        assert!(url.contains("/federation?Action=login&Issuer="), "{url}");
        let first = get(&url);
        assert!(first.starts_with("HTTP/1.1 302"), "{first}");
        assert!(
            first.contains(&format!("<strong>{role}</strong>"))
                || first.contains("location: /console")
        );
        assert!(get(&url).contains("used already"));
    }
    // The portal's own roles as well, where that is asked for.
    let url = printed(&env, &["dev", "--method", "federation", "--duration", "12h"]);
    assert!(url.contains(&format!("&Destination={}", page("console/home"))), "{url}");
    let url = printed(&env, &["dev", "--logout-first"]);
    assert!(url.contains("/oauth?Action=logout&redirect_uri=http%3A%2F%2F127.0.0.1"), "{url}");
    refused(&env, &["chain", "--method", "link"], 2, &["leave out --method link"]);
    refused(&env, &["chain", "--print", "--duration", "1h"], 2, &["an hour at most"]);
    refused(&env, &["dev", "--print", "--duration", "13h"], 2, &["15m to 12h"]);
    refused(&env, &["keys", "--print"], 2, &["the keys of a user", "GetFederationToken"]);
    // Over SSH nobody wants a page that signs in on the screen unasked.
    refused(&env, &["chain"], 5, &["no browser", "--print"]);
    refused(&env, &["chain", "--copy"], 2, &["--copy needs a terminal"]);
}

#[test]
fn credentials_that_cannot_have_a_duration_sign_in_without_one() {
    let env = world();
    env.sign_in();
    let keyfob = env!("CARGO_BIN_EXE_keyfob");
    add(
        &env,
        &format!(
            "[profile unknown]\ncredential_process = {keyfob} credential-process --profile chain\n"
        ),
    );
    let run = env.run(&["console", "unknown", "--print"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("as long as the credentials"), "{run:?}");
    assert_eq!(env.calls("GetSigninToken"), 2);
    refused(&env, &["unknown", "--print", "--duration", "2h"], 4, &["leave out --duration"]);
}

#[test]
fn a_server_that_takes_no_form_is_asked_by_a_url_and_no_other_is() {
    for (status, calls, code) in [(405, 2, 0), (404, 2, 0), (500, 3, 5)] {
        let scenario = format!(
            "[[fault]]\noperation = \"GetSigninToken\"\nkind = \"empty\"\nstatus = {status}\n{}",
            if status == 500 { "" } else { "times = 1\n" }
        );
        let mut env = TestEnv::with_scenario(&scenario);
        let url = env.server.base_url().to_owned();
        env.set("KEYFOB_SIGNIN_URL", &url);
        env.sign_in();
        let run = env.run(&["console", "dev", "--print", "--method", "federation"]);
        assert_eq!(run.code, code, "{status}: {run:?}");
        assert_eq!(env.calls("GetSigninToken"), calls, "{status}: {run:?}");
    }
}

#[test]
fn no_secret_is_told_whatever_happens_on_the_way() {
    let mut env = world();
    env.sign_in();
    let secrets = |run: &Run| {
        let text = format!("{}{}", run.stdout, run.stderr);
        for part in ["SigninToken=", "SigninToken\"", "sessionKey", "sessionToken", "Session="] {
            assert!(!text.contains(part), "{part}: {run:?}");
        }
    };
    // Nobody listens there.
    env.set("KEYFOB_SIGNIN_URL", "http://127.0.0.1:9");
    let run = refused(&env, &["chain", "--print", "-v"], 5, &["127.0.0.1:9"]);
    secrets(&run);
    for fault in ["drop", "truncated", "not_json", "empty", "forbidden"] {
        let scenario = format!(
            "[[fault]]\noperation = \"GetSigninToken\"\nkind = \"{fault}\"\nstatus = 200\n"
        );
        let scenario = if matches!(fault, "not_json" | "empty") {
            scenario
        } else {
            scenario.replace("status = 200\n", "")
        };
        let mut env = TestEnv::with_scenario(&scenario);
        let url = env.server.base_url().to_owned();
        env.set("KEYFOB_SIGNIN_URL", &url);
        env.sign_in();
        let run = env.run(&["console", "dev", "--print", "--method", "federation", "-v"]);
        assert!(run.code == 4 || run.code == 5, "{fault}: {run:?}");
        secrets(&run);
    }
    env.set("KEYFOB_SIGNIN_URL", "http://example.com");
    refused(&env, &["chain", "--print"], 2, &["KEYFOB_SIGNIN_URL", "plain http"]);
}

#[test]
fn a_page_that_a_colleague_sends_chooses_the_role_and_leads_nowhere_else() {
    let env = world();
    env.sign_in();
    env.run(&["roles"]);
    let copied = "https://333344445555-a1b2c3d4.eu-north-1.console.aws.amazon.com/s3/home?region=eu-north-1#x";
    let url = printed(&env, &["--url", copied]);
    assert!(url.contains("account_id=333344445555&role_name=Administrator&"), "{url}");
    let there = wire::percent_encode(
        "https://eu-north-1.console.aws.amazon.com/s3/home?region=eu-north-1#x",
    );
    assert!(url.ends_with(&format!("&destination={there}")), "{url}");
    // Several roles are there in the other account.
    let several = copied.replace("333344445555", "222233334444");
    refused(&env, &["--print", "--url", &several], 2, &["fits several", "Developer"]);
    // Somebody who names a role is told.
    let run = env.run(&["console", "dev", "--print", "--url", &several]);
    assert!(run.code == 0 && run.stderr.contains("the page is of account 222233334444"), "{run:?}");
    for evil in [
        "https://evil.example/console.aws.amazon.com",
        "https://console.aws.amazon.com.evil.example/",
        "javascript:alert(1)",
    ] {
        refused(&env, &["dev", "--print", "--url", evil], 2, &["no page of the console"]);
    }
    refused(&env, &["dev", "--print", "--url", "https://console.amazonaws.cn/"], 2, &["aws-cn"]);
    refused(
        &env,
        &["dev", "--print", "-s", "s3", "--region", "cn-north-1"],
        2,
        &["aws-cn", "of aws"],
    );
}

#[test]
fn a_service_that_nobody_knows_is_a_path_and_the_nearest_is_told() {
    let env = world();
    let run = env.run(&["console", "dev", "--print", "-s", "lamda"]);
    assert!(run.stderr.contains("did you mean `lambda`?"), "{run:?}");
    assert!(run.stdout.contains(&page("lamda/home?region=eu-west-1")), "{run:?}");
    refused(&env, &["dev", "--print", "-s", "a/b"], 2, &["no path"]);
}

#[test]
fn each_partition_has_its_hosts() {
    for (region, host) in [
        ("cn-north-1", "console.amazonaws.cn"),
        ("us-gov-west-1", "console.amazonaws-us-gov.com"),
        ("eusc-de-east-1", "console.amazonaws-eusc.eu"),
    ] {
        let mut env = TestEnv::with_scenario(&format!("region = \"{region}\"\n"));
        let url = env.server.base_url().to_owned();
        env.set("KEYFOB_SIGNIN_URL", &url);
        env.sign_in();
        let there =
            wire::percent_encode(&format!("https://{region}.{host}/s3/home?region={region}"));
        let link = printed(&env, &["dev", "-s", "s3"]);
        assert!(link.ends_with(&format!("&destination={there}")), "{link}");
        let federated = printed(&env, &["dev", "-s", "s3", "--method", "federation"]);
        assert!(federated.contains(&format!("&Destination={there}&")), "{federated}");
        assert!(get(&federated).contains("location: /console"));
        refused(
            &env,
            &["dev", "--print", "-s", "s3", "--region", "us-east-1"],
            2,
            &["is of the partition aws,"],
        );
    }
}

#[test]
fn the_browser_gets_one_word_and_no_shell_sees_it() {
    let env = world();
    let (program, _) = browser(&env);
    let quoted = format!("'{program}'");
    let pwned = env.path("pwned");
    let path = format!("s3/$(touch${{IFS}}{})", pwned.display());
    let url = format!("{LINK}&destination={}", page(&format!("{path}?region=eu-west-1")));
    let arguments = |command: &str| -> Vec<String> {
        ["dev", "--path", &path, "--browser", command].map(str::to_owned).into()
    };
    for (command, words) in [
        (quoted.clone(), vec![url.clone()]),
        (format!("{quoted} --app={{url}} x"), vec![format!("--app={url}"), "x".to_owned()]),
        (format!("{quoted} -P 'a b' %u"), vec!["-P".to_owned(), "a b".to_owned(), url]),
    ] {
        let arguments = arguments(&command);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        assert_eq!(opened(&env, &arguments), words);
    }
    assert!(!pwned.exists());
    refused(&env, &["dev", "--browser", "b --new-window"], 2, &["add {url}"]);
    refused(&env, &["dev", "--browser", "/nonexistent/b"], 5, &["cannot be started", "--print"]);
}

#[test]
fn a_profile_of_a_browser_is_found_by_its_name() {
    let env = world();
    let (program, _) = browser(&env);
    let chromium = env.path("chromium");
    fs::rename(&program, &chromium).unwrap();
    let state = r#"{"profile":{"info_cache":{"Profile 3":{"name":"Work & co"},"Default":{}}}}"#;
    fs::create_dir_all(env.path(".config/chromium")).unwrap();
    fs::write(env.path(".config/chromium/Local State"), state).unwrap();
    let program = chromium.display().to_string();
    let of = |name: &str| {
        let words = opened(&env, &["dev", "--browser", &program, "--browser-profile", name]);
        assert_eq!(words.last().map(String::as_str), Some(LINK));
        words[0].clone()
    };
    assert_eq!(of("Work & co"), "--profile-directory=Profile 3");
    assert_eq!(of("../new"), "--profile-directory=..-new");
}

#[test]
fn the_config_says_which_browser_and_which_container() {
    let env = world();
    let (program, _) = browser(&env);
    add(
        &env,
        &format!(
            "[profile contained]\nsso_session = work\nsso_account_id = 111122223333\n\
             sso_role_name = ReadOnly\nkeyfob_browser = \"{program}\"\nkeyfob_container = firefox\n\
             granted_color = pink\nkeyfob_icon = briefcase\n\
             [profile risky]\nsso_session = work\nsso_account_id = 111122223333\n\
             sso_role_name = ReadOnly\nkeyfob_browser = '{program}'\nkeyfob_container = granted\n\
             keyfob_risky = true\n\
             [profile plain]\nsso_session = work\nsso_account_id = 111122223333\n\
             sso_role_name = ReadOnly\nkeyfob_browser = '{program}' {{url}}\n\
             [profile odd]\nsso_session = work\nsso_account_id = 111122223333\nsso_role_name = R\n\
             keyfob_container = chrome\n"
        ),
    );
    let url = wire::percent_encode(LINK);
    let words = opened(&env, &["contained"]);
    let uri = format!("ext+container:name=contained&url={url}&color=pink&icon=briefcase");
    assert_eq!(words, ["--new-tab", &uri]);
    let uri = format!("ext+granted-containers:name=risky&url={url}&color=red&icon=fingerprint");
    assert_eq!(opened(&env, &["risky"]), ["--new-tab", &uri]);
    assert_eq!(opened(&env, &["plain"]), [LINK]);
    refused(&env, &["odd"], 2, &["keyfob_container", "not `chrome`"]);
}

#[test]
fn the_clipboard_of_the_terminal_gets_the_page() {
    let env = world();
    let terminal = env.terminal("{keyfob} console dev --copy; {keyfob} link dev --copy");
    let (code, shown) = terminal.finish();
    // printf %s "$LINK" | base64 -w0
    let encoded = "aHR0cHM6Ly9rZXlmb2IuYXdzYXBwcy5jb20vc3RhcnQvIy9jb25zb2xlP2FjY291bnRfaWQ9MTExMTIyMjIzMzMzJnJvbGVfbmFtZT1SZWFkT25seQ==";
    assert_eq!(
        (code, shown.matches(&format!("\x1b]52;c;{encoded}\x07")).count()),
        (0, 2),
        "{shown}"
    );
}

#[test]
fn somebody_who_names_nothing_chooses_a_role() {
    let env = world();
    env.sign_in();
    env.run(&["roles"]);
    let mut terminal = env.terminal("{keyfob} console --print");
    terminal.wait_for("Whose credentials?");
    terminal.interrupt();
    let (code, shown) = terminal.finish();
    assert_eq!(code, 130, "{shown}");
}
