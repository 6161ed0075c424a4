use std::time::Duration;

use assignments::{AssignedAccount, Event};
use emulator::{Fault, FaultKind};
use providers::Error;
use token_cache::Locking;

use crate::support::{ALL, World, organisation};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

#[test]
fn a_complete_listing_answers_for_fifteen_minutes() {
    let world = World::of(250);
    let first = world.list(&ALL).unwrap();
    assert_eq!(first.len(), 250);
    assert!(first.iter().all(|one| one.role_names() == ["Administrator", "Operator", "ReadOnly"]));
    assert_eq!(world.taken_calls(), (3, 250));

    world.pass(14 * MINUTE);
    assert_eq!(world.list(&ALL).unwrap(), first);
    assert_eq!(world.fresh(&ALL).as_ref(), Some(&first));
    assert_eq!(world.fresh(&ALL.with_renew(true)), None);
    assert_eq!(world.taken_calls(), (0, 0));

    world.pass(MINUTE);
    assert_eq!(world.fresh(&ALL), None);
    assert_eq!(world.list(&ALL).unwrap(), first);
    assert_eq!(world.taken_calls(), (3, 0), "the roles are believed for a day");
    assert_eq!(world.notes.warnings(), [""; 0]);
}

#[test]
fn what_is_new_gone_or_renamed_is_noticed() {
    let world = World::of(10);
    world.list(&ALL).unwrap();
    let mut accounts = organisation(11);
    accounts.remove(0);
    accounts[0].name = Some("renamed".to_owned());
    world.change(|idp| idp.set_accounts(&accounts));
    world.taken_calls();
    world.pass(16 * MINUTE);

    let now = world.list(&ALL).unwrap();
    assert_eq!(world.taken_calls(), (1, 1), "the roles of the new account alone");
    assert_eq!(now.len(), 10);
    assert_eq!(now[0].account.account_name.as_deref(), Some("renamed"));
    assert_eq!(now[9].account.account_id, "000000000011");
}

#[test]
fn roles_are_listed_again_after_a_day_or_when_asked() {
    let world = World::of(10);
    world.list(&ALL).unwrap();
    world.taken_calls();
    world.list(&ALL.with_renew(true)).unwrap();
    assert_eq!(world.taken_calls(), (1, 10));
    world.pass(2 * DAY);
    world.sign_in();
    world.taken_calls();
    world.list(&ALL).unwrap();
    assert_eq!(world.taken_calls(), (1, 10));
}

#[test]
fn one_account_costs_the_roles_of_one_account() {
    let world = World::of(200);
    let one = |account: &AssignedAccount| account.account_id == "000000000007";
    let request = ALL.with_accounts(&one);
    assert_eq!(world.list(&request).unwrap().len(), 1);
    assert_eq!(world.taken_calls(), (2, 1));
    assert_eq!(world.list(&request).unwrap().len(), 1);
    assert_eq!(world.taken_calls(), (0, 0));

    assert_eq!(world.list(&ALL.with_roles(false)).unwrap().len(), 200);
    assert_eq!(world.taken_calls(), (0, 0));
    world.list(&ALL).unwrap();
    assert_eq!(world.taken_calls(), (2, 199), "what is known already is kept");
}

#[test]
fn an_interrupted_listing_goes_on_where_it_was() {
    let world = World::of(100);
    world.list_and_die(&ALL, 60);
    let (_, before) = world.taken_calls();
    let all = world.list(&ALL).unwrap();
    assert_eq!(all.len(), 100);
    let (_, after) = world.taken_calls();
    assert_eq!(after, 40);
    assert!(before >= 60);
}

#[test]
fn a_damaged_index_is_made_anew() {
    let world = World::of(5);
    let all = world.list(&ALL).unwrap();
    let file = world.index_file();
    let whole = file.load().unwrap().unwrap();
    for damage in [&b"rubbish\n"[..], b"", &whole[50..]] {
        file.replace(damage).unwrap();
        world.taken_calls();
        assert_eq!(world.list(&ALL).unwrap().len(), 5);
        assert_eq!(world.taken_calls(), (1, 5));
        let warnings = world.notes.warnings();
        assert!(matches!(&warnings[..], [one] if one.contains("is made anew")), "{warnings:?}");
    }
    // What a killed process was writing is no damage.
    file.replace(&whole[..whole.len() - 20]).unwrap();
    assert_eq!(world.list(&ALL).unwrap(), all);
    assert_eq!(world.notes.warnings(), [""; 0]);
}

#[test]
fn where_the_portal_cannot_be_reached_the_last_listing_answers() {
    let world = World::of(5);
    let all = world.list(&ALL).unwrap();
    world.pass(60 * MINUTE);
    let unreachable = Fault::new("ListAccounts", FaultKind::Drop { processed: false });
    world.change(|idp| idp.set_faults(&[unreachable]));
    assert_eq!(world.list(&ALL).unwrap(), all);
    let warnings = world.notes.warnings();
    assert!(warnings[0].starts_with("answering as of 2026-01-02T03:"), "{warnings:?}");
    let renewed = world.list(&ALL.with_renew(true));
    assert!(matches!(renewed, Err(Error::Call { operation: "ListAccounts", .. })), "{renewed:?}");
}

#[test]
fn failures_that_pass_are_repeated_and_what_was_listed_stays() {
    let world = World::of(20);
    let faults = [
        Fault::new("ListAccounts", FaultKind::Status(503)).times(2),
        Fault::new("ListAccountRoles", FaultKind::Truncated).skip(3).times(3),
    ];
    world.change(|idp| idp.set_faults(&faults));
    assert_eq!(world.list(&ALL).unwrap().len(), 20);

    let world = World::of(20);
    let for_ever = Fault::new("ListAccountRoles", FaultKind::Status(500)).skip(12);
    world.change(|idp| idp.set_faults(&[for_ever]));
    let failed = world.list(&ALL);
    assert!(matches!(failed, Err(Error::Call { .. })), "{failed:?}");
    world.change(|idp| idp.set_faults(&[]));
    world.taken_calls();
    assert_eq!(world.list(&ALL).unwrap().len(), 20);
    assert_eq!(world.taken_calls(), (1, 8));
}

#[test]
fn a_session_that_ended_needs_a_sign_in_and_the_listing_goes_on_after_it() {
    let world = World::of(40);
    let ended = Fault::new("ListAccountRoles", FaultKind::Unauthorized).skip(30);
    world.change(|idp| idp.set_faults(&[ended]));
    assert!(matches!(world.list(&ALL), Err(Error::InvalidToken { .. })));
    world.change(|idp| idp.set_faults(&[]));
    world.taken_calls();
    assert_eq!(world.list(&ALL).unwrap().len(), 40);
    assert_eq!(world.taken_calls(), (1, 10));
}

#[test]
fn an_account_that_goes_meanwhile_is_left_out() {
    let world = World::of(3);
    let gone = Fault::new("ListAccountRoles", FaultKind::Forbidden).skip(1).times(1);
    world.change(|idp| idp.set_faults(&[gone]));
    let all = world.list(&ALL).unwrap();
    assert_eq!(all.iter().map(|one| one.role_names().len()).collect::<Vec<_>>(), [3, 0, 3]);
}

#[test]
fn an_account_without_roles_is_asked_again_soon() {
    let world = World::of(3);
    let not_yet = Fault::new("ListAccountRoles", FaultKind::Forbidden).times(1);
    world.change(|idp| idp.set_faults(&[not_yet]));
    assert_eq!(world.list(&ALL).unwrap()[0].role_names(), [""; 0]);
    world.taken_calls();
    world.pass(16 * MINUTE);
    assert_eq!(world.list(&ALL).unwrap()[0].role_names().len(), 3);
    assert_eq!(world.taken_calls(), (1, 1));
}

#[test]
fn what_a_proxy_refuses_is_no_account_without_roles() {
    for status in [403, 404] {
        let world = World::of(3);
        let page = FaultKind::NotJson { status };
        world.change(|idp| idp.set_faults(&[Fault::new("ListAccountRoles", page)]));
        let failed = world.list(&ALL);
        assert!(matches!(failed, Err(Error::Call { .. })), "{failed:?}");
        world.change(|idp| idp.set_faults(&[]));
        assert!(world.list(&ALL).unwrap().iter().all(|one| one.role_names().len() == 3));
    }
}

#[test]
fn one_account_that_fails_keeps_nobody_from_the_others() {
    let world = World::of(20);
    // The first request and its repetitions.
    let broken = Fault::new("ListAccountRoles", FaultKind::Status(500)).skip(4).times(100);
    world.change(|idp| idp.set_faults(&[broken]));
    let one = |account: &AssignedAccount| account.account_id.ends_with("01");
    world.list(&ALL.with_accounts(&one)).unwrap();
    let five = |account: &AssignedAccount| account.account_id.as_str() <= "000000000005";
    let mut failed = Vec::new();
    let known = world.watch(&ALL.with_accounts(&five), |event| {
        if let Event::Failed { account_id, .. } = event {
            failed.push(account_id.to_owned());
        }
    });
    assert_eq!(failed, ["000000000005"]);
    assert_eq!(
        known.unwrap().iter().map(|one| one.role_names().len()).collect::<Vec<_>>(),
        [3, 3, 3, 3, 0]
    );
    let warnings = world.notes.warnings();
    assert!(
        matches!(&warnings[..], [one] if one.contains("roles of 000000000005")),
        "{warnings:?}"
    );

    world.change(|idp| idp.set_faults(&[]));
    world.taken_calls();
    world.list(&ALL.with_accounts(&five)).unwrap();
    assert_eq!(world.taken_calls(), (1, 1));
}

#[test]
fn a_refresh_that_is_throttled_ends() {
    let world = World::of(3);
    world.pass(HOUR + MINUTE);
    let throttled = FaultKind::Throttle { retry_after: None };
    world.change(|idp| idp.set_faults(&[Fault::new("CreateToken", throttled)]));
    let failed = world.list(&ALL);
    assert!(matches!(failed, Err(Error::Call { operation: "CreateToken", .. })), "{failed:?}");
}

#[test]
fn who_waits_to_list_anew_is_not_given_what_was_known_before() {
    let world = World::of(4);
    world.list(&ALL).unwrap();
    world.pass(HOUR / 2);
    let is_first = |account: &AssignedAccount| account.account_id.ends_with('1');
    let is_another = |account: &AssignedAccount| !is_first(account);
    for (accounts, due) in [(&is_first as &dyn Fn(&AssignedAccount) -> bool, 0), (&is_another, 3)] {
        world.pass(MINUTE);
        let Locking::Held(lock) = world.index_file().try_lock() else { panic!("locks work here") };
        let mut lock = Some(lock);
        world.taken_calls();
        let all = world.watch(&ALL.with_accounts(accounts).with_renew(true), |event| {
            if let Event::Waiting = event {
                // The other one lists the first account anew and ends.
                drop(lock.take());
                world.list(&ALL.with_accounts(&is_first).with_renew(true)).unwrap();
            }
        });
        all.unwrap();
        let (_, roles) = world.taken_calls();
        assert_eq!(roles, 1 + due);
    }
}

#[test]
fn who_waits_for_one_account_is_answered_before_the_other_listing_ends() {
    let world = World::of(50);
    let _lock = {
        world.list_and_die(&ALL, 20);
        let Locking::Held(lock) = world.index_file().try_lock() else { panic!("locks work here") };
        lock
    };
    world.taken_calls();
    let one = |account: &AssignedAccount| account.account_id.ends_with("01");
    assert_eq!(world.list(&ALL.with_accounts(&one)).unwrap().len(), 1);
    assert_eq!(world.taken_calls(), (0, 0));
    let last = |account: &AssignedAccount| account.account_id.ends_with("50");
    let busy = world.list(&ALL.with_accounts(&last));
    assert!(matches!(busy, Err(Error::Busy { .. })), "{busy:?}");
}

#[test]
fn accounts_are_told_page_by_page() {
    let world = World::of(250);
    let last = Fault::new("ListAccounts", FaultKind::Status(500)).skip(2);
    world.change(|idp| idp.set_faults(&[last]));
    let mut told = 0;
    let failed = world.watch(&ALL.with_roles(false), |event| {
        told += usize::from(matches!(event, Event::Known { .. }));
    });
    assert!(failed.is_err());
    assert_eq!(told, 200);
}

#[test]
fn an_old_answer_tells_how_old_its_roles_are() {
    let world = World::of(10);
    world.list(&ALL).unwrap();
    world.pass(2 * DAY);
    world.sign_in();
    let broken = Fault::new("ListAccountRoles", FaultKind::Drop { processed: false });
    world.change(|idp| idp.set_faults(&[broken]));
    let known = world.list(&ALL).unwrap();
    assert!(known.iter().all(|one| one.role_names().len() == 3));
    let warnings = world.notes.warnings();
    assert!(warnings[0].starts_with("answering as of 2026-01-02T03:"), "{warnings:?}");
}
