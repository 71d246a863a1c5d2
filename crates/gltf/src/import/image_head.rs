//! The head of an image file: its format, its size, and whether it has opacity.

use vibesync_scene::ImageFormat;

/// Largest width and height of an image of the scene.
const MOST_PIXELS: u32 = 65_536;

/// Facts that the head of a file tells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ImageHead {
    pub format: ImageFormat,
    pub width: u32,
    pub height: u32,
    pub has_alpha: bool,
}

impl ImageHead {
    /// Reads the head of a file; none if it is of another format, or damaged.
    pub fn read(file: &[u8]) -> Option<Self> {
        let head = match file {
            [0x89, b'P', b'N', b'G', ..] => png(file),
            [0xff, 0xd8, ..] => jpeg(file),
            [b'R', b'I', b'F', b'F', ..] => webp(file),
            _ => None,
        };
        let fits = |size: u32| (1..=MOST_PIXELS).contains(&size);
        head.filter(|head| fits(head.width) && fits(head.height))
    }
}

fn png(file: &[u8]) -> Option<ImageHead> {
    let [width, height] = [16, 20].map(|at| number(file, at));
    let is_header = file.starts_with(b"\x89PNG\r\n\x1a\n") && file.get(12..16)? == b"IHDR";
    let mut has_alpha = matches!(file.get(25)?, 4 | 6);
    let mut at = 8;
    // A color or an entry of the palette may be transparent; that is told before the pixels.
    while let (Some(length), Some(kind)) = (number(file, at), file.get(at + 4..at + 8)) {
        match kind {
            b"tRNS" => has_alpha = true,
            b"IDAT" => break,
            _ => {}
        }
        at = at.checked_add(length as usize)?.checked_add(12)?;
    }
    is_header.then_some(ImageHead {
        format: ImageFormat::Png,
        width: width?,
        height: height?,
        has_alpha,
    })
}

fn number(file: &[u8], at: usize) -> Option<u32> {
    let bytes = file.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_be_bytes(*bytes))
}

/// Walks along the segments to the one with the size.
fn jpeg(file: &[u8]) -> Option<ImageHead> {
    let mut at = 2;
    while let Some([0xff, marker, high, low]) = file.get(at..at + 4) {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        match marker {
            0xff => {
                at += 1;
                continue;
            }
            0xc4 | 0xc8 | 0xcc => {}
            0xc0..=0xcf => {
                let [a, b, c, d] = *file.get(at + 5..)?.first_chunk::<4>()?;
                return Some(ImageHead {
                    format: ImageFormat::Jpeg,
                    width: u16::from_be_bytes([c, d]).into(),
                    height: u16::from_be_bytes([a, b]).into(),
                    has_alpha: false,
                });
            }
            0xda => return None,
            _ => {}
        }
        at += 2 + length.max(2);
    }
    None
}

/// Reads one of the three forms of a WebP file.
fn webp(file: &[u8]) -> Option<ImageHead> {
    let (name, data) = (file.get(8..16)?, file.get(20..)?);
    let (width, height, has_alpha) = match name {
        b"WEBPVP8X" => {
            let [flags, _, _, _, a, b, c, d, e, f] = *data.first_chunk::<10>()?;
            let size = |low, middle, high| u32::from_le_bytes([low, middle, high, 0]) + 1;
            (size(a, b, c), size(d, e, f), flags & 0x10 != 0)
        }
        b"WEBPVP8L" => {
            let [0x2f, a, b, c, d] = *data.first_chunk::<5>()? else {
                return None;
            };
            let bits = u32::from_le_bytes([a, b, c, d]);
            let size = |shift: u32| ((bits >> shift) & 0x3fff) + 1;
            (size(0), size(14), bits >> 28 & 1 == 1)
        }
        b"WEBPVP8 " => {
            let [_, _, _, 0x9d, 0x01, 0x2a, a, b, c, d] = *data.first_chunk::<10>()? else {
                return None;
            };
            let size = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
            (size(a, b), size(c, d), false)
        }
        _ => return None,
    };
    Some(ImageHead {
        format: ImageFormat::Webp,
        width,
        height,
        has_alpha,
    })
}
