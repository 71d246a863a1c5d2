//! The container GLB: a header, a chunk of JSON, and a chunk of binary data.

use vibesync_scene::{Code, Invalid};

const MAGIC: &[u8; 4] = b"glTF";
const VERSION: u32 = 2;
const JSON: &[u8; 4] = b"JSON";
const BIN: &[u8; 4] = b"BIN\0";
const HEADER: usize = 12;
const CHUNK_HEADER: usize = 8;

/// The chunks of a file.
pub(crate) struct Chunks<'a> {
    pub json: &'a [u8],
    pub bin: Option<&'a [u8]>,
}

/// Whether a file begins like this container; else it may be a document alone.
pub(crate) fn is_glb(file: &[u8]) -> bool {
    file.starts_with(MAGIC)
}

/// Splits a file into its chunks. Bytes after the announced length, and unknown chunks after the first, are ignored, as
/// glTF asks.
pub(crate) fn read(file: &[u8]) -> Result<Chunks<'_>, Invalid> {
    let fail = |at: &str, message: String| Err(Invalid::new(Code::GltfInvalid, at, message));
    let number = |at: usize| {
        let bytes = file.get(at..)?.first_chunk::<4>()?;
        Some(u32::from_le_bytes(*bytes))
    };
    let (Some(version), Some(length)) = (number(4), number(8)) else {
        return fail("header", "the file ends in its header".to_owned());
    };
    if version != VERSION {
        return fail(
            "header.version",
            format!("version {version} of GLB is not known"),
        );
    }
    let Some(mut rest) = file.get(HEADER..length as usize) else {
        let message = format!("{length} bytes are announced, the file has {}", file.len());
        return fail("header.length", message);
    };
    let mut chunks = Vec::new();
    while let Some((head, tail)) = rest.split_first_chunk::<CHUNK_HEADER>() {
        let [a, b, c, d, kind @ ..] = *head;
        let length = u32::from_le_bytes([a, b, c, d]) as usize;
        let Some((content, after)) = tail.split_at_checked(length) else {
            let message = format!("{length} bytes are announced, the file has {}", tail.len());
            return fail(&format!("chunks[{}]", chunks.len()), message);
        };
        chunks.push((kind, content));
        rest = after;
        // Only the first two have a meaning.
        if chunks.len() == 2 {
            break;
        }
    }
    match *chunks {
        [(kind, json), ref after @ ..] if kind == *JSON => {
            let bin = after.iter().find(|(kind, _)| kind == BIN);
            let bin = bin.map(|(_, content)| *content);
            Ok(Chunks { json, bin })
        }
        _ => fail(
            "chunks[0]",
            "the first chunk is not the document".to_owned(),
        ),
    }
}

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
