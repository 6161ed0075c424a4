//! What becomes of a config file, whatever a person wrote into it.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::BTreeMap;

use bulk_profiles::shared_config::{Document, FileKind, Files, Sections};
use bulk_profiles::{AssignedRole, Conflict, Form, NameFormat, Options, Outcome, Plan, plan};
use proptest::prelude::*;

fn role<'r>(account_id: &'r str, account_name: &'r str, role_name: &'r str) -> AssignedRole<'r> {
    AssignedRole {
        account_id,
        account_name: Some(account_name),
        email_address: None,
        role_name,
        region: Some("eu-west-1"),
        region_index: 0,
    }
}

fn options() -> Options<'static> {
    Options::new(Form::Session, NameFormat::parse("{account}.{role}").unwrap())
}

fn synced(text: &str, wanted: &[AssignedRole<'_>], options: &Options<'_>) -> (String, Plan) {
    let mut config = Document::new(text, FileKind::Config);
    let plan = plan(&config, "", "work", wanted, options).unwrap();
    config.edit_profiles(&plan.edits).unwrap();
    (config.to_string(), plan)
}

fn outcome(plan: &Plan, name: &str) -> Outcome {
    plan.outcomes
        .iter()
        .find(|(own, _)| own == name)
        .unwrap_or_else(|| panic!("{plan:?}"))
        .1
        .clone()
}

const MINE: &str =
    "# mine\n[sso-session work]\nsso_region = eu-west-1\n\n[profile dev]\nregion = x\n";

#[test]
fn profiles_are_added_below_what_is_there_and_a_second_time_nothing_happens() {
    let wanted = [role("111122223333", "Team A", "Admin"), role("111122223333", "Team A", "Read")];
    let (text, plan) = synced(MINE, &wanted, &options());
    let marker = "keyfob_sync = v1 work 111122223333 Admin ";
    assert!(text.starts_with(&format!(
        "{MINE}\n[profile Team-A.Admin]\nsso_session = work\nsso_account_id = 111122223333\n\
         sso_role_name = Admin\nregion = eu-west-1\n{marker}"
    )));
    assert_eq!(outcome(&plan, "Team-A.Read"), Outcome::Added);
    let (again, plan) = synced(&text, &wanted, &options());
    assert_eq!(again, text);
    assert!(plan.edits.is_empty(), "{plan:?}");
    assert_eq!(outcome(&plan, "Team-A.Read"), Outcome::Unchanged);
}

#[test]
fn a_profile_is_known_by_its_role_and_keeps_the_name_that_a_person_gave_it() {
    let wanted = [role("111122223333", "A", "Admin")];
    let (text, _) = synced(MINE, &wanted, &options());
    let renamed = text.replace("[profile A.Admin]", "[profile prod]");
    let (same, plan) = synced(&renamed, &wanted, &options());
    assert_eq!(same, renamed);
    let now = "A.Admin".to_owned();
    assert_eq!(outcome(&plan, "prod"), Outcome::NameKept { now });
    let (back, plan) = synced(&renamed, &wanted, &options().with_rename(true));
    assert_eq!(back, text);
    assert_eq!(outcome(&plan, "A.Admin"), Outcome::Renamed { from: "prod".to_owned() });
}

#[test]
fn what_a_person_changed_stays_unless_they_say_otherwise() {
    let wanted = [role("111122223333", "A", "Admin")];
    let (text, _) = synced(MINE, &wanted, &options());
    let more = text.replace("keyfob_sync", "output = json # mine\nkeyfob_sync");
    let mut moved = wanted;
    moved[0].region = Some("us-east-1");
    let (changed, plan) = synced(&more, &moved, &options());
    assert_eq!(outcome(&plan, "A.Admin"), Outcome::Changed);
    assert!(changed.contains("region = us-east-1\noutput = json # mine\n"), "{changed}");

    let edited = text.replace("region = eu-west-1\nkeyfob", "region = ap-east-1\nkeyfob");
    let (same, plan) = synced(&edited, &wanted, &options());
    assert_eq!((same.as_str(), outcome(&plan, "A.Admin")), (&*edited, Outcome::Edited));
    let (back, _) = synced(&edited, &wanted, &options().with_overwrite_edited(true));
    assert_eq!(back, text);
}

#[test]
fn only_what_was_listed_and_what_nobody_touched_is_removed() {
    let ids = ["1", "2", "3", "4"].map(|end| (format!("11112222333{end}"), end));
    let wanted = ids.each_ref().map(|(id, end)| role(id, end, "Admin"));
    let (text, _) = synced(MINE, &wanted, &options());
    let touched = text.replace("[profile 2.Admin]\n", "[profile 2.Admin]\n# why I need it\n");
    let (same, plan) = synced(&touched, &[], &options());
    assert_eq!(same, touched, "nobody asked to remove any");
    assert_eq!(outcome(&plan, "1.Admin"), Outcome::Gone);
    let is_listed = |account_id: &str| account_id != "111122223333";
    let options = options().with_prune(true).with_listed(&is_listed);
    let (pruned, plan) = synced(&touched, &[], &options);
    let all = ["1", "2", "3", "4"].map(|name| outcome(&plan, &format!("{name}.Admin")));
    use Outcome::{GoneEdited, Removed, Unchanged};
    assert_eq!(all, [Removed, GoneEdited, Unchanged, Removed]);
    let headers: Vec<_> = pruned.lines().filter(|line| line.starts_with('[')).collect();
    let left = ["[sso-session work]", "[profile dev]", "[profile 2.Admin]", "[profile 3.Admin]"];
    assert_eq!(headers, left);
    // Another session has nothing to do with it.
    let mut config = Document::new(&text, FileKind::Config);
    let other = bulk_profiles::plan(&config, "", "other", &[], &options).unwrap();
    config.edit_profiles(&other.edits).unwrap();
    assert_eq!(config.as_str(), text);
}

#[test]
fn a_profile_that_a_person_wrote_for_the_role_is_enough() {
    let wanted = [role("111122223333", "A", "Admin"), role("111122223333", "A", "Read")];
    let own = "[profile A.Admin]\nsso_session = work\nsso_account_id = 111122223333\n";
    let mine = format!("{MINE}{own}sso_role_name = Admin\nregion = mine\n");
    let (text, plan) = synced(&mine, &wanted, &options());
    assert!(text.starts_with(&mine) && plan.conflicts.is_empty(), "{plan:?}");
    let names: Vec<_> = plan.outcomes.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["A.Admin", "A.Read"]);
    assert_eq!(text.matches("[profile A.").count(), 2, "{text}");
}

#[test]
fn names_that_are_not_free_are_told_and_nothing_is_overwritten() {
    let mine = format!("{MINE}[profile A.Admin]\nregion = mine\n");
    let wanted = [
        role("111122223333", "A", "Admin"),
        role("444455556666", "B", "Admin"),
        role("777788889999", "B", "Admin"),
    ];
    let (text, plan) = synced(&mine, &wanted, &options());
    assert!(text.starts_with(&mine), "{text}");
    let names: Vec<_> = plan.outcomes.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["A.Admin.sso", "B.Admin-6666", "B.Admin-9999"]);
    let shared = plan.conflicts.iter().any(
        |conflict| matches!(conflict, Conflict::Shared { name, count: 2, .. } if name == "B.Admin"),
    );
    let taken = plan.conflicts.iter().any(|conflict| {
        matches!(conflict, Conflict::Taken { name, instead, .. } if name == "A.Admin" && instead == "A.Admin.sso")
    });
    assert!(shared && taken, "{plan:?}");
    assert_eq!(synced(&text, &wanted, &options()).0, text, "it stays so");

    let config = Document::new("", FileKind::Config);
    let of = |format: &str, wanted: &[AssignedRole<'_>]| {
        let options = Options::new(Form::Session, NameFormat::parse(format).unwrap());
        plan_error(&config, wanted, &options)
    };
    assert_eq!(
        of("default", &wanted),
        "role Admin of account 111122223333 would get the name `default`: choose another format, \
         such as {account-id}.{role}"
    );
    let roles = [role("111122223333", "A", "Admin"), role("111122223333", "A", "Read")];
    assert!(of("{account}", &roles).starts_with("several profiles would be named `A"));
}

fn plan_error(config: &Document, wanted: &[AssignedRole<'_>], options: &Options<'_>) -> String {
    plan(config, "", "work", wanted, options).unwrap_err().to_string()
}

#[test]
fn a_form_can_be_changed_for_another() {
    let wanted = [role("111122223333", "A", "Admin")];
    let format = || NameFormat::parse("{account}.{role}").unwrap();
    let forms = [
        Form::Legacy { start_url: "https://d-1.awsapps.com/start".into(), region: "r".into() },
        Form::CredentialProcess { program: "/usr/bin/keyfob".into() },
        Form::Session,
    ];
    let (first, _) = synced("", &wanted, &options());
    let mut text = first.clone();
    for form in forms {
        let is_command = matches!(form, Form::CredentialProcess { .. });
        let (next, plan) = synced(&text, &wanted, &Options::new(form, format()));
        assert_eq!(outcome(&plan, "A.Admin"), Outcome::Changed);
        assert_eq!(next.contains("sso_"), !is_command, "{next}");
        text = next;
    }
    let sorted = |text: &str| {
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&text), sorted(&first));
}

/// Lines that people write into config files.
fn line() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "",
        "  ",
        "# a comment",
        "; another",
        "[profile dev]",
        "  [profile indented]",
        "[default]",
        "[sso-session work]",
        "[profile A.Admin]",
        "region = eu-west-1",
        "  nested = 1",
        "s3 =",
        "what is this",
        "sso_session = work # mine",
        "keyfob_sync = v2 later",
        "keyfob_sync = v1 work 111122223333 Admin 00000000",
    ])
}

fn assigned() -> impl Strategy<Value = Vec<AssignedRole<'static>>> {
    let id = prop::sample::select(vec!["111122220000", "111122220001", "111122220002"]);
    let name = prop::sample::select(vec!["A", "A", "B [x]", "Ünï", "a/b:c"]);
    let one = ((id, name), prop::sample::select(vec!["Admin", "Read"]));
    prop::collection::vec(one, 0..6).prop_map(|all| {
        let all = all.into_iter().map(|((id, name), role_name)| {
            let role = role(id, name, role_name);
            ((role.account_id, role.role_name), role)
        });
        all.collect::<BTreeMap<_, _>>().into_values().collect()
    })
}

proptest! {
    #[test]
    fn whatever_a_person_wrote(
        lines in prop::collection::vec(line(), 0..12),
        end in prop::sample::select(vec!["", "\n", "\r\n", "\n\n\n"]),
        wanted in assigned(),
        fewer in assigned(),
    ) {
        let separator = if end == "\r\n" { "\r\n" } else { "\n" };
        // Nothing of it is ours.
        let text = lines.join(separator).replace("v1 work", "v0 work") + end;
        let (once, _) = synced(&text, &wanted, &options());
        prop_assert!(once.starts_with(&text), "{once:?}");
        let (twice, plan) = synced(&once, &wanted, &options());
        prop_assert_eq!(&twice, &once);
        prop_assert!(plan.edits.is_empty());
        let pruning = options().with_prune(true);
        let (changed, _) = synced(&once, &fewer, &pruning);
        prop_assert!(changed.starts_with(text.trim_end()), "{changed:?}");
        prop_assert_eq!(&synced(&once, &[], &pruning).0, &text);
        prop_assert_eq!(&synced(&changed, &[], &pruning).0, &text);
        // Every profile is read as it was meant.
        let files = Files::from_texts(&once, "");
        let sections = Sections::parse(&files);
        for role in &wanted {
            let found = sections.profiles().any(|section| {
                section.value("sso_account_id") == Some(role.account_id)
                    && section.value("sso_role_name") == Some(role.role_name)
                    && section.value("keyfob_sync").is_some_and(|marker| marker.starts_with("v1 "))
            });
            prop_assert!(found, "{role:?} in {once}");
        }
    }

    #[test]
    fn whatever_stands_there_is_planned_without_a_panic(
        lines in prop::collection::vec(line(), 0..12),
        wanted in assigned(),
    ) {
        let text = lines.join("\n");
        let (once, _) = synced(&text, &wanted, &options().with_prune(true));
        let (twice, _) = synced(&once, &wanted, &options().with_prune(true));
        prop_assert_eq!(twice, once);
    }
}

fn with_regions<'r>(regions: &[&'r str]) -> Vec<AssignedRole<'r>> {
    let role = |(region_index, region): (usize, &&'r str)| AssignedRole {
        region: Some(region),
        region_index,
        ..role("111122223333", "shop", "Admin")
    };
    regions.iter().enumerate().map(role).collect()
}

#[test]
fn a_profile_keeps_its_region_however_many_come_and_go_before_it() {
    let (text, plan) =
        synced("", &with_regions(&["eu-west-1", "us-east-1", "sa-east-1"]), &options());
    let names: Vec<_> = plan.outcomes.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["shop.Admin", "shop.Admin.usea1", "shop.Admin.saea1"]);
    // The first one is that of the role, and has the region that is said first.
    let fewer = with_regions(&["us-east-1", "sa-east-1"]);
    let (after, plan) = synced(&text, &fewer, &options().with_prune(true));
    let outcomes: Vec<_> = plan.outcomes.iter().map(|(name, it)| (name.as_str(), it)).collect();
    let expected = [
        ("shop.Admin.usea1", &Outcome::Removed),
        ("shop.Admin", &Outcome::Changed),
        ("shop.Admin.saea1", &Outcome::Unchanged),
    ];
    assert_eq!(outcomes, expected);
    let (again, _) = synced(&after, &fewer, &options());
    assert_eq!(again, after);
    let (back, _) = synced(&after, &[], &options().with_prune(true));
    assert_eq!(back, "");
}

#[test]
fn a_further_region_that_a_person_changed_is_told_and_no_profile_beside_it() {
    let both = with_regions(&["eu-west-1", "us-east-1"]);
    let (text, _) = synced("", &both, &options());
    let edited = text.replace("region = us-east-1", "region = us-west-2");
    let (after, plan) = synced(&edited, &both, &options());
    assert_eq!(after, edited);
    assert_eq!(plan.outcomes[1], ("shop.Admin.usea1".to_owned(), Outcome::Edited));
}

#[test]
fn a_format_with_a_region_names_it_itself() {
    let options = Options::new(Form::Session, NameFormat::parse("{role}-{region}").unwrap());
    let (_, plan) = synced("", &with_regions(&["eu-west-1", "us-east-1"]), &options);
    let names: Vec<_> = plan.outcomes.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Admin-eu-west-1", "Admin-us-east-1"]);
}
