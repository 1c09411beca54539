//! A make-believe company on loopback: the other side of everything that Lanyard reads and writes.
pub mod company;
