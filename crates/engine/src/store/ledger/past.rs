//! The table `past`: what records said before they changed or went, whole, so that the picture can be made as it was.

pub const TABLE: &str = "past";
pub const SCHEMA: &str = "
CREATE TABLE past(
    seq INTEGER PRIMARY KEY,
    transition INTEGER NOT NULL UNIQUE REFERENCES transition(seq),
    document BLOB NOT NULL        -- JSON as the source sent it, zstd; of a group without its members, whom the lines tell
) STRICT;
";
