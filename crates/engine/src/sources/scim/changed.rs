//! Counts, and the proof that a server filters by `meta.lastModified`.

use tokio_util::sync::CancellationToken;

use super::query::Target;
use super::{ScimClient, answer};
use crate::sources::SourceError;
use crate::view::Millis;

/// No resource was changed after this, 2100-01-01.
const FAR_FUTURE: Millis = 4_102_444_800_000;

/// The filter for what changed at or after a time; none for a time that no calendar knows.
pub fn since(threshold: Millis) -> Option<String> {
    // To the millisecond: a server that keeps finer times still finds what changed within it.
    jiff::Timestamp::from_millisecond(threshold)
        .ok()
        .map(|time| format!("meta.lastModified ge \"{time:.3}\""))
}

/// See [`ScimClient::count`].
pub(super) async fn count(
    client: &ScimClient,
    endpoint: &str,
    filter: Option<&str>,
    cancel: &CancellationToken,
) -> Result<Option<u64>, SourceError> {
    let target = Target::new(endpoint, filter);
    match client.page_with(&target, &[("count", "0")], None, cancel).await {
        Ok(page) => Ok(page.facts.total),
        // Servers exist that want at least one.
        Err(SourceError::Rejected { status: 400, .. }) => {
            let page = client
                .page_with(&target, &[("startIndex", "1"), ("count", "1")], None, cancel)
                .await?;
            Ok(page.facts.total)
        }
        Err(error) => Err(error),
    }
}

/// See [`ScimClient::prove_changed_since`].
pub(super) async fn prove(
    client: &ScimClient,
    endpoint: &str,
    threshold: Millis,
    expected: u64,
    cancel: &CancellationToken,
) -> Result<bool, SourceError> {
    for (threshold, expected) in [(FAR_FUTURE, 0), (threshold, expected)] {
        let Some(filter) = since(threshold) else { return Ok(false) };
        // One resource comes with the count: where a filter is ignored, the count alone could be right by chance.
        match client
            .page_with(
                &Target::new(endpoint, Some(&filter)),
                &[("startIndex", "1"), ("count", "1")],
                Some(2),
                cancel,
            )
            .await
        {
            Ok(page) => {
                let read = page.facts.ids.len() as u64;
                if page.facts.total != Some(expected)
                    || read > expected
                    || !page.document(0).is_none_or(|document| is_since(document, threshold))
                {
                    return Ok(false);
                }
            }
            Err(error) if answer::is_of_request(&error) => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

/// Whether a document says that it was changed at or after a time.
fn is_since(document: &[u8], threshold: Millis) -> bool {
    last_modified(document).is_some_and(|at| at >= threshold)
}

/// `meta.lastModified` of a document.
pub(super) fn last_modified(document: &[u8]) -> Option<Millis> {
    let value: serde_json::Value = serde_json::from_slice(document).ok()?;
    let at = |value: &serde_json::Value, name: &str| -> Option<serde_json::Value> {
        value
            .as_object()?
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.clone())
    };
    let modified = at(&at(&value, "meta")?, "lastModified")?;
    lanyard_scim::instant::unix_millis(modified.as_str()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_names_the_time_to_the_millisecond() {
        assert_eq!(
            since(1_300_000_000_007).as_deref(),
            Some("meta.lastModified ge \"2011-03-13T07:06:40.007Z\"")
        );
        assert_eq!(since(i64::MAX), None);
        assert_eq!(
            last_modified(br#"{"META":{"lastmodified":"2011-03-13T07:06:40.007Z"}}"#),
            Some(1_300_000_000_007)
        );
    }
}
