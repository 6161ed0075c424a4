//! Signing in to the console, and out of it.

use http::Method;

use crate::browser::{Company, encode, login, session, shows};
use crate::signature::Keys;

const OPERATOR: &str = "/start/console?account_id=111122223333&role_name=Operator";
const DEVELOPER: &str = "/start/console?account_id=222233334444&role_name=Developer";
const USED_UP: &str = "This link was used already, or is older than 15 minutes.";

#[track_caller]
fn refused<T: std::fmt::Debug>(outcome: Result<T, (u16, String)>, why: &str) {
    let (status, body) = outcome.unwrap_err();
    assert_eq!(status, 400, "{body}");
    assert!(body.contains(why), "{body}");
}

#[test]
fn a_session_lasts_a_quarter_to_twelve_hours_or_as_long_as_the_credentials() {
    let mut company = Company::new();
    let keys = company.permission_set();
    for (duration, end) in [
        ("&SessionDuration=900", "2026-01-02T03:19:05Z"),
        ("&SessionDuration=43200", "2026-01-02T15:04:05Z"),
        ("", "2026-01-02T04:04:05Z"),
    ] {
        let token = company.token(&keys, duration).unwrap();
        let page = company.login(&token);
        shows(&page, 200, &[end, "Production", "111122223333", "AWSReservedSSO_ReadOnly_"]);
        shows(&page, 200, &["<dd id=\"region\">eu-west-1</dd>", "/s3/home?region=eu-west-1</dd>"]);
    }
    for bad in ["899", "43201", "", "-900", "900.5", "1h"] {
        let outcome = company.token(&keys, &format!("&SessionDuration={bad}"));
        refused(outcome, "SessionDuration is 900 to 43200");
    }
}

#[test]
fn the_console_forgets_a_session_at_its_end() {
    let mut company = Company::new();
    let keys = company.permission_set();
    let token = company.token(&keys, "&SessionDuration=900").unwrap();
    company.login(&token);
    company.client.advance(899);
    shows(&company.open("/console"), 200, &["Production"]);
    company.client.advance(1);
    shows(&company.open("/console"), 403, &["Nobody is signed in"]);
}

#[test]
fn a_chained_role_may_not_say_how_long() {
    let mut company = Company::new();
    let base = company.permission_set();
    let chained = company.assumed(&base);
    for duration in ["900", "3600"] {
        let outcome = company.token(&chained, &format!("&SessionDuration={duration}"));
        refused(outcome, "SessionDuration cannot be given for a role of a chain");
    }
    let token = company.token(&chained, "").unwrap();
    let end = "2026-01-02T03:19:05Z";
    shows(&company.login(&token), 200, &["Staging", "222233334444", "Deploy/me", end]);
    let first = company.assumed(&Keys::of_iam_user());
    assert!(
        company.token(&first, "&SessionDuration=43200").is_ok(),
        "the keys of a user assume it"
    );
}

#[test]
fn keys_of_nobody_of_users_and_of_yesterday_are_refused() {
    let mut company = Company::new();
    for token in [None, Some("x".to_owned())] {
        let user = Keys { token, ..Keys::of_iam_user() };
        refused(company.token(&user, ""), "Keys of a user cannot sign in");
    }
    let keys = company.permission_set();
    let other = |text: &str| Some(text.to_owned());
    for wrong in [
        Keys { id: "ASIAUNKNOWN".to_owned(), ..keys.clone() },
        Keys { secret: "wrong".to_owned(), ..keys.clone() },
        Keys { token: other("wrong"), ..keys.clone() },
    ] {
        refused(company.token(&wrong, ""), "not those of anybody");
    }
    for token in [None, other("")] {
        refused(company.token(&Keys { token, ..keys.clone() }, ""), "Session lacks a member");
    }
    company.client.advance(3599);
    assert!(company.token(&keys, "").is_ok());
    company.client.advance(1);
    refused(company.token(&keys, ""), "expired");
}

#[test]
fn a_token_is_asked_for_by_a_form_or_a_query() {
    let mut company = Company::new();
    let keys = company.permission_set();
    let form = format!("Action=getSigninToken&{}&SessionDuration=3600", session(&keys));
    let tokens = [Method::GET, Method::POST].map(|method| company.ask(method, &form).unwrap());
    assert_ne!(tokens[0], tokens[1]);
    for token in tokens {
        shows(&company.login(&token), 200, &["Production"]);
    }
    for method in [Method::GET, Method::POST] {
        for bad in ["", "&Session=", "&Session=x", "&Session=%5B%5D", "&Session=%7B%7D"] {
            let outcome = company.ask(method.clone(), &format!("Action=getSigninToken{bad}"));
            refused(outcome, "Session");
        }
    }
    refused(company.ask(Method::POST, &session(&keys)), "The action is not known");
    refused(company.ask(Method::POST, "Action=login"), "The action is not known");
    refused(company.ask(Method::GET, "Action=nothing"), "The action is not known");
    assert_eq!(company.client.page(Method::PUT, "/federation", "").0, 404);
}

#[test]
fn a_token_signs_in_once() {
    let mut company = Company::new();
    let keys = company.permission_set();
    let token = company.token(&keys, "").unwrap();
    assert_eq!(company.open(&login(&token)).0, 302);
    shows(&company.open(&login(&token)), 400, &["Sign-in failed", USED_UP]);
    shows(&company.open("/console"), 200, &["Production"]);
    company.cookie = None;
    shows(&company.open(&login(&token)), 400, &[USED_UP]);
    shows(&company.open(&login("unknown")), 400, &[USED_UP]);
    shows(&company.open("/federation?Action=login"), 400, &[USED_UP]);
}

#[test]
fn a_token_is_good_for_15_minutes() {
    let mut company = Company::new();
    let keys = company.permission_set();
    let (early, late) = (company.token(&keys, "").unwrap(), company.token(&keys, "").unwrap());
    company.client.advance(15 * 60 - 1);
    shows(&company.login(&early), 200, &["Production"]);
    company.client.advance(1);
    shows(&company.open(&login(&late)), 400, &[USED_UP]);
}

#[test]
fn a_browser_is_one_role_at_a_time() {
    let mut company = Company::new();
    shows(&company.follow(OPERATOR), 200, &["AWSReservedSSO_Operator_"]);
    shows(&company.follow(OPERATOR), 200, &["AWSReservedSSO_Operator_"]);
    let (status, page) = company.follow(DEVELOPER);
    shows(&(status, page), 400, &["You must first log out"]);
    shows(&company.open("/console"), 200, &["AWSReservedSSO_Operator_"]);
    shows(&company.open("/oauth?Action=logout"), 200, &["You have signed out."]);
    shows(&company.open("/console"), 403, &["Nobody is signed in"]);
    shows(&company.follow(DEVELOPER), 200, &["AWSReservedSSO_Developer_"]);
}

#[test]
fn a_logout_ends_the_session_also_for_who_kept_the_cookie() {
    let mut company = Company::new();
    company.follow(OPERATOR);
    let kept = company.cookie.clone();
    shows(&company.open("/oauth?Action=other"), 400, &["not known"]);
    assert_eq!(company.cookie, kept);
    company.open("/oauth?Action=logout");
    assert_eq!(company.cookie, None);
    company.cookie = kept;
    shows(&company.open("/console"), 403, &["Nobody is signed in"]);
}

#[test]
fn after_a_logout_only_the_sign_in_service_is_next() {
    let mut company = Company::new();
    let leads = |uri: &str| format!("/oauth?Action=logout&redirect_uri={}", encode(uri));
    let own = "https://signin.example.com/federation?Action=login&SigninToken=x";
    let next = company.open(&leads(own));
    assert_eq!(next, (302, "/federation?Action=login&SigninToken=x".to_owned()));
    for other in [
        "https://evil.example.com/federation?Action=login",
        "https://signin.example.com.evil.example.com/federation",
        "https://signin.example.com@evil.example.com/federation",
        "https://signin.example.com:8443/federation",
        "https://signin.example.com/start",
        "https://signin.example.com/federation/credentials",
        "//evil.example.com/federation",
        "/federation",
        "javascript:alert(1)",
        "signin.example.com",
        "",
    ] {
        shows(&company.open(&leads(other)), 200, &["You have signed out."]);
    }
}
