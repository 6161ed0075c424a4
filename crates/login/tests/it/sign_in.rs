use std::time::Duration;

use emulator::{Fault, FaultKind, Scenario};
use login::LoginError;
use token_cache::{CachedToken, Flow};

use crate::support::{Will, World};

#[tokio::test]
async fn an_authorization_code_signs_in_and_the_browser_says_so() {
    let world = World::new(Will::Approve);
    let signed_in = world.sign_in(Flow::AuthorizationCode).await.unwrap();
    assert_eq!((signed_in.flow, signed_in.refreshable), (Flow::AuthorizationCode, true));
    let page = world.person.saw();
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("Signed in"), "{page}");
    let token = CachedToken::from_slice(&world.token_file().load().unwrap().unwrap()).unwrap();
    assert_eq!(token.expires_at, signed_in.expires_at);
    assert_eq!(token.start_url.as_ref(), Some(&world.session.start_url));
    assert_eq!(token.region.as_ref(), Some(&world.session.region));
    assert!(token.client_id.is_some() && token.client_secret.is_some());
    assert_eq!(world.notes.warnings(), [""; 0]);
}

#[tokio::test]
async fn a_device_code_is_shown_once_and_waits_for_the_person() {
    let world = World::new(Will::Approve);
    let signed_in = world.sign_in(Flow::DeviceCode).await.unwrap();
    assert_eq!((signed_in.flow, signed_in.refreshable), (Flow::DeviceCode, true));
    assert_eq!(world.person.codes.lock().unwrap().len(), 1);
    assert_eq!(world.calls("CreateToken:device_code"), 2);
}

#[tokio::test]
async fn nobody_is_shown_a_code_that_is_approved_already() {
    let mut scenario = Scenario::default();
    scenario.approval = emulator::Approval::Automatic;
    let world = World::with(scenario, Will::Ignore);
    world.sign_in(Flow::DeviceCode).await.unwrap();
    assert!(world.person.codes.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_denial_is_told_and_leaves_no_token() {
    for flow in [Flow::AuthorizationCode, Flow::DeviceCode] {
        let world = World::new(Will::Deny);
        let error = world.sign_in(flow).await.unwrap_err();
        let LoginError::Refused(reason) = &error else { panic!("{error:?}") };
        assert!(reason.starts_with("access_denied"), "{reason}");
        assert!(world.token_file().load().unwrap().is_none());
        assert_eq!(world.calls("StartDeviceAuthorization"), usize::from(flow == Flow::DeviceCode));
        if flow == Flow::AuthorizationCode {
            let page = world.person.saw();
            assert!(page.starts_with("HTTP/1.1 400") && page.contains("Not signed in"), "{page}");
        }
    }
}

#[tokio::test]
async fn a_code_that_nobody_confirms_expires_whatever_the_service_says() {
    let slow = Fault::new("CreateToken:device_code", FaultKind::SlowDown);
    for faults in [vec![], vec![slow]] {
        let mut scenario = Scenario::default();
        scenario.lifetimes.device_code = Duration::from_secs(60);
        scenario.faults = faults;
        let world = World::with(scenario, Will::Ignore);
        let begin = world.emulator.now();
        let error = world.sign_in(Flow::DeviceCode).await.unwrap_err();
        assert!(matches!(error, LoginError::Expired), "{error:?}");
        assert!(begin.until(world.emulator.now()) < Duration::from_secs(120));
    }
}

#[tokio::test]
async fn a_service_that_refuses_the_registration_gets_a_device_code() {
    for code in ["unsupported_grant_type", "invalid_redirect_uri", "invalid_request"] {
        let world = World::new(Will::Approve);
        let body = match code {
            "unsupported_grant_type" => r#"{"error":"unsupported_grant_type"}"#,
            "invalid_redirect_uri" => r#"{"error":"invalid_redirect_uri"}"#,
            _ => r#"{"error":"invalid_request"}"#,
        };
        world.service.refuse("/client/register", 400, body);
        let signed_in = world.sign_in(Flow::AuthorizationCode).await.unwrap();
        assert_eq!(signed_in.flow, Flow::DeviceCode, "{code}");
        let warnings = world.notes.warnings();
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings[0].ends_with("using a device code instead"), "{warnings:?}");
    }
}

#[tokio::test]
async fn other_failures_of_the_registration_end_the_sign_in() {
    let refusal = r#"{"error":"invalid_request"}"#;
    let failure = r#"{"error":"server_error"}"#;
    for (flow, status, body) in [
        (Flow::DeviceCode, 400, refusal),
        (Flow::AuthorizationCode, 500, failure),
        (Flow::AuthorizationCode, 403, r#"{"error":"access_denied"}"#),
    ] {
        let world = World::new(Will::Approve);
        world.service.refuse("/client/register", status, body);
        let error = world.sign_in(flow).await.unwrap_err();
        let LoginError::Call { operation: "RegisterClient", .. } = &error else {
            panic!("{error:?}")
        };
        assert_eq!(world.calls("StartDeviceAuthorization"), 0);
    }
}

#[tokio::test]
async fn a_start_url_of_another_region_is_told_with_both() {
    let mut world = World::new(Will::Approve);
    world.session.start_url = "https://other.awsapps.com/start".to_owned();
    let error = world.sign_in(Flow::DeviceCode).await.unwrap_err();
    assert!(matches!(error, LoginError::Rejected { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("https://other.awsapps.com/start in region eu-central-1"), "{text}");
}

#[tokio::test]
async fn a_token_that_lives_spares_a_sign_in_and_an_expired_one_does_not() {
    let world = World::new(Will::Approve);
    assert_eq!(world.login().spared_until().await, None);
    let signed_in = world.sign_in(Flow::DeviceCode).await.unwrap();
    assert_eq!(world.login().spared_until().await, Some(signed_in.expires_at));
    world.emulator.advance(Duration::from_secs(9 * 3600)); // the end of the session
    assert_eq!(world.login().spared_until().await, None);
}

#[tokio::test]
async fn a_start_url_tells_its_region_by_its_host_or_by_its_page() {
    let world = World::new(Will::Ignore);
    let region = |url: &'static str| login::find_region(&world.context, url);
    assert_eq!(region("https://d-1.awsapps.com/start#/").await.unwrap().unwrap(), "eu-central-1");
    let named = region("https://x.portal.us-east-1.app.aws").await.unwrap();
    assert_eq!(named.as_deref(), Some("us-east-1"));
    world.service.refuse("/start/", 200, "<html>a page without one</html>");
    assert_eq!(region("https://d-1.awsapps.com/start").await.unwrap(), None);
    world.service.refuse("/start/", 403, "");
    assert_eq!(region("https://d-1.awsapps.com/start").await.unwrap(), None);
    // A vanity URL that leads nowhere.
    assert!(matches!(region("https://sso.example.com").await, Err(LoginError::StartUrl(_))));
    assert!(matches!(region("http://d-1.awsapps.com").await, Err(LoginError::StartUrl(_))));
}
