//! The tables `finding_event`, `finding_run` and `suppression_version`: what became of each finding, how each asking of the rules came out, and what
//! somebody decided not to be told of for a time.

pub const EVENT: &str = "finding_event";
pub const EVENT_SCHEMA: &str = "
CREATE TABLE finding_event(
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,          -- Unix milliseconds
    finding TEXT NOT NULL,        -- RULE:sixteen hexadecimal digits
    rule TEXT NOT NULL,
    event INTEGER NOT NULL,       -- 0 opened, 1 changed, 2 closed
    severity INTEGER NOT NULL,    -- 0 critical, 1 high, 2 medium, 3 low
    facts TEXT NOT NULL,          -- SHA-256 over what it stands on, hexadecimal
    row TEXT NOT NULL             -- the finding as it was told, JSON
) STRICT;
CREATE INDEX finding_event_by_finding ON finding_event(finding, seq);
CREATE INDEX finding_event_by_time ON finding_event(at);
";
pub const RUN: &str = "finding_run";
pub const RUN_SCHEMA: &str = "
CREATE TABLE finding_run(
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,          -- Unix milliseconds
    took_us INTEGER NOT NULL,
    summary TEXT NOT NULL         -- JSON: open findings by severity, rules that could not be asked
) STRICT;
CREATE INDEX finding_run_by_time ON finding_run(at);
";
pub const SUPPRESSION: &str = "suppression_version";
pub const SUPPRESSION_SCHEMA: &str = "
CREATE TABLE suppression_version(
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,          -- Unix milliseconds
    by TEXT NOT NULL,             -- the operating system's user
    finding TEXT NOT NULL,
    facts TEXT NOT NULL,          -- what it stood on then; another one ends the suppression
    until INTEGER NOT NULL,       -- Unix milliseconds
    reason TEXT NOT NULL,
    lifted INTEGER NOT NULL CHECK (lifted IN (0, 1))
) STRICT;
CREATE INDEX suppression_version_by_finding ON suppression_version(finding, seq);
";
