//! `keyfob export`

use providers::{Credentials, process_output};
use serde_json::Map;
use wire::Secret;

use crate::args::{Export, ExportFormat};
use crate::credentials::Access;
use crate::env::World;
use crate::exit::Failure;
use crate::{ui, variables};

/// A variable, and its value unless it must not be set.
pub(crate) type Variable = (&'static str, Option<Secret<String>>);

pub(crate) fn run(arguments: &Export) -> Result<(), Failure> {
    let format = arguments.format;
    if arguments.unset {
        use ExportFormat::{Docker, Dotenv, Json, Process};
        if matches!(format, Docker | Dotenv | Json | Process) {
            return Err(Failure::usage(
                "--unset prints lines for a shell, which this format is not for",
            )
            .with_hint("leave out --format, or name that of your shell"));
        }
        let names = variables::PREFERRED.iter().chain(&variables::SET);
        let unset: Vec<Variable> = names.map(|name| (*name, None)).collect();
        return ui::print(lines(format, &unset)?.expose().as_bytes());
    }
    let world = World::capture()?;
    let target = &arguments.target.completed(&arguments.words, &world)?;
    let identity = target.identity_or_provided(&world)?;
    let credentials = Access::new(&world, &identity, target, arguments.sign_in)?.credentials()?;
    let region = match &arguments.region {
        Some(region) => Some(region.as_str()),
        None => target.region(&identity, &world)?,
    };
    ui::print(text(format, &credentials, region)?.expose())
}

fn text(
    format: ExportFormat,
    credentials: &Credentials,
    region: Option<&str>,
) -> Result<Secret<Vec<u8>>, Failure> {
    if format == ExportFormat::Process {
        return Ok(process_output(credentials));
    }
    let lines = lines(format, &of_credentials(credentials, region))?;
    Ok(Secret::new(lines.expose().clone().into_bytes()))
}

/// The variables of credentials, and what would count before them.
pub(crate) fn of_credentials(credentials: &Credentials, region: Option<&str>) -> Vec<Variable> {
    let mut variables: Vec<Variable> = variables::PREFERRED.map(|name| (name, None)).into();
    variables.extend(variables::of_credentials(credentials));
    let region = region.map(variables::of_region).into_iter().flatten();
    variables.extend(region.map(|(name, region)| (name, Some(Secret::new(region)))));
    variables
}

pub(crate) fn lines(
    format: ExportFormat,
    variables: &[Variable],
) -> Result<Secret<String>, Failure> {
    let mut text = String::with_capacity(16 * 1024);
    let mut object = Map::new();
    let is_object = matches!(format, ExportFormat::Json | ExportFormat::Nushell);
    for (name, value) in variables {
        match value.as_ref().map(Secret::expose) {
            // JSON has no word for what must not be there.
            None if format == ExportFormat::Json => {}
            value if is_object => {
                object.insert((*name).to_owned(), value.map(String::as_str).into());
            }
            None => text.push_str(&unset(format, name)?),
            Some(value) => text.push_str(Secret::new(set(format, name, value)?).expose()),
        }
    }
    if is_object {
        text = ui::json_line(&object);
    }
    Ok(Secret::new(text))
}

/// Writes the line that sets a variable; a value that needs no quotes has none.
fn set(format: ExportFormat, name: &str, value: &str) -> Result<String, Failure> {
    if value.chars().any(char::is_control) {
        return Err(unwritable(name, "it has a line end or another control character"));
    }
    // At the beginning and behind a colon zsh takes `=` for the path of a command.
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "+/_.:-".contains(c);
    let padded = value.trim_end_matches('=');
    let plain = !padded.is_empty() && !padded.ends_with(':') && padded.chars().all(is_plain);
    Ok(match format {
        ExportFormat::Env => format!("export {name}={}\n", posix(value, plain)),
        ExportFormat::EnvNoExport => format!("{name}={}\n", posix(value, plain)),
        ExportFormat::Fish => {
            let value = value.replace('\\', r"\\").replace('\'', r"\'");
            format!("set -gx {name} '{value}'\n")
        }
        ExportFormat::Powershell => {
            // PowerShell takes typographic quotation marks for plain ones.
            let quotes = ['\'', '\u{2018}', '\u{2019}', '\u{201a}', '\u{201b}'];
            let doubled = |c: char| if quotes.contains(&c) { format!("{c}{c}") } else { c.into() };
            format!("$Env:{name} = '{}'\n", value.chars().map(doubled).collect::<String>())
        }
        ExportFormat::WindowsCmd if plain => format!("set {name}={value}\n"),
        ExportFormat::WindowsCmd if value.contains(['"', '%', '!', '^']) => {
            return Err(unwritable(name, "cmd.exe takes one of its characters for something else"));
        }
        ExportFormat::WindowsCmd => format!("set \"{name}={value}\"\n"),
        ExportFormat::Dotenv => format!("{name}={}\n", dotenv(name, value, plain)?),
        ExportFormat::Docker => format!("{name}={value}\n"), // nothing has a meaning there
        ExportFormat::Json | ExportFormat::Nushell | ExportFormat::Process => String::new(), // no lines
    })
}

fn posix(value: &str, plain: bool) -> String {
    if plain { value.to_owned() } else { format!("'{}'", value.replace('\'', r"'\''")) }
}

/// Quotes a value so that shells, python-dotenv, dotenv of Node.js and `node --env-file` read the same.
/// Within single quotes python-dotenv knows an escaped backslash or quote, and a `${` it replaces
/// even there; within double quotes each has escapes of its own.
fn dotenv(name: &str, value: &str, plain: bool) -> Result<String, Failure> {
    if plain {
        return Ok(value.to_owned());
    }
    let escapes = value.contains(r"\\") || value.ends_with('\\');
    if !value.contains('\'') && !escapes && !value.contains("${") {
        return Ok(format!("'{value}'"));
    }
    if !value.contains(['"', '$', '`', '\\']) {
        return Ok(format!("\"{value}\""));
    }
    Err(unwritable(name, "no quotes are there that every reader of such files understands alike"))
}

fn unwritable(name: &str, reason: &str) -> Failure {
    Failure::usage(format!("{name} cannot be written: {reason}"))
        .with_hint("take `--format json`, which has every value as it is")
}

/// Writes the line that unsets a variable: an old session token would spoil new keys.
fn unset(format: ExportFormat, name: &str) -> Result<String, Failure> {
    Ok(match format {
        ExportFormat::Env | ExportFormat::EnvNoExport => format!("unset {name}\n"),
        ExportFormat::Fish => format!("set -e {name}; or true\n"), // it may not be set
        ExportFormat::Powershell => {
            format!("Remove-Item Env:{name} -ErrorAction SilentlyContinue\n")
        }
        ExportFormat::WindowsCmd => format!("set {name}=\n"),
        ExportFormat::Dotenv | ExportFormat::Docker => format!("# {name} must not be set\n"),
        ExportFormat::Json | ExportFormat::Nushell | ExportFormat::Process => String::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use wire::Timestamp;

    fn exported(format: ExportFormat, secret: &str, token: Option<&str>) -> String {
        let credentials = Credentials::new(
            "ASIA1".into(),
            Secret::from(secret),
            token.map(Secret::from),
            Some(Timestamp::from_unix(1_767_323_045)),
            None,
        );
        let text = text(format, &credentials, Some("eu-west-1")).unwrap();
        String::from_utf8(text.expose().clone()).unwrap()
    }

    #[test]
    fn plain_values_are_written_as_the_aws_cli_does() {
        assert_eq!(
            exported(ExportFormat::Env, "s/ec+", Some("t==")),
            "unset AWS_PROFILE\nunset AWS_DEFAULT_PROFILE\nunset AWS_SECURITY_TOKEN\n\
             export AWS_ACCESS_KEY_ID=ASIA1\nexport AWS_SECRET_ACCESS_KEY=s/ec+\n\
             export AWS_SESSION_TOKEN=t==\nexport AWS_CREDENTIAL_EXPIRATION=2026-01-02T03:04:05Z\n\
             export AWS_REGION=eu-west-1\nexport AWS_DEFAULT_REGION=eu-west-1\n"
        );
        let json: Value = serde_json::from_str(&exported(ExportFormat::Json, "s", None)).unwrap();
        assert_eq!(json["AWS_SECRET_ACCESS_KEY"], "s");
        assert_eq!(json.get("AWS_SESSION_TOKEN"), None);
    }

    #[test]
    fn quoting_keeps_every_shell_from_running_a_value() {
        let second = |format, value| {
            exported(format, value, None).lines().nth(4).map(str::to_owned).unwrap_or_default()
        };
        let evil = "a'b\"$(id)\\`c";
        assert_eq!(
            second(ExportFormat::Env, evil),
            r#"export AWS_SECRET_ACCESS_KEY='a'\''b"$(id)\`c'"#
        );
        assert_eq!(
            second(ExportFormat::Fish, evil),
            r#"set -gx AWS_SECRET_ACCESS_KEY 'a\'b"$(id)\\`c'"#
        );
        assert_eq!(
            second(ExportFormat::Powershell, evil),
            r#"$Env:AWS_SECRET_ACCESS_KEY = 'a''b"$(id)\`c'"#
        );
        assert_eq!(
            second(ExportFormat::Dotenv, "a\"$(id)\\`c"),
            r#"AWS_SECRET_ACCESS_KEY='a"$(id)\`c'"#
        );
        assert_eq!(second(ExportFormat::Dotenv, "it's #1"), r#"AWS_SECRET_ACCESS_KEY="it's #1""#);
        assert_eq!(second(ExportFormat::Docker, evil), format!("AWS_SECRET_ACCESS_KEY={evil}"));
        assert_eq!(second(ExportFormat::WindowsCmd, "a&b"), r#"set "AWS_SECRET_ACCESS_KEY=a&b""#);
        for value in [evil, "it's ${x}", "'\\", "'\"", "a\nb"] {
            let credentials = Credentials::new("A".into(), Secret::from(value), None, None, None);
            let error = text(ExportFormat::Dotenv, &credentials, None).unwrap_err();
            let error = error.error.to_string();
            assert!(error.starts_with("AWS_SECRET_ACCESS_KEY cannot be written: "), "{error}");
        }
    }

    #[test]
    fn a_token_that_is_absent_is_unset() {
        let unset = |format| exported(format, "s", None).lines().nth(5).map(str::to_owned);
        assert_eq!(unset(ExportFormat::Env).as_deref(), Some("unset AWS_SESSION_TOKEN"));
        assert_eq!(unset(ExportFormat::Fish).as_deref(), Some("set -e AWS_SESSION_TOKEN; or true"));
        assert_eq!(unset(ExportFormat::WindowsCmd).as_deref(), Some("set AWS_SESSION_TOKEN="));
    }
}
