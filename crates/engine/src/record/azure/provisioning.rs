//! Entra's provisioning: its jobs, and what its log says that they could not do.

use serde::Deserialize;

use super::super::tolerant::{or_default, text};

/// The application that a job provisions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProvisionedFor {
    /// The service principal's id.
    #[serde(deserialize_with = "text")]
    pub id: Option<String>,
    /// The service principal's name.
    #[serde(deserialize_with = "text")]
    pub display_name: Option<String>,
}

/// A provisioning job. Made by Lanyard's reader of what Graph says of it: without the times of each run as long as all is well, which change
/// with every cycle. <https://learn.microsoft.com/graph/api/resources/synchronization-synchronizationjob>
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProvisioningJob {
    /// `SERVICE-PRINCIPAL/JOB`.
    #[serde(deserialize_with = "text")]
    pub id: Option<String>,
    /// The job's own id, as Graph writes it.
    #[serde(deserialize_with = "text")]
    pub job_id: Option<String>,
    /// What it is made from: `scim`, or the name of an application of the gallery.
    #[serde(deserialize_with = "text")]
    pub template_id: Option<String>,
    /// The application that it provisions.
    #[serde(deserialize_with = "or_default")]
    pub service_principal: ProvisionedFor,
    /// `NotConfigured`, `NotRun`, `Active`, `Paused`, `Quarantine`.
    #[serde(deserialize_with = "text")]
    pub code: Option<String>,
    /// Why and since when it is quarantined; none where it is not.
    #[serde(deserialize_with = "or_default")]
    pub quarantine: Option<JobQuarantine>,
    /// How its last runs went; none while it is active.
    #[serde(deserialize_with = "or_default")]
    pub runs: Option<JobRuns>,
}

/// A job's quarantine. <https://learn.microsoft.com/graph/api/resources/synchronization-synchronizationquarantine>
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JobQuarantine {
    /// Graph's name for what set it off: `EncounteredQuarantineException`, `EncounteredEscrowProportionThreshold`, ….
    #[serde(deserialize_with = "text")]
    pub reason: Option<String>,
    /// Graph's name for the error beneath.
    #[serde(deserialize_with = "text")]
    pub error_code: Option<String>,
    /// What it says of that.
    #[serde(deserialize_with = "text")]
    pub error: Option<String>,
    /// Since when.
    #[serde(deserialize_with = "text")]
    pub since: Option<String>,
}

/// When a job ran.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JobRuns {
    /// How the last one came out: `Succeeded`, `Failed`, `EntryLevelErrors`.
    #[serde(deserialize_with = "text")]
    pub last: Option<String>,
    /// When that ended.
    #[serde(deserialize_with = "text")]
    pub last_ended: Option<String>,
    /// When the last good one ended.
    #[serde(deserialize_with = "text")]
    pub good_ended: Option<String>,
}

/// One side of a step of provisioning: who it was about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Party {
    /// Its id in that system: of the source, the object's in Entra.
    #[serde(deserialize_with = "text")]
    pub id: Option<String>,
    /// Its name there.
    #[serde(deserialize_with = "text")]
    pub display_name: Option<String>,
    /// `User`, `Group`, as the log says.
    #[serde(deserialize_with = "text")]
    pub identity_type: Option<String>,
}

/// What the log says of a failure. <https://learn.microsoft.com/graph/api/resources/provisioningerrorinfo>
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "they are Graph's own")]
pub struct ErrorInformation {
    #[serde(deserialize_with = "text")]
    pub error_code: Option<String>,
    /// `failure`, `nonServiceFailure`, `success`.
    #[serde(deserialize_with = "text")]
    pub error_category: Option<String>,
    #[serde(deserialize_with = "text")]
    pub reason: Option<String>,
    #[serde(deserialize_with = "text")]
    pub additional_details: Option<String>,
    #[serde(deserialize_with = "text")]
    pub recommended_action: Option<String>,
}

/// The last failure of a job about somebody, not mended since. Made by Lanyard's reader of the entries of the provisioning log.
/// <https://learn.microsoft.com/graph/api/resources/provisioningobjectsummary>
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProvisioningError {
    /// `JOB/IDENTITY`: the same for the same identity, however often it fails.
    #[serde(deserialize_with = "text")]
    pub id: Option<String>,
    /// The entry's own id.
    #[serde(deserialize_with = "text")]
    pub entry: Option<String>,
    /// The job's id.
    #[serde(deserialize_with = "text")]
    pub job_id: Option<String>,
    /// When it failed.
    #[serde(deserialize_with = "text")]
    pub activity_date_time: Option<String>,
    /// `create`, `update`, `delete`, `disable`, `stageddelete`, `other`.
    #[serde(deserialize_with = "text")]
    pub provisioning_action: Option<String>,
    /// The application that is provisioned.
    #[serde(deserialize_with = "or_default")]
    pub service_principal: ProvisionedFor,
    /// Who it is about, in Entra.
    #[serde(deserialize_with = "or_default")]
    pub source_identity: Party,
    /// Who it is about, in the application.
    #[serde(deserialize_with = "or_default")]
    pub target_identity: Party,
    /// What went wrong.
    #[serde(deserialize_with = "or_default")]
    pub error_information: ErrorInformation,
}
