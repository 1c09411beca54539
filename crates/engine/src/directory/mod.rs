//! The directory: the picture in memory that People, Groups and the palette are answered from.
