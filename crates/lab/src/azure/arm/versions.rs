//! Which api-versions each type has: those that the documentation names, and those that Microsoft's own clients send.

pub(super) const SUBSCRIPTIONS: &[&str] = &[
    "2016-06-01",
    "2018-06-01",
    "2019-06-01",
    "2019-11-01",
    "2020-01-01",
    "2021-01-01",
    "2021-10-01",
    "2022-09-01",
    "2022-12-01",
];
pub(super) const RESOURCE_GROUPS: &[&str] = &[
    "2021-04-01",
    "2022-09-01",
    "2023-07-01",
    "2024-03-01",
    "2024-07-01",
    "2024-11-01",
    "2025-03-01",
    "2025-04-01",
];
pub(super) const MANAGEMENT_GROUPS: &[&str] = &["2020-02-01", "2020-05-01", "2020-10-01", "2021-04-01", "2023-04-01"];
pub(super) const ROLE_ASSIGNMENTS: &[&str] = &["2015-07-01", "2018-07-01", "2020-04-01-preview", "2022-04-01"];
pub(super) const ROLE_DEFINITIONS: &[&str] = &["2015-07-01", "2018-07-01", "2022-04-01", "2022-05-01-preview"];
pub(super) const DENY_ASSIGNMENTS: &[&str] = &["2018-07-01-preview", "2022-04-01"];
pub(super) const ELIGIBILITIES: &[&str] = &["2020-10-01", "2020-10-01-preview"];
pub(super) const RECOVERY: &[&str] = &[
    "2023-02-01",
    "2023-04-01",
    "2023-06-01",
    "2023-08-01",
    "2024-02-01",
    "2024-04-01",
    "2024-10-01",
    "2025-02-01",
    "2025-08-01",
    "2026-05-01",
    "2026-11-01",
];
pub(super) const PROTECTION: &[&str] = &[
    "2023-05-01",
    "2023-11-01",
    "2023-12-01",
    "2024-03-01",
    "2024-04-01",
    "2025-01-01",
    "2025-02-01",
    "2025-07-01",
    "2025-09-01",
    "2026-03-01",
    "2026-06-01",
];
