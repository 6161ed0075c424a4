//! How fast 10 000 roles are searched, and their index is read; `cargo bench -p keyfob-assignments`.

#[path = "../../../benches/fastest.rs"]
mod fastest;

use std::hint::black_box;

use assignments::{AssignedAccount, Index, Portal, Search};
use fastest::fastest;
use wire::Timestamp;

const PORTAL: Portal<'static> =
    Portal { start_url: "https://d-1234567890.awsapps.com/start", region: "eu-west-1" };

fn main() {
    let now = Timestamp::from_unix(1_767_323_045);
    let mut index = Index::default();
    let account = |number: u32| AssignedAccount {
        account_id: format!("{number:012}"),
        account_name: Some(format!(
            "team-{number}-{}",
            if number.is_multiple_of(2) { "production" } else { "staging" }
        )),
        email_address: Some(format!("aws+team-{number}@example.com")),
    };
    index.set_accounts((0..2500).map(account).collect(), now);
    for number in 0..2500 {
        let roles = ["Administrator", "Billing", "PowerUser", "ReadOnly"].map(str::to_owned);
        index.set_roles(&format!("{number:012}"), roles.into(), now);
    }
    let bytes = index.to_vec(PORTAL);
    let read = fastest(|| drop(black_box(Index::from_slice(&bytes, PORTAL))));
    #[expect(clippy::print_stdout, reason = "the figures are the point")]
    {
        println!("index of 10 000 roles, {} bytes: {read:.1?}", bytes.len());
        for words in ["prod 17 admin", "team", "tmprdadm", "nothing like it"] {
            let rows = || {
                let of = |one| move |role| (one, role);
                index.assigned().iter().flat_map(move |one| one.role_names().iter().map(of(one)))
            };
            let write = |(one, role): &(&assignments::Assigned, &String), line: &mut String| {
                let AssignedAccount { account_id, account_name, email_address } = &one.account;
                for text in
                    [Some(account_id), account_name.as_ref(), email_address.as_ref(), Some(role)]
                {
                    line.push_str(text.map_or("", String::as_str));
                    line.push_str("  ");
                }
            };
            let time = fastest(|| drop(black_box(Search::new(words).best(rows(), write))));
            println!("search for `{words}` in 10 000 roles: {time:.1?}");
        }
    }
}
