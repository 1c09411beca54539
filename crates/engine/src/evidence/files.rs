//! The files that evidence is made of: their names, their order, and how large each may be.

/// The canonical record.
pub const RECORD: &str = "record.json";
/// The signature over the record: 64 bytes.
pub const RECORD_SIG: &str = "record.sig";
/// The public key that the record was signed with.
pub const KEY: &str = "key.pem";
/// The public key that the list of digests was signed with, where that is another.
pub const EXPORT_KEY: &str = "export-key.pem";
/// The personal values with their salts; empty when masked.
pub const DISCLOSURES: &str = "disclosures.json";
/// The report as a page.
pub const REPORT_HTML: &str = "report.html";
/// The report as PDF.
pub const REPORT_PDF: &str = "report.pdf";
/// How to check it without Lanyard.
pub const RECIPE: &str = "VERIFY.txt";
/// The digests of all files above.
pub const SUMS: &str = "SHA256SUMS";
/// The signature over the digests: 64 bytes.
pub const SUMS_SIG: &str = "SHA256SUMS.sig";

/// What must be there, in the order in which it is packed. [`EXPORT_KEY`] may stand after [`KEY`].
pub const REQUIRED: [&str; 9] = [
    RECORD,
    RECORD_SIG,
    KEY,
    DISCLOSURES,
    REPORT_HTML,
    REPORT_PDF,
    RECIPE,
    SUMS,
    SUMS_SIG,
];

/// How large a file may be, in bytes: what is read from others is bounded.
pub fn limit(name: &str) -> u64 {
    match name {
        RECORD | DISCLOSURES | REPORT_HTML | REPORT_PDF => 64 << 20,
        _ => 64 << 10,
    }
}

/// How large all of it may be, in bytes.
pub const TOTAL: u64 = 192 << 20;

/// A file's place in the pack; none for a name that is not evidence's.
pub fn place(name: &str) -> Option<usize> {
    if name == EXPORT_KEY {
        return Some(5);
    }
    REQUIRED.iter().position(|known| *known == name).map(|at| at * 2)
}

/// A file with what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name, without a folder.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl File {
    pub fn new(name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.to_owned(),
            bytes: bytes.into(),
        }
    }
}
