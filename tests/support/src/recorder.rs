use std::sync::{Arc, Mutex};

use http::{Request, Response};
use wire::{ResponseFuture, Transport};

/// A transport that gives the same answer to every request, and keeps the requests.
#[derive(Debug)]
pub struct Recorder {
    answer: Response<Vec<u8>>,
    requests: Mutex<Vec<Request<Vec<u8>>>>,
}

impl Recorder {
    /// Makes a transport that answers `answer`.
    pub fn answering(answer: Response<Vec<u8>>) -> Arc<Self> {
        Arc::new(Self { answer, requests: Mutex::default() })
    }

    /// Returns the requests so far.
    pub fn requests(&self) -> Vec<Request<Vec<u8>>> {
        self.requests.lock().unwrap().clone()
    }
}

impl Transport for Recorder {
    fn send<'a>(&'a self, request: Request<Vec<u8>>) -> ResponseFuture<'a> {
        self.requests.lock().unwrap().push(request);
        Box::pin(std::future::ready(Ok(self.answer.clone())))
    }
}

/// Makes an answer with a JSON body.
pub fn json_answer(status: u16, body: &(impl ToString + ?Sized)) -> Response<Vec<u8>> {
    Response::builder().status(status).body(body.to_string().into_bytes()).unwrap()
}
