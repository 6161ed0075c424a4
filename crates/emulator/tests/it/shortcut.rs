//! The portal, and the links that it follows to the console.

use emulator::Scenario;
use http::Request;

use crate::browser::{Company, encode, shows};
use crate::client::Client;

#[test]
fn a_shortcut_opens_assigned_roles_only() {
    let mut company = Company::new();
    let destination = encode("https://eu-west-1.console.aws.amazon.com/ec2/home?region=eu-west-1");
    let operator = "/start/console?account_id=111122223333&role_name=Operator";
    let page = company.follow(&format!("{operator}&destination={destination}"));
    shows(&page, 200, &["Production", "/ec2/home?region=eu-west-1", "2026-01-02T15:04:05Z"]);
    company.open("/oauth?Action=logout");
    for other in [
        // Grace alone has it, and Ada comes.
        "account_id=444455556666&role_name=ReadOnly",
        "account_id=444455556666",
        "account_id=111122223333&role_name=Administrator",
        "account_id=999999999999&role_name=ReadOnly",
        "account_id=111122223333&role_name=readonly",
        "role_name=ReadOnly",
        "",
    ] {
        let page = company.open(&format!("/start/console?{other}"));
        shows(&page, 403, &["No account and role of this link is assigned to you."]);
    }
    shows(&company.open("/console"), 403, &["Nobody is signed in"]);
}

#[test]
fn a_shortcut_without_a_role_lets_the_person_choose_in_that_account() {
    let mut company = Company::new();
    let (_, whole) = company.open("/start");
    assert!(whole.contains("Production") && whole.contains("Staging"), "{whole}");
    assert!(!whole.contains("Billing"), "{whole}");
    let page = company.open("/start/console?account_id=222233334444");
    let roles = ["ReadOnly</a>", "Developer</a>", "Administrator</a>", "account_id=222233334444"];
    shows(&page, 200, &roles);
    assert!(!page.1.contains("Production") && !page.1.contains("Sandbox"), "{}", page.1);
}

#[test]
fn text_of_a_request_or_a_scenario_is_never_markup() {
    let hostile = "<script>alert('x')</script>\"&region=<b>";
    let scenario = r#"
        [[user]]
        name = "<i>Ada"
        email = "ada<i>@example.com"

        [[account]]
        id = "111122223333"
        name = "<i>\"Production\"</i>"
        roles = ["ReadOnly", "<i>\"x\" & co"]
    "#;
    let client = Client::for_devices(Scenario::from_toml(scenario).unwrap());
    let mut company = Company { client, cookie: None };
    let encoded = encode(hostile);
    let role = encode("<i>\"x\" & co");
    let link = format!("/start/console?account_id=111122223333&role_name={role}");
    let mut pages = vec![
        company.open("/start"),
        company.open(&format!("/start/console?account_id={encoded}&role_name={encoded}")),
        company.open(&format!("/federation?Action={encoded}")),
        company.open(&format!("/federation?Action=login&SigninToken={encoded}")),
        company.open(&format!("/oauth?Action=logout&redirect_uri={encoded}")),
    ];
    let (status, console) = company.follow(&format!("{link}&destination={encoded}"));
    assert_eq!(status, 200, "{console}");
    assert!(console.contains("&lt;script&gt;") && console.contains("&lt;b&gt;"), "{console}");
    pages.push((status, console));
    for (_, page) in &pages {
        for markup in ["<script>", "<i>", "<b>", "alert('x')"] {
            assert!(!page.contains(markup), "{markup}: {page}");
        }
    }
    assert!(
        pages[0].1.contains(&role.replace('+', "%20")),
        "a link with that role: {}",
        pages[0].1
    );
}

#[test]
fn the_policy_of_each_page_lets_in_what_the_page_needs() {
    let mut company = Company::new();
    for path in ["/", "/start", "/device", "/console", "/federation", "/start/console"] {
        let request = Request::get(path).body(Vec::new()).unwrap();
        let response = company.client.send(&request).response;
        let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
        let page = String::from_utf8_lossy(response.body());
        let needs = |kind: &str| page.contains(&format!("=\"/_emulator/{kind}\""));
        for (file, directive, always) in [
            ("icon.svg", "img-src 'self'", true),
            ("style.css", "style-src 'self'", true),
            ("portal.js", "script-src 'self'", path == "/start"),
        ] {
            assert_eq!(needs(file), always, "{file} on {path}");
            assert_eq!(policy.contains(directive), always, "{file} on {path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
    }
    for (file, kind) in
        [("icon.svg", "image/svg+xml"), ("style.css", "text/css"), ("portal.js", "text/javascript")]
    {
        let request = Request::get(format!("/_emulator/{file}")).body(Vec::new()).unwrap();
        let response = company.client.send(&request).response;
        assert_eq!(response.headers()["content-type"], kind);
        assert!(!response.body().is_empty());
    }
}
