//! Reading an answer's body: bounded in size while it streams, bounded in time, cancellable.

use bytes::{Bytes, BytesMut};
use zeroize::{Zeroize as _, Zeroizing};

use super::classify;
use super::send::Clock;
use super::{Exchange, Inner};
use crate::sources::SourceError;

/// The most that is set aside on the word of `Content-Length` alone.
const TRUSTED: u64 = 4 * 1024 * 1024;

/// What a body is held to.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    /// The most bytes, unpacked.
    pub(super) limit: usize,
    /// Whether it is wiped from memory when it is dropped. It is then held whole, in one piece of `limit` bytes.
    pub(super) wiped: bool,
}

/// Reads the body to its end.
pub(super) async fn read(
    inner: &Inner,
    response: &mut reqwest::Response,
    clock: &Clock<'_>,
    at: &Exchange,
    bounds: Bounds,
) -> Result<Bytes, SourceError> {
    let limit = bounds.limit;
    let too_large = || SourceError::TooLarge {
        at: Box::new(at.clone()),
        limit,
    };
    let promised = response.content_length();
    if promised.is_some_and(|promised| promised > limit as u64) {
        return Err(too_large());
    }
    let mut kept = bounds.wiped.then(|| Zeroizing::new(Vec::with_capacity(limit)));
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
        if let Some(kept) = &mut kept {
            // Never more than was set aside, so that no copy is left behind where it grew.
            kept.extend_from_slice(&chunk);
            if let Ok(mut own) = chunk.try_into_mut() {
                own.as_mut().zeroize();
            }
            continue;
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
    if let Some(kept) = kept {
        return Ok(Bytes::from_owner(kept));
    }
    Ok(rest.map_or(first, BytesMut::freeze))
}
