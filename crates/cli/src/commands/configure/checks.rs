//! What `configure` takes: texts that can work, with what was probably meant instead of others.

use providers::is_account_id;

pub(super) fn check_account_id(text: &str) -> Result<(), String> {
    if is_account_id(text) {
        Ok(())
    } else {
        Err(format!("`{text}` is no account id, which has twelve digits"))
    }
}

/// Takes a start URL, without what a browser shows behind it: `/#/` and its page.
pub(super) fn start_url(text: &str) -> Result<String, String> {
    let text = text.trim();
    let url = match text.split_once('#') {
        Some((url, _)) => url.trim_end_matches('/'),
        None => text,
    };
    let parsed: Option<http::Uri> = url.parse().ok();
    let is_portal = |url: &http::Uri| url.scheme_str() == Some("https") && url.host().is_some();
    if parsed.as_ref().is_some_and(is_portal) {
        Ok(url.to_owned())
    } else {
        Err(format!("`{text}` is not a start URL, such as https://d-1234567890.awsapps.com/start"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_shows_behind_a_start_url_goes() {
        let start = "https://d-1.awsapps.com/start";
        for shown in ["", "#", "/#/", "/#/?tab=accounts", "#/saml/default/x/y"] {
            assert_eq!(start_url(&format!(" {start}{shown} ")).as_deref(), Ok(start));
        }
        assert_eq!(start_url("https://x.app.aws/#/").as_deref(), Ok("https://x.app.aws"));
        // A file of other tools may be named after it.
        assert_eq!(start_url("https://a.b/start/").as_deref(), Ok("https://a.b/start/"));
        assert!(start_url("http://d-1.awsapps.com/start").is_err());
        assert!(start_url("d-1").is_err());
    }
}
