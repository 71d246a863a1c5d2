//! The container GLB: a header, a chunk of JSON, and a chunk of binary data.

use vibesync_scene::{Code, Invalid};

const MAGIC: &[u8; 4] = b"glTF";
const VERSION: u32 = 2;
const JSON: &[u8; 4] = b"JSON";
const BIN: &[u8; 4] = b"BIN\0";
const HEADER: usize = 12;
const CHUNK_HEADER: usize = 8;

/// Builds the file of a document and its binary data. Fails if they do not fit into the 4 GiB of a file.
pub(crate) fn write(mut json: Vec<u8>, bin: &[u8]) -> Result<Vec<u8>, Invalid> {
    json.resize(json.len().next_multiple_of(4), b' ');
    let has_bin = !bin.is_empty();
    let padded = bin.len().next_multiple_of(4);
    let tail = if has_bin { CHUNK_HEADER + padded } else { 0 };
    let length = HEADER + CHUNK_HEADER + json.len() + tail;
    let too_large = |_| {
        let message = "the scene needs more than the 4 GiB that a GLB file can have";
        Invalid::new(Code::FrameTooLong, "", message)
    };
    let number = |value: usize| u32::try_from(value).map_err(too_large);
    let mut file = Vec::with_capacity(length);
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(&VERSION.to_le_bytes());
    file.extend_from_slice(&number(length)?.to_le_bytes());
    file.extend_from_slice(&number(json.len())?.to_le_bytes());
    file.extend_from_slice(JSON);
    file.extend_from_slice(&json);
    if has_bin {
        file.extend_from_slice(&number(padded)?.to_le_bytes());
        file.extend_from_slice(BIN);
        file.extend_from_slice(bin);
        file.resize(length, 0);
    }
    Ok(file)
}
