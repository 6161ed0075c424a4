//! The arguments of `configure populate`, which are those of `aws-sso-util configure populate`.

use bulk_profiles::{ComponentNames, Form};
use clap::{ArgAction, Args, ValueEnum};
use regex_lite::Regex;

use crate::complete::{self, by};

#[derive(Args, Debug)]
pub(crate) struct Populate {
    /// The start URL, or a regular expression that finds one of the config
    /// [env: AWS_CONFIGURE_SSO_DEFAULT_SSO_START_URL, AWS_DEFAULT_SSO_START_URL]
    #[arg(long, short = 'u', value_name = "URL")]
    pub(crate) sso_start_url: Option<String>,
    /// The region of Identity Center
    /// [env: AWS_CONFIGURE_SSO_DEFAULT_SSO_REGION, AWS_DEFAULT_SSO_REGION]
    #[arg(long, value_name = "REGION", add = by(complete::sso_regions))]
    pub(crate) sso_region: Option<String>,
    /// A region of the profiles; several: a profile for each
    /// [env: AWS_CONFIGURE_DEFAULT_REGION, AWS_DEFAULT_REGION]
    #[arg(long = "region", short = 'r', value_name = "REGION", add = by(complete::regions))]
    pub(crate) regions: Vec<String>,
    /// Print the profiles, and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// A further setting of the profiles
    #[arg(long, short = 'c', value_name = "KEY=VALUE", value_parser = setting)]
    pub(crate) config_default: Vec<(String, String)>,
    /// What happens to further settings that a profile has already
    #[arg(long, value_enum, default_value_t)]
    pub(crate) existing_config_action: ExistingConfigAction,
    /// What the names of profiles are made of: account_name, account_id, account_number, role_name,
    /// region, short_region, default_style_region, and other words as they are
    #[arg(long, value_name = "VALUE,VALUE,...", default_value = ComponentNames::COMPONENTS)]
    pub(crate) components: String,
    /// What stands between the components [default: .]
    /// [env: AWS_CONFIGURE_SSO_DEFAULT_PROFILE_NAME_SEPARATOR]
    #[arg(long, visible_alias = "sep", value_name = "SEP", allow_hyphen_values = true)]
    pub(crate) separator: Option<String>,
    /// Whether names of the first region tell it
    #[arg(long, value_enum, default_value_t)]
    pub(crate) include_region: IncludeRegion,
    /// How names tell regions: `euce1`, or `eu-central-1`
    #[arg(long, value_enum, default_value_t)]
    pub(crate) region_style: RegionStyle,
    /// What is removed from names of accounts; may be repeated
    #[arg(long, value_name = "REGEX", allow_hyphen_values = true)]
    pub(crate) trim_account_name: Vec<Regex>,
    /// What is removed from names of roles; may be repeated
    #[arg(long, value_name = "REGEX", allow_hyphen_values = true)]
    pub(crate) trim_role_name: Vec<Regex>,
    /// Change the case of names of accounts
    #[arg(long, value_enum)]
    pub(crate) account_name_case: Option<Case>,
    /// Change the case of names of roles
    #[arg(long, value_enum)]
    pub(crate) role_name_case: Option<Case>,
    /// A command that prints the name of a profile, or SKIP
    ///
    /// It is run for each profile, with these arguments: name and id of the account, role, region,
    /// short region, number of the region from 0, and how many regions there are.
    #[arg(long, value_name = "COMMAND")]
    pub(crate) profile_name_process: Option<String>,
    /// Make `-` of blanks and brackets in names of accounts; this is so by default
    #[arg(long, overrides_with = "raw_account_names")]
    pub(crate) safe_account_names: bool,
    /// Leave names of accounts as they are
    #[arg(long)]
    pub(crate) raw_account_names: bool,
    /// Write `credential_process`; this is so by default
    /// [env: AWS_CONFIGURE_SSO_DISABLE_CREDENTIAL_PROCESS, AWS_SSO_CREDENTIAL_PROCESS_NAME]
    #[arg(long, overrides_with = "no_credential_process", action = ArgAction::SetTrue)]
    pub(crate) credential_process: bool,
    /// Remove `credential_process`, and write none
    #[arg(long)]
    pub(crate) no_credential_process: bool,
    /// Sign in anew, and list everything anew
    #[arg(long)]
    pub(crate) force_refresh: bool,
    /// Remove profiles that this command made for roles that are no longer assigned
    #[arg(long)]
    pub(crate) prune: bool,
    /// Give profiles the names that they would have today
    #[arg(long)]
    pub(crate) rename: bool,
    /// Write settings again that you changed
    #[arg(long)]
    pub(crate) overwrite_edited: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExistingConfigAction {
    /// They stay
    #[default]
    Keep,
    /// Those that are given are written
    Overwrite,
    /// All that is not given is removed
    Discard,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum IncludeRegion {
    /// Only names of further regions do
    #[default]
    Default,
    /// All do
    Always,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum RegionStyle {
    #[default]
    Short,
    Long,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Case {
    Capitalize,
    Casefold,
    Lower,
    Title,
    Upper,
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it is not KEY=VALUE")?;
    match Form::manages(name) {
        true => Err(format!("`{name}` is not one of -c: other options decide it")),
        false => Ok((name.to_owned(), value.to_owned())),
    }
}
