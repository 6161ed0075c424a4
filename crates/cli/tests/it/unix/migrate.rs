//! `keyfob configure migrate` with profiles of other tools.

use std::fs;

use crate::support::{Run, TestEnv};

const URL: &str = "https://keyfob.awsapps.com/start";
const SESSION: &str = "\n[sso-session keyfob]\nsso_start_url = https://keyfob.awsapps.com/start\n\
    sso_region = eu-central-1\nsso_registration_scopes = sso:account:access\n";

fn config(env: &TestEnv) -> String {
    fs::read_to_string(env.path(".aws/config")).unwrap()
}

fn with(text: &str) -> TestEnv {
    let env = TestEnv::new();
    env.write_config(&text.replace("URL", URL));
    env
}

fn migrate(env: &TestEnv, tool: &str) -> Run {
    let run = env.run(&["configure", "migrate", "--from", tool]);
    assert_eq!(run.code, 0, "{run:?}");
    run
}

/// Migrates with a dry run before and another run behind; returns what the run said.
fn migrated(env: &TestEnv, tool: &str, after: &str) -> Run {
    let before = config(env);
    let dry = env.run(&["configure", "migrate", "--from", tool, "--dry-run"]);
    assert_eq!((dry.code, config(env)), (0, before.clone()), "{dry:?}");
    let run = migrate(env, tool);
    assert_eq!(config(env), after, "{run:?}");
    assert_eq!(dry.stdout, run.stdout);
    assert_eq!(fs::read_to_string(env.path(".aws/config.keyfob-backup")).unwrap(), before);
    for scope in [&["--from", tool][..], &["--all"]] {
        let again = env.run(&[&["configure", "migrate"], scope].concat());
        assert_eq!((again.code, again.stdout.as_str()), (0, ""), "{again:?}");
        assert!(again.stderr.contains("There is no"), "{again:?}");
    }
    assert_eq!(config(env), after);
    run
}

/// Signs in, and gets credentials by each profile.
fn assert_works(env: &TestEnv, session: &str, profiles: &[&str]) {
    env.sign_in_to(&["--sso-session", session]);
    for profile in profiles {
        let run = env.run(&["credential-process", "--profile", profile]);
        assert_eq!(run.code, 0, "{run:?}");
        let run = env.run(&["explain", profile]);
        assert_eq!(run.code, 0, "{run:?}");
        assert!(!run.stdout.contains("credential_process"), "{run:?}");
    }
}

#[test]
fn profiles_of_aws_sso_util_need_it_no_more() {
    let env = with(
        "[profile a] # mine\nsso_start_url = URL # ours\nsso_region = eu-central-1\n\
         sso_account_name = Prod\nsso_account_id = 111122223333\nsso_role_name = ReadOnly\n\
         region = us-east-1\ncredential_process = aws-sso-util credential-process --profile a\n\
         sso_auto_populated = true\n\
         # by options\n[profile b]\noutput = json\ncredential_process = /opt/x/aws-sso-util \
         credential-process --start-url URL --region eu-central-1 -a 222233334444 -r Developer\n\
         [profile c]\ncredential_process = aws-sso-util credential-process --profile a\n\
         [profile d]\nsso_start_url = URL\nsso_region = eu-central-1\n\
         credential_process = aws-sso-util credential-process --profile d\n",
    );
    let rest = config(&env).split("[profile d]").nth(1).unwrap().to_owned();
    let after = format!(
        "[profile a] # mine\n# ours\nsso_account_name = Prod\nsso_account_id = 111122223333\n\
         sso_role_name = ReadOnly\nregion = us-east-1\nsso_auto_populated = true\n\
         sso_session = keyfob\n# by options\n[profile b]\noutput = json\nsso_session = keyfob\n\
         sso_account_id = 222233334444\nsso_role_name = Developer\n\
         [profile c]\nsso_session = keyfob\nsso_account_id = 111122223333\n\
         sso_role_name = ReadOnly\n[profile d]{rest}{SESSION}"
    );
    let run = migrated(&env, "aws-sso-util", &after);
    let left = "config:19: profile `d`: it lacks start URL, account or role";
    assert!(run.stderr.contains(left), "{run:?}");
    assert!(run.stderr.contains("3 profiles of aws-sso-util."), "{run:?}");
    assert!(run.stderr.contains("keyfob login --sso-session keyfob"), "{run:?}");
    assert_works(&env, "keyfob", &["a", "b", "c"]);
}

#[test]
fn profiles_of_granted_get_the_keys_of_aws() {
    let env = with(
        "[profile Prod/ReadOnly]\ngranted_sso_start_url      = `URL/#`\n\
         granted_sso_region         = eu-central-1\ngranted_sso_account_id     = 111122223333\n\
         granted_sso_role_name      = ReadOnly\ncommon_fate_generated_from = aws-sso\n\
         granted_color = red\nregion = eu-west-1\n\
         credential_process = granted credential-process --profile Prod/ReadOnly\n\n\
         [profile plain]\nsso_start_url = URL\nsso_region = eu-central-1\n\
         sso_account_id = 222233334444\nsso_role_name = Developer\n\
         granted_generated_from = aws-sso\n\n\
         [profile keys]\ncredential_process = dgranted credential-process --profile=keys\n\n\
         [profile asked]\ngranted_sso_start_url = URL\ngranted_sso_region = eu-central-1\n\
         granted_sso_account_id = 111122223333\ngranted_sso_role_name = Admin\n\
         credential_process = granted credential-process --profile asked --url https://x.example\n",
    );
    let rest = config(&env).split("[profile keys]").nth(1).unwrap().to_owned();
    let after = format!(
        "[profile Prod/ReadOnly]\ngranted_color = red\nregion = eu-west-1\n\
         sso_session = keyfob\nsso_account_id = 111122223333\nsso_role_name = ReadOnly\n\n\
         [profile plain]\nsso_account_id = 222233334444\nsso_role_name = Developer\n\
         sso_session = keyfob\n\n[profile keys]{rest}{SESSION}"
    );
    let run = migrated(&env, "granted", &after);
    assert!(run.stderr.contains("config:19: profile `keys`: keys in the keychain"), "{run:?}");
    assert!(run.stderr.contains("config:26: profile `asked`: roles that are requested"));
    assert_works(&env, "keyfob", &["Prod/ReadOnly", "plain"]);
}

#[test]
fn profiles_that_run_aws_vault_get_what_it_would_read() {
    let env = with(
        "[sso-session corp]\nsso_start_url = URL\nsso_region = eu-central-1\n\
         [profile corp-sso]\nsso_session = corp\nsso_account_id = 111122223333\n\
         sso_role_name = ReadOnly\n\
         [profile corp]\nregion = eu-west-1\n\
         credential_process = aws-vault exec --region eu-west-1 -n corp-sso --json\n\
         [profile own]\nsso_start_url = URL\nsso_region = eu-central-1\n\
         sso_account_id = 222233334444\nsso_role_name = Developer\n\
         credential_process = aws-vault export --format=json own\n\
         [profile keys]\ncredential_process = aws-vault exec keys -j\n\
         [profile shared]\ninclude_profile = own\nregion = us-east-1\n\
         [profile chain]\nrole_arn = arn:aws:iam::222233334444:role/Admin\n\
         source_profile = keys\nmfa_process = ykman x\n\
         [profile far]\ncredential_process = aws-vault exec chain --json\n\
         [profile two]\nsso_session = corp\nsso_account_id = 222233334444\n\
         sso_role_name = Developer\ncredential_process = aws-vault exec --json corp-sso\n\
         [profile both]\nrole_arn = arn:aws:iam::222233334444:role/Admin\nsource_profile = own\n\
         credential_process = aws-vault exec --json corp-sso\n",
    );
    let rest = config(&env).split("[profile keys]").nth(1).unwrap().to_owned();
    let after = format!(
        "[sso-session corp]\nsso_start_url = {URL}\nsso_region = eu-central-1\n\
         [profile corp-sso]\nsso_session = corp\nsso_account_id = 111122223333\n\
         sso_role_name = ReadOnly\n[profile corp]\nregion = eu-west-1\nsso_session = corp\n\
         sso_account_id = 111122223333\nsso_role_name = ReadOnly\n\
         [profile own]\nsso_account_id = 222233334444\nsso_role_name = Developer\n\
         sso_session = corp\n[profile keys]{rest}"
    );
    let run = migrated(&env, "aws-vault", &after);
    for left in [
        "config:18: profile `keys`: keys in the keychain of the tool are not taken over",
        "config:20: include_profile: aws-vault alone reads it",
        "config:25: mfa_process: aws-vault and keyfob read it, no SDK does",
        "config:27: profile `far`: it means `chain`, which assumes a role",
        "config:32: profile `two`: its sso keys and its command mean different roles",
        "config:36: profile `both`: it has role_arn, too",
    ] {
        assert!(run.stderr.contains(left), "{left}: {run:?}");
    }
    assert_works(&env, "corp", &["corp", "own"]);
}

const YAML: &str = "SSOConfig:\n  Acme:\n    SSORegion: eu-central-1\n    StartUrl: URL\n    \
    DefaultRegion: eu-west-1\n    AuthUrlAction: open\n    Accounts:\n      111122223333:\n        \
    Name: Prod\n        Tags: {Team: x}\n        Roles:\n          ReadOnly:\n            \
    DefaultRegion: us-east-1\n          Operator:\n            Profile: ops\n      \
    222233334444:\n        Roles:\n          Admin:\n            Profile: hub\n            \
    Via: arn:aws:iam::111122223333:role/ReadOnly\n          Lost:\n            Profile: lost\n            \
    Via: arn:aws:iam::999999999999:role/Nobody\nProfileFormat: '{{ .AccountIdPad }}:{{ .RoleName }}'\n\
    SecureStore: file\n";

const OF_AWS_SSO: &str = "# mine\n[default]\nregion = x\n# BEGIN_AWS_SSO_CLI\n\n\
    [profile 111122223333:ReadOnly]\n\
    credential_process = /usr/bin/aws-sso -u open -S \"Acme\" process --arn \
    arn:aws:iam::111122223333:role/ReadOnly\noutput=json\n\n\
    [profile 222233334444:Admin]\n\
    credential_process = aws-sso process --arn arn:aws:iam::222233334444:role/Admin\n\n\
    [profile 333344445555:Administrator]\nregion = us-west-2\n\
    credential_process = aws-sso process --account 333344445555 --role Administrator\n\n\
    [profile 111122223333:Operator]\n\
    credential_process = aws-sso process -A 111122223333 -R Operator\n\n\
    [profile other]\n\
    credential_process = aws-sso -S Gone process --arn arn:aws:iam::111122223333:role/ReadOnly\n\n\
    # END_AWS_SSO_CLI\n";

#[test]
fn profiles_of_aws_sso_cli_come_with_their_portal_and_their_chains() {
    let env = with(OF_AWS_SSO);
    fs::create_dir_all(env.path(".config/aws-sso")).unwrap();
    fs::write(env.path(".config/aws-sso/config.yaml"), YAML.replace("URL", URL)).unwrap();
    let rest = config(&env).split("[profile other]").nth(1).unwrap().to_owned();
    let after = format!(
        "# mine\n[default]\nregion = x\n# BEGIN_AWS_SSO_CLI\n\n[profile 111122223333:ReadOnly]\n\
         output=json\nsso_session = Acme\nsso_account_id = 111122223333\n\
         sso_role_name = ReadOnly\nregion = us-east-1\n\n[profile 222233334444:Admin]\n\
         role_arn = arn:aws:iam::222233334444:role/Admin\n\
         source_profile = 111122223333:ReadOnly\nregion = eu-west-1\n\n\
         [profile 333344445555:Administrator]\nregion = us-west-2\nsso_session = Acme\n\
         sso_account_id = 333344445555\nsso_role_name = Administrator\n\n\
         [profile 111122223333:Operator]\nsso_session = Acme\nsso_account_id = 111122223333\n\
         sso_role_name = Operator\nregion = eu-west-1\n\n\
         [profile other]{rest}\n[profile ops]\nsso_session = Acme\n\
         sso_account_id = 111122223333\nsso_role_name = Operator\nregion = eu-west-1\n\n\
         [profile hub]\nrole_arn = arn:aws:iam::222233334444:role/Admin\n\
         source_profile = 111122223333:ReadOnly\nregion = eu-west-1\n{}",
        SESSION.replace("-session keyfob", "-session Acme")
    );
    let run = migrated(&env, "aws-sso-cli", &after);
    for left in [
        "config:4: aws-sso writes what follows anew",
        "config:21: profile `other`: config.yaml of aws-sso has no SSOConfig `Gone`",
        "config.yaml:6: AuthUrlAction: ",
        "config.yaml:10: Tags: ",
        "config.yaml:22: profile `lost`: Via: there is no profile of arn:aws:iam::999999999999:role/",
        "config.yaml:24: ProfileFormat: ",
        "config.yaml:25: SecureStore: tokens are not taken over",
    ] {
        assert!(run.stderr.contains(left), "{left}: {run:?}");
    }
    let profiles =
        ["111122223333:ReadOnly", "222233334444:Admin", "333344445555:Administrator", "ops", "hub"];
    assert_works(&env, "Acme", &profiles);
}

#[test]
fn a_config_of_aws_sso_cli_that_is_no_yaml_is_told_with_its_line() {
    let mut env = with(OF_AWS_SSO);
    fs::write(env.path("x.yaml"), "SSOConfig:\n  A: [\nB: c\n").unwrap();
    env.set("AWS_SSO_CONFIG", env.path("x.yaml").to_str().unwrap());
    let before = config(&env);
    let run = migrate(&env, "aws-sso-cli");
    assert!(run.stderr.contains("x.yaml:3: this is no YAML: "), "{run:?}");
    assert!(run.stderr.contains("There is nothing of aws-sso-cli to take over."), "{run:?}");
    assert_eq!(config(&env), before);
}

#[test]
fn all_tools_are_taken_at_once_or_one_profile_alone() {
    let legacy = "sso_start_url = URL\nsso_region = eu-central-1\nsso_account_id = 111122223333\n\
                  sso_role_name = ReadOnly\n";
    let text = format!(
        "[profile broken]\nwhat is this\n[profile old]\n{legacy}[profile g]\n{}\
         credential_process = granted credential-process --profile g\n[profile v]\n\
         credential_process = aws-vault exec --json old\n\
         [profile half]\nsso_start_url = URL\n[profile mine]\ncredential_process = my-tool\n",
        legacy.replace("sso_", "granted_sso_")
    );
    let env = with(&text);
    let run = env.run(&["configure", "migrate", "--profile", "v"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(config(&env).matches("sso_session").count(), 1, "{run:?}");
    for (name, told) in [("mine", "is not for another tool"), ("half", "it lacks sso_region")] {
        let run = env.run(&["configure", "migrate", "--profile", name]);
        assert!(run.code == 2 && run.stderr.contains(told), "{run:?}");
    }
    let run = env.run(&["configure", "migrate", "--profile", "broken"]);
    assert!(run.code == 2 && run.stderr.contains("config:2"), "{run:?}");
    let before = config(&env);
    let run = env.run(&["configure", "migrate", "--all"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(fs::read_to_string(env.path(".aws/config.keyfob-daily")).unwrap(), before);
    for told in ["config:2", "profile `half`: it lacks sso_region", "1 profile of granted."] {
        assert!(run.stderr.contains(told), "{told}: {run:?}");
    }
    assert!(
        config(&env).ends_with(&format!(
            "[profile half]\nsso_start_url = {URL}\n\
        [profile mine]\ncredential_process = my-tool\n{SESSION}"
        )),
        "{}",
        config(&env)
    );
    assert_works(&env, "keyfob", &["old", "g", "v"]);
    let run = env.run(&["configure", "migrate", "--profile", "x", "--all"]);
    assert_eq!(run.code, 2, "{run:?}");
}

#[test]
fn what_stands_in_the_credentials_file_is_not_half_taken() {
    let env = with(
        "[profile v]\nsso_start_url = URL\nsso_region = eu-central-1\n\
                    sso_account_id = 111122223333\nsso_role_name = ReadOnly\n",
    );
    let keys = "[v]\ncredential_process = aws-vault exec v --json\n";
    fs::write(env.path(".aws/credentials"), keys).unwrap();
    let before = config(&env);
    let run = env.run(&["configure", "migrate", "--all"]);
    let told = "credentials:2: credential_process: move it to the config file first";
    assert!(run.code == 0 && run.stderr.contains(told), "{run:?}");
    assert_eq!(config(&env), before);
}
