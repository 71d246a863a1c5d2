//! The check of an editor's picture: a PNG of the size that the editor names. Its pixels are not looked at.

use vibesync_protocol::{MAX_PICTURE, Picture, ViewResult};
use vibesync_scene::{Code, Invalid};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
/// Bits of one channel.
const DEPTH: u8 = 8;
/// The types of PNG with three and four channels.
const COLORS: [u8; 2] = [2, 6];

/// Returns the picture of a result. `size`: most pixels of a side.
pub(crate) fn check(result: &mut ViewResult, size: u32) -> Result<Picture, Invalid> {
    let refuse = |message: String| Err(Invalid::new(Code::ResultUnusable, "picture", message));
    let Some(picture) = result.picture.take() else {
        return refuse("the editor sent no picture".to_owned());
    };
    if picture.0.len() > MAX_PICTURE {
        return refuse(format!("the picture has more than {MAX_PICTURE} bytes"));
    }
    let Some((width, height)) = read_size(&picture.0) else {
        return refuse("the picture is no PNG with 8 bits of RGB or RGBA".to_owned());
    };
    if (width, height) != (result.width, result.height) {
        let (said_width, said_height) = (result.width, result.height);
        return refuse(format!(
            "the picture has {width} x {height} pixels instead of {said_width} x {said_height}"
        ));
    }
    match (1..=size).contains(&width) && (1..=size).contains(&height) {
        true => Ok(picture),
        false => refuse(format!(
            "the picture has {width} x {height} pixels; {size} were asked for"
        )),
    }
}

/// Returns width and height of a PNG of a kind that clients can show.
fn read_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let header = bytes.strip_prefix(SIGNATURE)?;
    let (width, rest) = header.split_first_chunk()?;
    let (height, rest) = rest.split_first_chunk()?;
    let [depth, color, ..] = rest else {
        return None;
    };
    let is_known = *depth == DEPTH && COLORS.contains(color);
    is_known.then(|| (u32::from_be_bytes(*width), u32::from_be_bytes(*height)))
}
