//! A whole device login, without socket, clock or runtime: the transport is the emulator in this
//! process, and waiting moves its clock.

use oidc_proto::{
    CreateToken, DevicePoll, Grant, RegisterClient, StartDeviceAuthorization, Step, Token,
};
use wire::CallError;

fn main() {
    let token = run().expect("the emulator signs everybody in");
    #[expect(clippy::print_stdout, reason = "the point of the example")]
    {
        println!("{token:?}");
    }
}

fn run() -> Result<Token, CallError> {
    let scenario = emulator::Scenario::default();
    let start_url = scenario.start_urls.first().cloned().unwrap_or_default();
    let now = wire::Timestamp::from_unix(1_767_323_045);
    let emulator = emulator::InProcess::new(emulator::Idp::new(scenario), now);
    let endpoint = http::Uri::from_static("http://127.0.0.1");

    let scopes = [oidc_proto::DEFAULT_SCOPE.to_owned()];
    let register = RegisterClient {
        client_name: "example",
        scopes: Some(&scopes),
        ..RegisterClient::default()
    };
    let client = block_on(wire::call(&register, &endpoint, &emulator))?;
    let start = StartDeviceAuthorization {
        client_id: &client.client_id,
        client_secret: &client.client_secret,
        start_url: &start_url,
    };
    let device = block_on(wire::call(&start, &endpoint, &emulator))?;
    let create_token = CreateToken {
        client_id: &client.client_id,
        client_secret: &client.client_secret,
        grant: Grant::device_code(&device.device_code),
        scope: None,
    };

    let mut poll = DevicePoll::new(emulator.now(), device.expires_in, device.interval);
    loop {
        match poll.step(emulator.now()) {
            Step::Send => {
                let result = block_on(wire::call(&create_token, &endpoint, &emulator));
                if let Some(end) = poll.on_result(emulator.now(), result) {
                    return end;
                }
                // Here a person would be shown `device.user_code`; this one is quick.
                let idp = emulator.idp();
                let mut idp = idp.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                let _ = idp.approve_device(emulator.now(), &device.user_code);
            }
            Step::Wait(until) => emulator.set_now(until),
            _ => unreachable!("the code is confirmed long before it expires"),
        }
    }
}

/// Nothing here waits, so one poll is enough; a real client brings its own runtime.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => unreachable!("the emulator answers at once"),
    }
}

#[test]
fn it_runs() {
    main();
}
