//! Pictures: the head of an image file, and PNG to pixels and back.

use std::io::Cursor;

use vibesync_scene::ImageFormat;

/// Most pixels of an image that is packed anew.
const MOST_PIXELS: u64 = 64 << 20;

/// Pixels of 8 bits: red, green, blue, alpha.
pub(super) struct Picture {
    pub width: u32,
    pub height: u32,
    pub pixels: Vec<[u8; 4]>,
}

/// Returns whether an image has opacity, from the head of its file; none if glTF cannot have the file, or if it is
/// damaged.
pub(super) fn has_alpha(format: ImageFormat, file: &[u8]) -> Option<bool> {
    match format {
        ImageFormat::Png => {
            let reader = png::Decoder::new(Cursor::new(file)).read_info().ok()?;
            let info = reader.info();
            let color = info.color_type;
            let has_channel =
                matches!(color, png::ColorType::Rgba | png::ColorType::GrayscaleAlpha);
            Some(has_channel || info.trns.is_some())
        }
        ImageFormat::Jpeg => is_jpeg(file).then_some(false),
        _ => None,
    }
}

/// Whether the segments of a JPEG file lead to the data of a picture.
fn is_jpeg(file: &[u8]) -> bool {
    let mut at = 2;
    while let Some([0xff, marker, high, low]) = file.get(at..at + 4) {
        match marker {
            0xda => return true,
            0xff => at += 1,
            _ => at += 2 + usize::from(u16::from_be_bytes([*high, *low])),
        }
    }
    false
}

/// Decodes a PNG file; none if it is damaged or too large.
pub(super) fn decode(file: &[u8]) -> Option<Picture> {
    let mut decoder = png::Decoder::new(Cursor::new(file));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().ok()?;
    let (width, height) = reader.info().size();
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return None;
    }
    let mut buffer = vec![0; reader.output_buffer_size()?];
    let frame = reader.next_frame(&mut buffer).ok()?;
    let samples = frame.color_type.samples();
    let pixels = buffer.chunks_exact(samples);
    let pixels = pixels.map(|pixel| match *pixel {
        [gray] => [gray, gray, gray, 255],
        [gray, alpha] => [gray, gray, gray, alpha],
        [red, green, blue] => [red, green, blue, 255],
        [red, green, blue, alpha, ..] => [red, green, blue, alpha],
        [] => [0; 4],
    });
    let picture = Picture {
        width,
        height,
        pixels: pixels.collect(),
    };
    let count = width as usize * height as usize;
    (picture.pixels.len() == count).then_some(picture)
}

/// Encodes a PNG file of 8 bits a channel, without alpha if all pixels are opaque.
pub(super) fn encode(picture: &Picture) -> Option<Vec<u8>> {
    let is_opaque = picture.pixels.iter().all(|[.., alpha]| *alpha == 255);
    let (color, bytes): (_, Vec<u8>) = match is_opaque {
        true => {
            let colors = picture.pixels.iter();
            let colors = colors.flat_map(|[red, green, blue, _]| [*red, *green, *blue]);
            (png::ColorType::Rgb, colors.collect())
        }
        false => (png::ColorType::Rgba, picture.pixels.as_flattened().to_vec()),
    };
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, picture.width, picture.height);
    encoder.set_color(color);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&bytes).ok()?;
    writer.finish().ok()?;
    Some(file)
}
