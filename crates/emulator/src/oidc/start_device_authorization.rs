use serde_json::{Value, json};
use wire::Timestamp;

use super::clients::Clients;
use super::devices::{Device, Devices};
use crate::error::ServiceError;
use crate::instance::Instance;
use crate::members::Members;
use crate::route::Grant;

/// Gives a device its codes; `origin` is where the pages are.
pub(super) fn start_device_authorization(
    now: Timestamp,
    instance: &mut Instance,
    clients: &Clients,
    devices: &mut Devices,
    members: &Members,
    origin: &str,
) -> Result<Value, ServiceError> {
    let (client_id, client) = clients.authenticate(now, members)?;
    if !client.may_use(Grant::DeviceCode) {
        let message = "The client is not registered for the device grant";
        return Err(ServiceError::bad_request("UnauthorizedClientException", message));
    }
    let Instance { random, scenario, .. } = instance;
    if !scenario.knows_start_url(members.text("startUrl")?) {
        return Err(ServiceError::invalid_request("Unknown startUrl"));
    }
    let lifetime = scenario.lifetimes.device_code;
    let interval = scenario.device_interval;
    let device_code = random.token("");
    let user_code = random.user_code();
    let body = json!({
        "deviceCode": device_code,
        "expiresIn": lifetime.as_secs(),
        "interval": interval.as_secs(),
        "userCode": user_code,
        "verificationUri": format!("{origin}/device"),
        "verificationUriComplete": format!("{origin}/device?user_code={user_code}"),
    });
    devices.add(device_code, Device::new(client_id, &user_code, now + lifetime, interval));
    Ok(body)
}
