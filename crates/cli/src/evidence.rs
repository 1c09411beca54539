//! `lanyard evidence`: whether exported evidence holds. Needs no data folder and no keychain.

use std::path::PathBuf;

use clap::Subcommand;
use lanyard_engine::evidence::{self, KnownKey, PublicKey};

use crate::exit::{Failure, Verdict};
use crate::output::Out;

#[derive(Subcommand)]
pub enum EvidenceCommand {
    /// Check exported evidence: files, signatures, the chain of records, and that its verdicts follow from them.
    Verify {
        /// The file or folder.
        path: PathBuf,
        /// The key that must have signed it: its fingerprint (16 hexadecimal digits), or a PEM file.
        #[arg(long, value_name = "FINGERPRINT|PEM")]
        key: Option<String>,
    },
}

pub fn run(command: EvidenceCommand, out: &Out) -> Result<Verdict, Failure> {
    let EvidenceCommand::Verify { path, key } = command;
    let known: Vec<KnownKey> = key.map(|key| named(&key)).transpose()?.into_iter().collect();
    if !path.exists() {
        return Err(Failure::usage(format!("there is nothing at {}", path.display())));
    }
    let check = evidence::verify(&path, &known).map_err(|error| Failure::from(lanyard_engine::Error::from(error)))?;
    out.show(&check, |page| {
        page.line(&check.summary);
        for point in &check.points {
            page.line(format!(
                "{} {}: {}",
                if point.ok { "holds " } else { "BROKEN" },
                point.title,
                point.says
            ));
        }
        if let Some(key) = &check.key {
            page.line(format!("Key {key}"));
        }
    });
    Ok(if check.ok { Verdict::Well } else { Verdict::Failed })
}

/// The key that was named on the command line.
fn named(text: &str) -> Result<KnownKey, Failure> {
    let fingerprint = text.trim().to_lowercase();
    let fingerprint = if fingerprint.len() == 16 && fingerprint.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        fingerprint
    } else {
        let pem = std::fs::read_to_string(text).map_err(|error| {
            Failure::usage(format!(
                "--key {text} is neither a fingerprint of 16 hexadecimal digits nor a file: {error}"
            ))
        })?;
        let key = PublicKey::from_pem(&pem).map_err(|error| Failure::usage(format!("--key {text}: {error}")))?;
        key.fingerprint()
    };
    Ok(KnownKey {
        fingerprint,
        whose: "the key that was named".into(),
        required: true,
    })
}
