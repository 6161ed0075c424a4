use http::Method;

use crate::error::Service;
use crate::form::Form;
use crate::members::Members;

/// The operations of AWS that are emulated, under the names that [`crate::Call`] and
/// [`crate::Fault`] use.
pub(crate) const OPERATIONS: [&str; 13] = [
    "RegisterClient",
    "StartDeviceAuthorization",
    "CreateToken:authorization_code",
    "CreateToken:device_code",
    "CreateToken:refresh_token",
    "GetRoleCredentials",
    "ListAccounts",
    "ListAccountRoles",
    "Logout",
    "AssumeRole",
    "AssumeRoleWithWebIdentity",
    "GetCallerIdentity",
    "GetSigninToken",
];

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Calls,
    Health,
    Icon,
    Index,
    Oidc(Oidc),
    Page(Page),
    Portal(Portal),
    PortalScript,
    SigninToken,
    Sts(Option<Action>),
    Style,
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Oidc {
    CreateToken(Option<Grant>),
    RegisterClient,
    StartDeviceAuthorization,
}

/// A way to a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grant {
    AuthorizationCode,
    DeviceCode,
    RefreshToken,
}

impl Grant {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "authorization_code" => Some(Self::AuthorizationCode),
            "refresh_token" => Some(Self::RefreshToken),
            "urn:ietf:params:oauth:grant-type:device_code" => Some(Self::DeviceCode),
            _ => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    Authorize,
    AuthorizeDecision,
    Console,
    ConsoleLogout,
    Device,
    DeviceDecision,
    Federation,
    Start,
    StartConsole,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Portal {
    GetRoleCredentials,
    ListAccountRoles,
    ListAccounts,
    Logout,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    AssumeRole,
    AssumeRoleWithWebIdentity,
    GetCallerIdentity,
}

impl Route {
    pub(crate) fn of(request: &http::Request<Vec<u8>>) -> Self {
        let path = request.uri().path();
        match *request.method() {
            Method::GET => match path {
                "/" => Self::Index,
                "/_emulator/calls" => Self::Calls,
                "/_emulator/health" => Self::Health,
                "/_emulator/icon.svg" => Self::Icon,
                "/_emulator/portal.js" => Self::PortalScript,
                "/_emulator/style.css" => Self::Style,
                "/assignment/accounts" => Self::Portal(Portal::ListAccounts),
                "/assignment/roles" => Self::Portal(Portal::ListAccountRoles),
                "/authorize" => Self::Page(Page::Authorize),
                "/console" => Self::Page(Page::Console),
                "/device" => Self::Page(Page::Device),
                "/federation" => match Form::from_query(request.uri()).get("Action") {
                    Some("getSigninToken") => Self::SigninToken,
                    _ => Self::Page(Page::Federation),
                },
                "/oauth" => Self::Page(Page::ConsoleLogout),
                "/start" | "/start/" => Self::Page(Page::Start),
                "/start/console" => Self::Page(Page::StartConsole),
                "/federation/credentials" => Self::Portal(Portal::GetRoleCredentials),
                _ => Self::Unknown,
            },
            Method::POST => match path {
                "/" => Self::Sts(action(request.body())),
                "/authorize" => Self::Page(Page::AuthorizeDecision),
                "/client/register" => Self::Oidc(Oidc::RegisterClient),
                "/device" => Self::Page(Page::DeviceDecision),
                "/device_authorization" => Self::Oidc(Oidc::StartDeviceAuthorization),
                "/federation" => Self::SigninToken,
                "/logout" => Self::Portal(Portal::Logout),
                "/token" => Self::Oidc(Oidc::CreateToken(grant(request.body()))),
                _ => Self::Unknown,
            },
            _ => Self::Unknown,
        }
    }

    /// The service that answers, `None` for what only the emulator has.
    pub(crate) fn service(self) -> Option<Service> {
        match self {
            Self::Oidc(_) => Some(Service::Oidc),
            Self::Portal(_) => Some(Service::Portal),
            Self::SigninToken => Some(Service::Signin),
            Self::Sts(_) => Some(Service::Sts),
            _ => None,
        }
    }

    /// The name under which the request is recorded, `None` for what is not.
    pub(crate) fn operation(self) -> Option<&'static str> {
        match self {
            Self::Calls
            | Self::Health
            | Self::Icon
            | Self::Index
            | Self::PortalScript
            | Self::Style => None,
            Self::Oidc(Oidc::CreateToken(grant)) => Some(match grant {
                Some(Grant::AuthorizationCode) => "CreateToken:authorization_code",
                Some(Grant::DeviceCode) => "CreateToken:device_code",
                Some(Grant::RefreshToken) => "CreateToken:refresh_token",
                None => "CreateToken",
            }),
            Self::Oidc(Oidc::RegisterClient) => Some("RegisterClient"),
            Self::Oidc(Oidc::StartDeviceAuthorization) => Some("StartDeviceAuthorization"),
            Self::Page(Page::Authorize) => Some("Authorize"),
            Self::Page(Page::AuthorizeDecision) => Some("Authorize:decision"),
            Self::Page(Page::Console) => Some("Console"),
            Self::Page(Page::ConsoleLogout) => Some("Console:logout"),
            Self::Page(Page::Device) => Some("Device"),
            Self::Page(Page::DeviceDecision) => Some("Device:decision"),
            Self::Page(Page::Federation) => Some("Federation:login"),
            // A start URL is asked for its region, too: that is no visit.
            Self::Page(Page::Start) => None,
            Self::Page(Page::StartConsole) => Some("Start:console"),
            Self::Portal(Portal::GetRoleCredentials) => Some("GetRoleCredentials"),
            Self::Portal(Portal::ListAccountRoles) => Some("ListAccountRoles"),
            Self::Portal(Portal::ListAccounts) => Some("ListAccounts"),
            Self::Portal(Portal::Logout) => Some("Logout"),
            Self::SigninToken => Some("GetSigninToken"),
            Self::Sts(Some(Action::AssumeRole)) => Some("AssumeRole"),
            Self::Sts(Some(Action::AssumeRoleWithWebIdentity)) => Some("AssumeRoleWithWebIdentity"),
            Self::Sts(Some(Action::GetCallerIdentity)) => Some("GetCallerIdentity"),
            Self::Sts(None) | Self::Unknown => Some("Unknown"),
        }
    }
}

fn action(body: &[u8]) -> Option<Action> {
    match Form::from_body(body).get("Action") {
        Some("AssumeRole") => Some(Action::AssumeRole),
        Some("AssumeRoleWithWebIdentity") => Some(Action::AssumeRoleWithWebIdentity),
        Some("GetCallerIdentity") => Some(Action::GetCallerIdentity),
        _ => None,
    }
}

fn grant(body: &[u8]) -> Option<Grant> {
    Members::parse(body).ok()?.text("grantType").ok().and_then(Grant::parse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_part_of_the_name() {
        let check = |body: &str, name| {
            let mut request = http::Request::new(body.as_bytes().to_vec());
            *request.method_mut() = Method::POST;
            *request.uri_mut() = "/token".parse().unwrap();
            assert_eq!(Route::of(&request).operation(), Some(name));
        };
        check(r#"{"grantType":"refresh_token"}"#, "CreateToken:refresh_token");
        check(
            r#"{"grantType":"urn:ietf:params:oauth:grant-type:device_code"}"#,
            "CreateToken:device_code",
        );
        check(r#"{"grantType":"password"}"#, "CreateToken");
        check("grant_type=refresh_token", "CreateToken");
    }
}
