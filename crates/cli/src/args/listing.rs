//! The arguments of the commands that tell what a person may do.

use std::str::FromStr;

use assignments::AssignedAccount;
use clap::{Args, Subcommand, ValueEnum};
use providers::is_account_id;
use regex_lite::Regex;

use super::{Output, SessionArgs, TableArgs, table};
use crate::complete::{self, by};
use crate::labels::Labels;
use crate::rows;

// No doc comments on these: clap would show them as those of the commands.
#[derive(Args, Debug)]
#[command(mut_arg("columns", table::of(rows::ACCOUNTS)))]
pub(crate) struct Accounts {
    #[command(flatten)]
    pub(crate) list: List,
}

#[derive(Args, Debug)]
#[command(mut_arg("columns", table::of(rows::ROLES)), args_conflicts_with_subcommands = true)]
pub(crate) struct Roles {
    #[command(subcommand)]
    pub(crate) what: Option<RolesWhat>,
    #[command(flatten)]
    pub(crate) list: List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RolesWhat {
    /// Show what changed since the listing before the last one that was different
    ///
    /// New (+), gone (-) and renamed (~) accounts, and new and gone roles. It lists anew where the
    /// last listing is old. The roles of an account are believed for a day: --refresh asks for all.
    Diff(RolesDiff),
}

// No doc comment: clap would show it as that of the command.
#[derive(Args, Debug)]
pub(crate) struct RolesDiff {
    #[command(flatten)]
    pub(crate) session: SessionArgs,
    /// The form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Output,
    /// List everything anew although it is known; fails where the portal cannot be reached
    #[arg(long)]
    pub(crate) refresh: bool,
}

// What both have.
#[derive(Args, Debug)]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) listed: Listed,
    #[command(flatten)]
    pub(crate) filter: Filter,
}

#[derive(Args, Debug)]
#[command(mut_arg("columns", table::of(rows::ROLES)))]
pub(crate) struct Search {
    /// Parts of words of the account's name, id, e-mail and tags and of the role, in any order. Whole words
    /// count most, then how words begin, then what is in the middle of one; letters may be left out.
    /// Signs before or behind a word, in quotes for the shell: 'WORD is the exact text, ^WORD begins
    /// one of these, WORD$ ends one, !WORD must not occur
    #[arg(required = true)]
    pub(crate) words: Vec<String>,
    #[command(flatten)]
    pub(crate) listed: Listed,
}

// What is listed, and how it is written.
#[derive(Args, Debug)]
pub(crate) struct Listed {
    #[command(flatten)]
    pub(crate) session: SessionArgs,
    /// The form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: ListOutput,
    #[command(flatten)]
    pub(crate) table: TableArgs,
    /// List everything anew although it is known; fails where the portal cannot be reached
    #[arg(long)]
    pub(crate) refresh: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Filter {
    /// Only the account of this id, or those with a match in their id, name, e-mail or tags
    #[arg(long, value_name = "REGEX|ID", add = by(complete::account_ids))]
    pub(crate) account: Option<AccountFilter>,
    /// Only roles with a match in their name
    #[arg(long, value_name = "REGEX", add = by(complete::role_names))]
    pub(crate) role: Option<Regex>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListOutput {
    /// For people
    #[default]
    Table,
    /// For programs: an object with a list
    Json,
    /// With a header
    Csv,
    /// An object on each line; `accounts` and `roles` write each as soon as it is known
    Ndjson,
}

/// Which accounts are meant.
#[derive(Clone, Debug)]
pub(crate) enum AccountFilter {
    Id(String),
    Regex(Regex),
}

impl FromStr for AccountFilter {
    type Err = regex_lite::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if is_account_id(text) {
            return Ok(Self::Id(text.to_owned()));
        }
        Regex::new(text).map(Self::Regex)
    }
}

impl Filter {
    pub(crate) fn has_account(&self, account: &AssignedAccount, labels: &Labels) -> bool {
        let regex = match &self.account {
            None => return true,
            Some(AccountFilter::Id(id)) => return account.account_id == *id,
            Some(AccountFilter::Regex(regex)) => regex,
        };
        let optional = [labels.name(account), account.email_address.as_deref()];
        let texts = optional.into_iter().flatten().chain([account.account_id.as_str()]);
        let tags = labels.tags(&account.account_id).iter().map(String::as_str);
        texts.chain(tags).any(|text| regex.is_match(text))
    }

    pub(crate) fn has_role(&self, role_name: &str) -> bool {
        self.role.as_ref().is_none_or(|regex| regex.is_match(role_name))
    }
}
