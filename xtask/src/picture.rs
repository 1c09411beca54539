//! Pictures of the virtual screen: from the frame that Xvfb keeps in a file (X Window Dump, version 7) to PNG.

use std::fs;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use crate::{Failure, Outcome};

/// A picture, three bytes a pixel: red, green, blue.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// Its pixels, row by row.
    pub pixels: Vec<u8>,
}

impl Picture {
    /// Whether there is nothing to see: hardly any pixel differs from the first.
    pub fn is_blank(&self) -> bool {
        let first = self.pixels.get(..3).unwrap_or_default();
        let other = self.pixels.chunks_exact(3).filter(|pixel| pixel != &first).count();
        other < self.pixels.len() / 3 / 500
    }
}

/// Words of the header, by their place (X11's `XWDFile.h`).
mod header {
    pub const SIZE: usize = 0;
    pub const WIDTH: usize = 4;
    pub const HEIGHT: usize = 5;
    pub const BITS_PER_PIXEL: usize = 11;
    pub const BYTES_PER_LINE: usize = 12;
    pub const COLOURS: usize = 19;
}

/// Reads what the screen shows.
///
/// # Errors
/// When the file cannot be read or is no dump of 32 bits a pixel.
pub fn read_screen(frame: &Path) -> Outcome<Picture> {
    let bytes = fs::read(frame).map_err(Failure::file(frame))?;
    decode(&bytes).ok_or_else(|| Failure::Unreadable {
        what: frame.display().to_string(),
        why: "no screen dump of 32 bits a pixel".into(),
    })
}

/// See [`read_screen`].
fn decode(bytes: &[u8]) -> Option<Picture> {
    let word = |at: usize| {
        let word = bytes.get(at * 4..at * 4 + 4)?;
        usize::try_from(u32::from_be_bytes(word.try_into().ok()?)).ok()
    };
    if word(header::BITS_PER_PIXEL)? != 32 {
        return None;
    }
    let (width, height, stride) = (word(header::WIDTH)?, word(header::HEIGHT)?, word(header::BYTES_PER_LINE)?);
    // Twelve bytes for each entry of the colour map stand between header and pixels.
    let start = word(header::SIZE)? + word(header::COLOURS)? * 12;
    let mut pixels = Vec::with_capacity(width * height * 3);
    for row in 0..height {
        let from = start + row * stride;
        let line = bytes.get(from..from + width * 4)?;
        pixels.extend(line.chunks_exact(4).flat_map(|pixel| [pixel[2], pixel[1], pixel[0]]));
    }
    Some(Picture {
        width: u32::try_from(width).ok()?,
        height: u32::try_from(height).ok()?,
        pixels,
    })
}

/// Writes a picture as PNG.
///
/// # Errors
/// When the file cannot be written.
pub fn write_png(picture: &Picture, file: &Path) -> Outcome {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(Failure::file(folder))?;
    }
    let out = BufWriter::new(File::create(file).map_err(Failure::file(file))?);
    let mut encoder = png::Encoder::new(out, picture.width, picture.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let written = encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&picture.pixels));
    written.map_err(|error| Failure::Unreadable {
        what: file.display().to_string(),
        why: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    //! The dump's layout.

    use super::{Picture, decode};

    #[test]
    fn decodes_blue_green_red_with_a_colour_map() {
        let mut bytes = Vec::new();
        for (at, value) in [100_u32, 7, 2, 24, 2, 1, 0, 0, 32, 0, 32, 32, 8, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]
            .into_iter()
            .enumerate()
        {
            assert!(at < 25);
            bytes.extend(value.to_be_bytes());
        }
        bytes.extend([0; 12]);
        bytes.extend([3, 2, 1, 0, 6, 5, 4, 0]);
        let picture = decode(&bytes).expect("a dump");
        assert_eq!(
            (picture.width, picture.height, picture.pixels.as_slice()),
            (2, 1, [1, 2, 3, 4, 5, 6].as_slice())
        );
        assert!(decode(&bytes[..bytes.len() - 1]).is_none(), "cut short");
    }

    #[test]
    fn tells_a_blank_screen() {
        let mut picture = Picture {
            width: 100,
            height: 100,
            pixels: vec![7; 30_000],
        };
        assert!(picture.is_blank());
        picture.pixels[..3_000].fill(90);
        assert!(!picture.is_blank());
    }
}
