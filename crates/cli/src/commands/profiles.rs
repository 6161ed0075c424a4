//! `keyfob profiles`: every profile and where it gets its credentials.

use providers::{Base, Identity, Lint, ResolveError, Target, resolve_in};
use serde_json::{Value, json};
use shared_config::{Diagnostic, Profile, ProfileError, Sections};

use crate::args::{self, TableOutput};
use crate::env::World;
use crate::exit::Failure;
use crate::ui::{json_line, print, say, table};

/// What is known about one profile.
struct Row<'a> {
    name: &'a str,
    kind: Option<&'static str>,
    account_id: Option<String>,
    role_name: Option<String>,
    session: Option<String>,
}

pub(crate) fn run(arguments: &args::Profiles) -> Result<(), Failure> {
    let world = World::capture()?;
    let files = world.files()?;
    let sections = Sections::parse(&files);
    warn(sections.diagnostics());
    let mut rows = Vec::new();
    for section in sections.profiles() {
        let name = section.name();
        let identity = resolve_in(&sections, &world.environment, &Target::profile(name));
        // Lines that were not understood have been told above.
        if let Err(error) = &identity
            && !matches!(error, ResolveError::Profile(ProfileError::Syntax(_)))
        {
            say(&format!("warning: {error}"));
        }
        if let Ok(profile) = sections.profile(name) {
            Lint::of(&profile).iter().for_each(|lint| {
                say(&format!("warning: {}: {}", lint.place, lint.message));
            });
            rows.push(row(&profile, identity.ok()));
        } else {
            let (kind, account_id, role_name, session) = (None, None, None, None);
            rows.push(Row { name, kind, account_id, role_name, session });
        }
    }
    match arguments.output {
        TableOutput::Json => {
            let rows: Vec<Value> = rows.iter().map(Row::json).collect();
            print(json_line(&Value::from(rows)).as_bytes())
        }
        TableOutput::Table => {
            let header = vec!["PROFILE", "KIND", "ACCOUNT", "ROLE", "SESSION"];
            let cells = rows.iter().map(Row::cells);
            print(table(std::iter::once(header).chain(cells)).as_bytes())
        }
    }
}

/// Says on stderr what is odd about the files.
pub(crate) fn warn(diagnostics: &[Diagnostic]) {
    for diagnostic in diagnostics {
        say(&format!("warning: {diagnostic}"));
    }
}

fn row<'a>(profile: &Profile<'_, 'a>, identity: Option<Identity>) -> Row<'a> {
    let text = |text: Option<&str>| text.map(str::to_owned);
    let mut row = Row {
        name: profile.name(),
        kind: identity.as_ref().map(Identity::kind),
        account_id: text(profile.get("sso_account_id")),
        role_name: text(profile.get("sso_role_name")),
        session: text(profile.get("sso_session").or_else(|| profile.get("sso_start_url"))),
    };
    let Some(identity) = identity else { return row };
    let arn = match (&identity.base, identity.hops.last()) {
        (_, Some(hop)) => Some(&hop.role_arn),
        (Base::WebIdentity(base), None) => Some(&base.role_arn),
        _ => None,
    };
    // arn:aws:iam::ACCOUNT:role/NAME
    if let Some(arn) = arn {
        row.account_id = text(arn.split(':').nth(4).filter(|account| !account.is_empty()));
        row.role_name = text(arn.rsplit('/').next());
    }
    if let Some(session) = identity.session() {
        row.session = Some(session.to_string());
    }
    row
}

impl Row<'_> {
    fn json(&self) -> Value {
        json!({
            "name": self.name,
            "kind": self.kind,
            "accountId": self.account_id,
            "roleName": self.role_name,
            "session": self.session,
        })
    }

    fn cells(&self) -> Vec<&str> {
        let known = [&self.account_id, &self.role_name, &self.session];
        let known = known.map(|text| text.as_deref().unwrap_or("-"));
        [&[self.name, self.kind.unwrap_or("(broken)")], &known[..]].concat()
    }
}
