//! Reading an answer's body: bounded in size while it streams, bounded in time, cancellable.

use bytes::{Bytes, BytesMut};

use super::classify;
use super::send::Clock;
use super::{Exchange, Inner};
use crate::sources::SourceError;

/// The most that is set aside on the word of `Content-Length` alone.
const TRUSTED: u64 = 4 * 1024 * 1024;

/// Reads the body to its end.
pub(super) async fn read(inner: &Inner, response: &mut reqwest::Response, clock: &Clock<'_>, at: &Exchange) -> Result<Bytes, SourceError> {
    let limit = inner.limits.body_bytes;
    let too_large = || SourceError::TooLarge {
        at: Box::new(at.clone()),
        limit,
    };
    let promised = response.content_length();
    if promised.is_some_and(|promised| promised > limit as u64) {
        return Err(too_large());
    }
    let mut first = Bytes::new();
    let mut rest: Option<BytesMut> = None;
    let mut length = 0usize;
    loop {
        let chunk = clock.within("go on with its answer", at, response.chunk()).await?;
        let Some(chunk) = chunk.map_err(|error| classify::broken_off(&error, at, length))? else {
            break;
        };
        // After unpacking: a small answer can unpack to a huge one.
        length += chunk.len();
        inner.meter.received(chunk.len());
        if length > limit {
            return Err(too_large());
        }
        match &mut rest {
            None if first.is_empty() => first = chunk,
            None => {
                let room = promised.unwrap_or(0).min(TRUSTED).max(2 * length as u64);
                let mut all = BytesMut::with_capacity(usize::try_from(room).unwrap_or(length));
                all.extend_from_slice(&first);
                all.extend_from_slice(&chunk);
                first = Bytes::new();
                rest = Some(all);
            }
            Some(all) => all.extend_from_slice(&chunk),
        }
    }
    Ok(rest.map_or(first, BytesMut::freeze))
}
