//! `cargo xtask pictures`: the pictures of `README.md`, which show what the binary prints.

use std::fs;
use std::path::Path;
use std::process::Command;

use anstyle_svg::{Term, WIN10_CONSOLE};
use regex_lite::Regex;

use crate::home::{Home, write};
use crate::public_types::target_directory;
use crate::{Result, cargo, root};

/// The accounts of the emulator; its seed makes codes that stay the same.
const SCENARIO: &str = r#"
seed = 7
region = "eu-west-1"
start_url = "https://d-1234567890.awsapps.com/start"
approval = "automatic"
approve_after_polls = 1

[[user]]
name = "Ada Lovelace"
email = "ada@example.com"

[[account]]
id = "111122223333"
name = "Production"
email = "aws+production@example.com"
roles = ["Administrator", "ReadOnly"]

[[account]]
id = "222233334444"
name = "Staging"
email = "aws+staging@example.com"
roles = ["Administrator", "Developer", "ReadOnly"]

[[account]]
id = "333344445555"
name = "Sandbox Ada"
email = "aws+ada@example.com"
roles = ["Administrator"]
"#;

const CONFIG: &str = "\
[sso-session work]
sso_start_url = https://d-1234567890.awsapps.com/start
sso_region = eu-west-1
sso_registration_scopes = sso:account:access

[profile dev]
sso_session = work
sso_account_id = 222233334444
sso_role_name = Developer
region = eu-west-1
";

/// Keys from another time, under the name of a profile that has a role.
const CREDENTIALS: &str = "\
[dev]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
";

struct Picture {
    name: &'static str,
    commands: &'static [Shown],
}

/// A command, and what of its output is shown: the lines before the first that begins so.
struct Shown {
    line: &'static str,
    until: Option<&'static str>,
}

const fn whole(line: &'static str) -> Shown {
    Shown { line, until: None }
}

const PICTURES: [Picture; 3] = [
    Picture { name: "sign-in", commands: &[whole("keyfob login"), whole("keyfob status")] },
    Picture {
        name: "roles",
        commands: &[whole("keyfob roles --role Admin"), whole("keyfob search stag dev")],
    },
    Picture {
        name: "exec",
        commands: &[
            whole("keyfob exec prod admin -- keyfob whoami"),
            Shown {
                line: "keyfob explain dev | sed -n '/^provider/,/^endpoints/p'",
                until: Some("endpoints"),
            },
        ],
    },
];

/// What differs from run to run, and what stands in its place.
const MASKS: [(&str, &str); 5] = [
    (r"127\.0\.0\.1:\d+", "127.0.0.1:4001"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "2026-11-21T15:05:00Z"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d \(\d+ days\)", "2027-02-19 14:05 (90 days)"),
    (r"\d\d:\d\d \(\d+ min\)", "15:05 (60 min)"),
    (r"\(in \d+ min\)", "(in 60 min)"),
];

pub(crate) fn run() -> Result {
    crate::run(&mut cargo(&["build", "--quiet", "-p", "keyfob"]))?;
    let folder = Path::new(&target_directory()?).join("debug");
    let home = Home::start(&folder.join("keyfob"), "pictures", SCENARIO, CONFIG)?;
    for picture in &PICTURES {
        let mut text = String::new();
        for shown in picture.commands {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&format!("\x1b[1m$ {}\x1b[0m\n", shown.line));
            text.push_str(&output(&home, &folder, shown)?);
        }
        let svg = Term::new().palette(WIN10_CONSOLE).render_svg(text.trim_end());
        let pictures = root().join("docs/pictures");
        fs::create_dir_all(&pictures)?;
        write(&pictures.join(format!("{}.svg", picture.name)), &svg)?;
        // The second picture knows nothing yet of what `explain` finds.
        if picture.name == "roles" {
            write(&home.path().join(".aws/credentials"), CREDENTIALS)?;
        }
    }
    Ok(())
}

/// Runs a command as a person does, with both outputs in their order.
fn output(home: &Home, folder: &Path, shown: &Shown) -> Result<String> {
    let path = format!("PATH='{}':$PATH CLICOLOR_FORCE=1", folder.display());
    let mut shell = Command::new("sh");
    let output = home.run(shell.args(["-c", &format!("{path} {} 2>&1", shown.line)]))?;
    let text = String::from_utf8(output.stdout)?;
    if !output.status.success() {
        return Err(format!("{}: {text}", shown.line).into());
    }
    let mut text = text.replace(&home.path().display().to_string(), "/home/ada");
    for (pattern, stand_in) in MASKS {
        text = Regex::new(pattern)?.replace_all(&text, stand_in).into_owned();
    }
    let ends = |line: &&str| shown.until.is_none_or(|until| !line.starts_with(until));
    Ok(text.lines().take_while(ends).map(|line| format!("{line}\n")).collect())
}
