//! Buffers and views: the bytes that the document describes.

use std::borrow::Cow;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use vibesync_scene::Invalid;

use super::limits::Budget;
use super::place::Place;

/// Some programs leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Reads a file beside the document by its relative path.
pub type ReadFile<'a> = dyn FnMut(&str) -> Result<Vec<u8>, String> + 'a;

/// The content of each buffer.
pub(super) struct Buffers<'a>(Vec<Cow<'a, [u8]>>);

/// A part of a buffer.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub bytes: &'a [u8],
    /// Distance of elements; none: they follow each other.
    pub stride: Option<usize>,
}

impl<'a> Buffers<'a> {
    /// Loads all buffers. `bin` is the first one if it names no other place.
    pub fn load(
        root: &Place<'a>,
        bin: Option<&'a [u8]>,
        read: &mut ReadFile<'_>,
        budget: &mut Budget,
    ) -> Result<Self, Invalid> {
        let mut buffers = Vec::new();
        for (i, place) in root.field("buffers").items()?.enumerate() {
            let length = place.field("byteLength");
            let missing = || length.error("a buffer has a length");
            let wanted = length.count()?.ok_or_else(missing)?;
            let uri = place.field("uri");
            let content = match (uri.text()?, bin) {
                (Some(text), _) => Cow::Owned(resource(&uri, text, read)?),
                (None, Some(bin)) if i == 0 => Cow::Borrowed(bin),
                (None, _) => return Err(place.error("a buffer without content")),
            };
            if matches!(content, Cow::Owned(_)) {
                budget.add_read(content.len());
            }
            if content.len() < wanted {
                let message = format!("{wanted} bytes are announced, there are {}", content.len());
                return Err(length.error(message));
            }
            buffers.push(content);
        }
        Ok(Self(buffers))
    }

    /// Returns the view whose index is at a place.
    pub fn view<'b>(
        &'b self,
        root: &Place<'a>,
        reference: &Place<'a>,
    ) -> Result<View<'b>, Invalid> {
        let missing = || reference.error("a view of a buffer is expected");
        let (_, view) = reference.named(root, "bufferViews")?.ok_or_else(missing)?;
        let buffer = view.field("buffer");
        let index = buffer.count()?;
        let bytes = index.and_then(|index| self.0.get(index));
        let bytes = bytes.ok_or_else(|| buffer.error("there is no such buffer"))?;
        let start = view.field("byteOffset").count()?.unwrap_or(0);
        let length = view.field("byteLength").count()?;
        let length = length.ok_or_else(|| view.error("a view has a length"))?;
        let end = start.checked_add(length);
        let part = end.and_then(|end| bytes.get(start..end));
        let part = part.ok_or_else(|| {
            let message = format!("{length} bytes from {start} in a buffer of {}", bytes.len());
            view.error(message)
        })?;
        Ok(View {
            bytes: part,
            stride: view.field("byteStride").count()?,
        })
    }
}

/// Returns the content that a URI names: its own data, or a file beside the document.
pub(super) fn resource(
    place: &Place<'_>,
    uri: &str,
    read: &mut ReadFile<'_>,
) -> Result<Vec<u8>, Invalid> {
    if let Some(data) = uri.strip_prefix("data:") {
        let content = data.split_once(";base64,");
        let content = content.and_then(|(_, text)| BASE64.decode(text).ok());
        return content.ok_or_else(|| place.error("the data is not in base64"));
    }
    let path = unescape(uri).ok_or_else(|| place.error("the name of a file is damaged"))?;
    // A file must not reach for others of its reader.
    let is_inside =
        !path.contains(['\\', ':']) && path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if !is_inside {
        return Err(place.error("only data and files beside the document or below are read"));
    }
    read(&path).map_err(|why| place.error(why))
}

/// Decodes the signs of a URI that are written as `%` and two digits.
fn unescape(uri: &str) -> Option<String> {
    let mut parts = uri.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes)
        .ok()
        .filter(|path| !path.contains('\0'))
}
