//! What a credential sees of its source, to compare two of them: the same people, the same tenant.

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::record::ResourceKind;
use crate::sources::doors::Whose;
use crate::sources::reader::Reading;
use crate::sources::scim::Batch;
use crate::sources::{Client, SourceError};

/// People that a sample holds at most.
pub(in crate::sources) const SAMPLE: usize = 200;

/// What a credential sees. Where something could not be told it is empty, and `not_evaluated` says why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// The tenant's id, where the source has tenants and tells.
    pub tenant: Option<String>,
    /// The id of the account whose credential it is; none for an application's or a service's.
    pub whose: Option<String>,
    /// How many people there are, as the source counts.
    pub people: Option<u64>,
    /// The ids of the first people that the source lists, 200 at most, sorted. Where `people` is not more than that they are all.
    pub sample: Vec<String>,
    /// What could not be told, and why.
    pub not_evaluated: Vec<String>,
}

impl Census {
    /// Notes whose the credential is.
    pub(in crate::sources) fn whose(&mut self, whose: Whose) {
        match whose {
            Whose::Account(id) => self.whose = Some(id),
            Whose::NoAccount => {}
            Whose::Unknown(why) => self.not_evaluated.push(format!("Whose credential it is: {why}.")),
        }
    }

    /// Notes a part that could not be told; gives the error back where it is one about everything.
    pub(in crate::sources) fn missing(&mut self, what: &str, error: SourceError) -> Result<(), SourceError> {
        if error.ends_reading() {
            return Err(error);
        }
        self.not_evaluated.push(format!("{what}: {error}"));
        Ok(())
    }

    /// Notes the sample.
    pub(in crate::sources) fn sampled(&mut self, mut ids: Vec<String>) {
        ids.sort_unstable();
        ids.dedup();
        ids.truncate(SAMPLE);
        self.sample = ids;
    }
}

impl Client {
    /// What this client's credential sees. Some requests; the people's documents are read and forgotten.
    ///
    /// # Errors
    /// Where it is not let in at all, the budget is spent, or the work is cancelled. What is refused or fails in part is in
    /// [`Census::not_evaluated`].
    pub async fn census(&self, cancel: &CancellationToken) -> Result<Census, SourceError> {
        match self {
            Self::Scim(client) => client.census(cancel).await,
            Self::Backstage(client) => client.census(cancel).await,
            Self::Azure(client) => client.census(cancel).await,
            #[cfg(test)]
            Self::Scripted(_) => Ok(Census::default()),
        }
    }
}

/// The ids of the first people of a listing, which ends as soon as there are enough.
pub(in crate::sources) async fn first_people<T>(
    reading: Reading,
    listing: impl AsyncFnOnce(mpsc::Sender<Batch>) -> Result<T, SourceError>,
) -> Result<(Vec<String>, Option<T>), SourceError> {
    let (sender, mut batches) = mpsc::channel::<Batch>(2);
    let collect = async move {
        let mut ids = Vec::new();
        while let Some(batch) = batches.recv().await {
            for place in &batch.resources {
                let columns = batch.body.get(place.clone()).and_then(|text| reading(ResourceKind::User, text));
                ids.extend(columns.map(|columns| columns.id().to_owned()));
            }
            if ids.len() >= SAMPLE {
                break;
            }
        }
        ids.truncate(SAMPLE);
        ids
    };
    let (listed, ids) = tokio::join!(listing(sender), collect);
    match listed {
        Ok(end) => Ok((ids, Some(end))),
        // It was ended because there are enough.
        Err(_) if ids.len() >= SAMPLE => Ok((ids, None)),
        Err(error) => Err(error),
    }
}
