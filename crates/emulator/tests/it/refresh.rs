use emulator::Scenario;

use crate::client::{Client, refused};

#[test]
fn a_refresh_token_is_spent_by_its_use() {
    let mut client = Client::for_devices(Scenario::default());
    let first = client.sign_in();
    let second = client.refresh(&first).unwrap();
    assert_ne!(first["refreshToken"], second["refreshToken"]);
    assert_eq!(client.refresh(&first), refused(400, "InvalidGrantException"));
    assert!(client.refresh(&second).is_ok(), "the loser of a race does not harm the winner");
    for token in [first, second] {
        let token = token["accessToken"].as_str().unwrap();
        assert!(client.get("/assignment/accounts", token).is_ok());
    }
}

#[test]
fn rotation_can_be_off_and_the_answer_silent() {
    let mut scenario = Scenario::default();
    scenario.rotate_refresh_tokens = false;
    let mut client = Client::for_devices(scenario);
    let token = client.sign_in();
    assert_eq!(client.refresh(&token).unwrap()["refreshToken"], token["refreshToken"]);
    assert!(client.refresh(&token).is_ok());

    let mut scenario = Scenario::default();
    scenario.omit_refresh_token_on_refresh = true;
    let mut client = Client::for_devices(scenario);
    let token = client.sign_in();
    assert_eq!(client.refresh(&token).unwrap().get("refreshToken"), None);
    assert!(client.refresh(&token).is_ok(), "the one that was sent stays valid");
}

#[test]
fn a_session_ends_in_spite_of_refreshes() {
    let mut client = Client::for_devices(Scenario::default());
    let mut token = client.sign_in();
    client.advance(7 * 3600 + 1800);
    token = client.refresh(&token).unwrap();
    assert_eq!(token["expiresIn"], 1800, "no longer than the session");
    client.advance(1800);
    assert_eq!(client.refresh(&token), refused(400, "InvalidGrantException"));
}

#[test]
fn revocation_ends_tokens_that_have_not_expired() {
    let mut client = Client::for_devices(Scenario::default());
    let token = client.sign_in();
    client.idp.revoke_sessions();
    let bearer = token["accessToken"].as_str().unwrap();
    let accounts = client.get("/assignment/accounts", bearer);
    assert_eq!(accounts, refused(401, "UnauthorizedException"));
    assert_eq!(client.refresh(&token), refused(400, "InvalidGrantException"));
}
