//! Entra's provisioning: its jobs, and what its log says that they could not do.

use lanyard_access::findings::Scene;
use lanyard_access::findings::scene::{Job, JobError};

use super::scene::{Lists, Named};
use crate::map::Map;

/// Fills in both, in the order of their ids.
pub(super) fn read(scene: &mut Scene<'_>, lists: &mut Lists, map: &Map) {
    for job in map.provisioning() {
        scene.jobs.push(Job {
            place: job.place,
            state: job.state,
            since: job.since,
        });
        lists.jobs.push(Named {
            place: job.place,
            id: job.id.to_string(),
            name: job.name.to_string(),
            row: Some(job.row),
            node: None,
        });
    }
    for failure in map.failures() {
        scene.job_errors.push(JobError {
            place: failure.place,
            node: failure.node,
            at: failure.at,
        });
        lists.job_errors.push(Named {
            place: failure.place,
            id: failure.id.to_string(),
            name: failure.name.to_string(),
            row: Some(failure.row),
            node: failure.node,
        });
    }
}
