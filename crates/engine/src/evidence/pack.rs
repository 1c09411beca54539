//! The one-file form: a ZIP archive (APPNOTE 6.3) whose every byte follows from the files in it.
//!
//! Entries are stored, not compressed; they stand in the order of the evidence's files, with the date 1980-01-01 and no extra fields. So a reader can
//! pack the content anew and compare byte by byte, and there is nothing to inflate. A library of ZIP files would write what its version likes.

use std::fmt::Write as _;

use super::files::{self, File};

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
/// Version 1.0 is needed to take a stored entry out.
const VERSION: u16 = 10;
/// Names are UTF-8.
const FLAGS: u16 = 1 << 11;
/// 1980-01-01 in DOS's form, the earliest that there is.
const DATE: u16 = 0x21;
const LOCAL_LENGTH: usize = 30;
const CENTRAL_LENGTH: usize = 46;

fn short(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn long(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_le_bytes());
}

/// What a local header and an entry of the directory have in common.
fn common(out: &mut Vec<u8>, file: &File) {
    short(out, VERSION);
    short(out, FLAGS);
    short(out, 0); // stored
    short(out, 0); // midnight
    short(out, DATE);
    long(out, crc32fast::hash(&file.bytes));
    // Files are far below 4 GB: `files::limit`.
    let length = u32::try_from(file.bytes.len()).unwrap_or(u32::MAX);
    long(out, length);
    long(out, length);
    short(out, u16::try_from(file.name.len()).unwrap_or(u16::MAX));
    short(out, 0); // no extra fields
}

/// Packs files, in the order in which they are given.
pub fn pack(files: &[File]) -> Vec<u8> {
    let mut out = Vec::with_capacity(files.iter().map(|file| file.bytes.len() + 2 * file.name.len() + 76).sum::<usize>() + 22);
    let mut directory = Vec::new();
    for file in files {
        long(&mut directory, CENTRAL);
        short(&mut directory, VERSION);
        common(&mut directory, file);
        short(&mut directory, 0); // no comment
        short(&mut directory, 0); // disk 0
        short(&mut directory, 0); // internal attributes
        long(&mut directory, 0); // external attributes
        long(&mut directory, u32::try_from(out.len()).unwrap_or(u32::MAX));
        directory.extend_from_slice(file.name.as_bytes());
        long(&mut out, LOCAL);
        common(&mut out, file);
        out.extend_from_slice(file.name.as_bytes());
        out.extend_from_slice(&file.bytes);
    }
    let at = u32::try_from(out.len()).unwrap_or(u32::MAX);
    let length = u32::try_from(directory.len()).unwrap_or(u32::MAX);
    let count = u16::try_from(files.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&directory);
    long(&mut out, END);
    short(&mut out, 0); // this disk
    short(&mut out, 0); // the directory's disk
    short(&mut out, count);
    short(&mut out, count);
    long(&mut out, length);
    long(&mut out, at);
    short(&mut out, 0); // no comment
    out
}

/// What was read from a pack.
#[derive(Debug)]
pub struct Unpacked {
    /// The files, as far as they could be read.
    pub files: Vec<File>,
    /// Where the pack is not as packing these files would give it, in words; none where it is.
    pub problem: Option<String>,
}

/// Reads a pack. Whatever is in it, this ends, and allocates no more than the pack's own length.
pub fn unpack(bytes: &[u8]) -> Unpacked {
    let (mut files, mut at) = (Vec::new(), 0_usize);
    let mut problem = None;
    while let Some(rest) = bytes.get(at..).filter(|rest| word(rest, 0) != Some(CENTRAL)) {
        match entry(rest) {
            Ok((file, length)) => {
                files.push(file);
                at += length;
            }
            Err(what) => {
                let mut says = match files.last() {
                    Some(File { name, .. }) => format!("the entry after {name}"),
                    None => "the first entry".to_owned(),
                };
                // Writing to a string cannot fail.
                let _ = write!(says, ", at byte {at}: {what}");
                problem = Some(says);
                break;
            }
        }
        if files.len() > 16 {
            problem = Some("it has more than 16 entries".into());
            break;
        }
    }
    if problem.is_none() {
        let packed = pack(&files);
        if packed != bytes {
            let differs = packed
                .iter()
                .zip(bytes)
                .position(|(one, other)| one != other)
                .unwrap_or(packed.len().min(bytes.len()));
            problem = Some(format!("{}, at byte {differs}", part(&files, differs)));
        }
    }
    Unpacked { files, problem }
}

/// Which part of the pack of these files a byte is in.
fn part(files: &[File], offset: usize) -> String {
    let mut at = 0;
    for file in files {
        let head = LOCAL_LENGTH + file.name.len();
        if offset < at + head {
            return format!("the header of {}", file.name);
        }
        at += head + file.bytes.len();
        if offset < at {
            return file.name.clone();
        }
    }
    for file in files {
        at += CENTRAL_LENGTH + file.name.len();
        if offset < at {
            return format!("the directory's entry of {}", file.name);
        }
    }
    "the directory's end".into()
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

fn half(bytes: &[u8], at: usize) -> Option<usize> {
    bytes.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes).map(usize::from)
}

/// The entry that these bytes begin with, and how long it is in all.
fn entry(bytes: &[u8]) -> Result<(File, usize), String> {
    const CUT: &str = "it is cut short";
    if word(bytes, 0).ok_or(CUT)? != LOCAL {
        return Err("it does not begin as an entry does".into());
    }
    let (method, length) = (half(bytes, 8).ok_or(CUT)?, word(bytes, 18).ok_or(CUT)?);
    let (name, extra) = (half(bytes, 26).ok_or(CUT)?, half(bytes, 28).ok_or(CUT)?);
    if method != 0 {
        return Err("it is compressed, which evidence is not".into());
    }
    let name_at = LOCAL_LENGTH;
    let name = bytes.get(name_at..name_at + name).ok_or(CUT)?;
    let name = std::str::from_utf8(name).map_err(|_| "its name is no text")?;
    if u64::from(length) > files::limit(name) {
        return Err(format!("{name} says to have {length} bytes, which is more than it may"));
    }
    let at = name_at + name.len() + extra;
    let end = at + usize::try_from(length).map_err(|_| CUT)?;
    let body = bytes.get(at..end).ok_or(CUT)?;
    Ok((File::new(name, body), end))
}
