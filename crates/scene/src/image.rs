//! Images: the encoded file of a picture, and how its numbers are to be read.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::component::Buffer;
use crate::component_value::ComponentValue;
use crate::invalid::Invalid;

/// Name of the only buffer of an image: the bytes of its file.
const FILE: &str = "file";

/// Largest width and height, pixels: the largest image that Blender makes.
const MOST_PIXELS: u32 = 65_536;

/// The meaning of the numbers of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ColorSpace {
    /// Colors with the transfer function of sRGB.
    Srgb,
    /// Colors without a transfer function, with the primaries of sRGB.
    Linear,
    /// No colors: normals, roughness, masks.
    Data,
}

/// The meaning of the alpha channel of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlphaUse {
    /// Opacity; colors are not multiplied by it.
    Straight,
    /// Opacity; colors are multiplied by it.
    Premul,
    /// A channel of its own.
    Packed,
    /// Nothing; the image is opaque.
    None,
}

/// The format of the file of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the meaning")]
pub enum ImageFormat {
    Png,
    Jpeg,
    Exr,
    Hdr,
    Tga,
    Tiff,
    Bmp,
    Webp,
}

impl ImageFormat {
    /// Whether a file of this format may begin like this. A TGA file has no mark.
    fn admits(self, head: &[u8]) -> bool {
        match self {
            Self::Png => head.starts_with(b"\x89PNG\r\n\x1a\n"),
            Self::Jpeg => head.starts_with(b"\xff\xd8\xff"),
            Self::Exr => head.starts_with(b"\x76\x2f\x31\x01"),
            Self::Hdr => head.starts_with(b"#?"),
            Self::Tga => true,
            Self::Tiff => head.starts_with(b"II*\0") || head.starts_with(b"MM\0*"),
            Self::Bmp => head.starts_with(b"BM"),
            Self::Webp => head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP"),
        }
    }
}

/// An image. Two are equal if their files have the same bytes and are read in the same way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// The meaning of its numbers.
    pub color_space: ColorSpace,
    /// The meaning of its alpha channel.
    pub alpha: AlphaUse,
    /// The format of its file.
    pub format: ImageFormat,
    /// One buffer, `file`: the bytes of the encoded file.
    pub buffers: BTreeMap<String, Buffer>,
}

impl ComponentValue for Image {
    fn check(&self, name: &str) -> Result<(), Invalid> {
        let at = |field: &str| format!("{name}.{field}");
        for (field, pixels) in [("width", self.width), ("height", self.height)] {
            if !(1..=MOST_PIXELS).contains(&pixels) {
                let message = format!("it must be from 1 to {MOST_PIXELS} pixels");
                return Err(Invalid::new(Code::ImageInvalid, at(field), message));
            }
        }
        if !self.buffers.keys().eq([FILE]) {
            let message = "an image has one buffer, `file`";
            return Err(Invalid::new(Code::ImageInvalid, at("buffers"), message));
        }
        Ok(())
    }

    fn equals(&self, other: &Self) -> bool {
        self == other
    }

    fn buffers(&self) -> impl Iterator<Item = (&str, &Buffer)> {
        self.buffers.iter().map(|(name, it)| (name.as_str(), it))
    }

    fn buffers_mut(&mut self) -> impl Iterator<Item = &mut Buffer> {
        self.buffers.values_mut()
    }
}

/// Checks the file of an image, in the pieces in which it arrived: its length, and the mark of its format.
pub fn check_image(image: &Image, pieces: &[&[u8]], location: &str) -> Result<(), Invalid> {
    image.check(location)?;
    let at = format!("{location}.buffers.{FILE}");
    let length: u64 = pieces.iter().map(|piece| piece.len() as u64).sum();
    let announced = image.buffers.get(FILE).map_or(0, |buffer| buffer.bytes);
    if length != announced {
        let message = format!("{length} bytes arrived where {announced} were announced");
        return Err(Invalid::new(Code::ImageInvalid, at, message));
    }
    let head: Vec<u8> = pieces.iter().copied().flatten().take(16).copied().collect();
    match head.is_empty() || !image.format.admits(&head) {
        true => {
            let message = format!("the file is no {:?}", image.format).to_uppercase();
            Err(Invalid::new(Code::ImageInvalid, at, message))
        }
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::BlobId;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n0123456789";

    fn picture(file: &[u8], format: ImageFormat) -> Image {
        let buffer = Buffer::stored(BlobId::hash(file), file.len() as u64);
        Image {
            width: 4,
            height: 2,
            color_space: ColorSpace::Srgb,
            alpha: AlphaUse::Straight,
            format,
            buffers: BTreeMap::from([(FILE.to_owned(), buffer)]),
        }
    }

    #[test]
    fn file_must_begin_with_the_mark_of_its_format() {
        let files: [(ImageFormat, &[u8]); 9] = [
            (ImageFormat::Png, PNG),
            (ImageFormat::Jpeg, b"\xff\xd8\xff\xe0"),
            (ImageFormat::Exr, b"\x76\x2f\x31\x01\x02"),
            (ImageFormat::Hdr, b"#?RADIANCE\n"),
            (ImageFormat::Tga, b"\0\0\x02"),
            (ImageFormat::Tiff, b"II*\0"),
            (ImageFormat::Tiff, b"MM\0*"),
            (ImageFormat::Bmp, b"BM"),
            (ImageFormat::Webp, b"RIFF\0\0\0\0WEBP"),
        ];
        for (format, file) in files {
            let image = picture(file, format);
            assert_eq!(check_image(&image, &[file], "image"), Ok(()), "{format:?}");
            let wrong = vec![b'x'; file.len()];
            let checked = check_image(&picture(&wrong, format), &[&wrong], "image");
            assert_eq!(checked.is_ok(), format == ImageFormat::Tga, "{format:?}");
        }
        let pieces = [&PNG[..4], &PNG[4..]];
        let image = picture(PNG, ImageFormat::Png);
        assert_eq!(check_image(&image, &pieces, "image"), Ok(()));
    }

    #[test]
    fn file_that_is_empty_or_of_another_length_is_refused() {
        let error = |image: &Image, file: &[u8]| {
            let error = check_image(image, &[file], "image").unwrap_err();
            (error.code, error.location)
        };
        let expected = (Code::ImageInvalid, "image.buffers.file".to_owned());
        assert_eq!(error(&picture(PNG, ImageFormat::Png), &PNG[..12]), expected);
        assert_eq!(error(&picture(b"", ImageFormat::Tga), b""), expected);
    }

    #[test]
    fn values_that_no_image_has_are_refused() {
        let error = |change: fn(&mut Image)| {
            let mut wrong = picture(PNG, ImageFormat::Png);
            change(&mut wrong);
            let error = wrong.check("image").unwrap_err();
            assert_eq!(error.code, Code::ImageInvalid);
            error.location
        };
        assert_eq!(error(|it| it.width = 0), "image.width");
        assert_eq!(error(|it| it.height = 65_537), "image.height");
        assert_eq!(error(|it| it.buffers.clear()), "image.buffers");
        let renamed = |it: &mut Image| {
            let file = it.buffers.remove(FILE).unwrap();
            it.buffers.insert("pixels".to_owned(), file);
        };
        assert_eq!(error(renamed), "image.buffers");
    }

    #[test]
    fn images_are_equal_if_files_and_use_are() {
        let image = picture(PNG, ImageFormat::Png);
        let changes: [fn(&mut Image); 6] = [
            |it| it.width = 5,
            |it| it.height = 5,
            |it| it.color_space = ColorSpace::Data,
            |it| it.alpha = AlphaUse::None,
            |it| it.format = ImageFormat::Tga,
            |it| it.buffers = picture(b"other", ImageFormat::Png).buffers,
        ];
        assert!(image.equals(&picture(PNG, ImageFormat::Png)));
        for (i, change) in changes.iter().enumerate() {
            let mut changed = image.clone();
            change(&mut changed);
            assert!(!image.equals(&changed), "{i}");
        }
    }
}
