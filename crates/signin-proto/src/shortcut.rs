use wire::percent_encode;

use crate::Destination;

/// Returns the link by which the access portal opens the console as a role. It holds no secret: who
/// follows it signs in to the portal as themselves, and needs the role. Without a role the portal asks
/// for one.
///
/// <https://docs.aws.amazon.com/singlesignon/latest/userguide/createshortcutlink.html>
pub fn shortcut_url(
    start_url: &str,
    account_id: &str,
    role_name: Option<&str>,
    destination: Option<&Destination>,
) -> String {
    // The samples of the service have a slash before the fragment, whatever the start URL ends in.
    let portal = start_url.split('#').next().unwrap_or_default().trim_end_matches('/');
    let mut url = format!("{portal}/#/console?account_id={}", percent_encode(account_id));
    let destination = destination.map(Destination::as_str);
    for (name, value) in [("role_name", role_name), ("destination", destination)] {
        if let Some(value) = value {
            url.push_str(&format!("&{name}={}", percent_encode(value)));
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_url_has_many_ends_and_the_link_one() {
        for start_url in [
            "https://d-1.awsapps.com/start",
            "https://d-1.awsapps.com/start/",
            "https://d-1.awsapps.com/start#",
            "https://d-1.awsapps.com/start/#/",
        ] {
            let url = shortcut_url(start_url, "111122223333", Some("A+B@C"), None);
            let expect = "https://d-1.awsapps.com/start/#/console?account_id=111122223333\
                          &role_name=A%2BB%40C";
            assert_eq!(url, expect, "{start_url}");
        }
    }
}
