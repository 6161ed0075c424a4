//! The region whose STS is asked for a role.

use http::Request;
use providers::{Caches, Context, Target, resolve_in};
use shared_config::{Environment, Files, Sections};
use test_support::{Recorder, START, TestClock, json_answer};
use wire::Timestamp;

use crate::support::{PROGRAM, block_on};

/// The host that is asked for a role of user keys.
fn host(role_arn: &str, region: &str, variables: &[(&str, &str)]) -> String {
    request(role_arn, region, variables).uri().host().unwrap().to_owned()
}

/// The request for a role of user keys.
fn request(role_arn: &str, lines: &str, variables: &[(&str, &str)]) -> Request<Vec<u8>> {
    let config = format!(
        "[profile p]\nrole_arn = {role_arn}\nsource_profile = u\n{lines}\n\
         [profile u]\naws_access_key_id = A\naws_secret_access_key = S\n"
    );
    let files = Files::from_texts(&config, "");
    let environment = Environment::from_pairs(variables.iter().copied());
    let target = Target::profile("p");
    let identity = resolve_in(&Sections::parse(&files), &environment, &target).unwrap();
    let home = tempfile::tempdir().unwrap();
    let recorder = Recorder::answering(json_answer(403, ""));
    let clock = TestClock::at(Timestamp::from_unix(i64::try_from(START).unwrap()));
    let context = Context::new(PROGRAM, clock, recorder.clone(), Caches::below(home.path()));
    block_on(identity.provider(&context).unwrap().provide()).unwrap_err();
    recorder.requests().swap_remove(0)
}

#[test]
fn a_session_without_a_name_is_named_after_the_program_and_the_time() {
    let role_arn = "arn:aws:iam::123456789012:role/R";
    let name = |line: &str| {
        let body = String::from_utf8(request(role_arn, line, &[]).into_body()).unwrap();
        let (_, name) = body.split_once("RoleSessionName=").unwrap();
        name.split('&').next().unwrap().to_owned()
    };
    assert_eq!(name(""), format!("tests-{START}"));
    assert_eq!(name("role_session_name = me"), "me");
}

#[test]
fn a_role_without_a_region_is_asked_for_in_its_partition() {
    for (partition, host_of_sts) in [
        ("aws", "sts.us-east-1.amazonaws.com"),
        ("aws-cn", "sts.cn-northwest-1.amazonaws.com.cn"),
        ("aws-us-gov", "sts.us-gov-west-1.amazonaws.com"),
        ("aws-eusc", "sts.eusc-de-east-1.amazonaws.eu"),
        ("aws-iso", "sts.us-iso-east-1.c2s.ic.gov"),
        ("aws-iso-b", "sts.us-isob-east-1.sc2s.sgov.gov"),
        ("aws-iso-e", "sts.eu-isoe-west-1.cloud.adc-e.uk"),
        ("aws-iso-f", "sts.us-isof-south-1.csp.hci.ic.gov"),
    ] {
        let role_arn = format!("arn:{partition}:iam::123456789012:role/R");
        assert_eq!(host(&role_arn, "", &[]), host_of_sts);
    }
}

#[test]
fn the_region_of_the_profile_comes_before_that_of_the_environment() {
    let role_arn = "arn:aws:iam::123456789012:role/R";
    let both = [("AWS_DEFAULT_REGION", "eu-west-2"), ("AWS_REGION", "eu-west-3")];
    assert_eq!(host(role_arn, "", &both[..1]), "sts.eu-west-2.amazonaws.com");
    assert_eq!(host(role_arn, "", &both), "sts.eu-west-3.amazonaws.com");
    assert_eq!(host(role_arn, "region = eu-west-1", &both), "sts.eu-west-1.amazonaws.com");
}
