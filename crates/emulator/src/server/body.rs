//! Bodies of responses, whole and broken.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Response};
use hyper::body::{Frame, SizeHint};

/// A body, or the first half of one before the connection breaks.
pub(super) struct Body {
    data: Option<Bytes>,
    end: End,
}

enum End {
    Break,
    /// Lets the connection write out the half before it learns that there is no more.
    FlushAndBreak,
    Regular,
}

impl Body {
    pub(super) fn whole(response: Response<Vec<u8>>) -> Response<Self> {
        response.map(|body| {
            let data = Some(Bytes::from(body)).filter(|data| !data.is_empty());
            Self { data, end: End::Regular }
        })
    }

    /// Announces the whole body, but has only half of it.
    pub(super) fn truncated(mut response: Response<Vec<u8>>) -> Response<Self> {
        let length = HeaderValue::from(response.body().len());
        response.headers_mut().insert(CONTENT_LENGTH, length);
        response.map(|mut body| {
            body.truncate(body.len() / 2);
            Self { data: Some(body.into()), end: End::FlushAndBreak }
        })
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(data) = self.data.take() {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        match self.end {
            End::Break => Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into()))),
            End::FlushAndBreak => {
                self.end = End::Break;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            End::Regular => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!((&self.data, &self.end), (None, End::Regular))
    }

    fn size_hint(&self) -> SizeHint {
        match (&self.data, &self.end) {
            (None, End::Regular) => SizeHint::with_exact(0),
            (Some(data), End::Regular) => {
                SizeHint::with_exact(u64::try_from(data.len()).unwrap_or(u64::MAX))
            }
            // Anything exact would contradict the announced length.
            (_, End::Break | End::FlushAndBreak) => SizeHint::default(),
        }
    }
}
