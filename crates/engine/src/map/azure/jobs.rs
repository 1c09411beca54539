//! Entra's provisioning jobs and what they could not do: not access itself, but what keeps it right elsewhere.

use lanyard_access::findings::scene::JobState;

use super::super::build::{Found, MapBuilder};
use super::super::tables::{Failure, Provisioning};
use crate::record::ItemRecord;
use crate::record::azure::{ProvisioningError, ProvisioningJob, key, time};

impl MapBuilder {
    pub(super) fn provisioning_job(&mut self, place: u16, item: &ItemRecord<'_>, job: &ProvisioningJob) {
        let code = job.code.as_deref().unwrap_or_default();
        let quarantine = job.quarantine.as_ref();
        // Jobs are known to be called active still while they are quarantined.
        let state = match code {
            "Quarantine" => JobState::Quarantine,
            _ if quarantine.is_some() => JobState::Quarantine,
            "Active" => JobState::Running,
            "Paused" => JobState::Paused,
            _ => JobState::Other,
        };
        let says = quarantine.map(|quarantine| {
            let why = [&quarantine.error, &quarantine.error_code, &quarantine.reason];
            why.into_iter()
                .find_map(|text| text.as_deref())
                .unwrap_or("it does not say why")
                .to_owned()
        });
        self.tables.provisioning.push(Provisioning {
            place,
            id: item.id.into(),
            name: item.name.or(job.job_id.as_deref()).unwrap_or(item.id).into(),
            row: item.row,
            state,
            since: time(quarantine.and_then(|quarantine| quarantine.since.as_deref())),
            says: says.map_or_else(|| code.into(), Into::into),
        });
    }

    pub(super) fn provisioning_error(&mut self, place: u16, item: &ItemRecord<'_>, error: &ProvisioningError) {
        let Some(at) = time(error.activity_date_time.as_deref()) else {
            return;
        };
        let node = error.source_identity.id.as_deref().and_then(|id| match self.find(place, &key(id)) {
            Found::Held(node) => Some(node),
            Found::Nobody => None,
        });
        let told = &error.error_information;
        let says: Vec<&str> = [&told.error_code, &told.reason, &told.additional_details]
            .into_iter()
            .filter_map(|text| text.as_deref())
            .collect();
        self.tables.failures.push(Failure {
            place,
            id: item.id.into(),
            name: item.name.unwrap_or(item.id).into(),
            row: item.row,
            node,
            at,
            says: if says.is_empty() {
                "it does not say why".into()
            } else {
                says.join(": ").into()
            },
        });
    }
}
