//! Frames: `u32 BE length | u32 BE header length | JSON header | attachments`.

use serde::Deserialize;
use vibesync_scene::Code;

/// Sizes accepted from a peer, checked before memory is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest `length`.
    pub frame_bytes: u32,
    /// Largest header.
    pub header_bytes: u32,
    /// Most attachments in a frame.
    pub attachments: usize,
}

impl Limits {
    /// Before the handshake is over.
    pub const HANDSHAKE: Self = Self {
        frame_bytes: 65_536,
        header_bytes: 65_536,
        attachments: 0,
    };

    /// After it.
    pub const SESSION: Self = Self {
        frame_bytes: 268_435_456,
        header_bytes: 16_777_216,
        attachments: 1_024,
    };
}

/// One frame, split into its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// UTF-8 JSON object.
    pub header: Vec<u8>,
    /// Bulk data.
    pub attachments: Vec<Vec<u8>>,
}

/// Why a frame cannot be read. The connection cannot go on after it: the next frame's start is unknown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct FrameError {
    /// Stable code.
    pub code: Code,
    /// One sentence.
    pub message: String,
}

fn fail<T>(code: Code, message: String) -> Result<T, FrameError> {
    Err(FrameError { code, message })
}

/// Cuts frames out of a stream of bytes.
#[derive(Clone, Copy, Debug)]
pub struct FrameDecoder {
    limits: Limits,
}

/// The two lengths in front of every frame.
const PREFIX: usize = 8;

impl FrameDecoder {
    /// A decoder for a peer that may send this much.
    pub fn new(limits: Limits) -> Self {
        Self { limits }
    }

    /// Bytes that the frame at the start of `bytes` takes in all, once its lengths are here and allowed.
    pub fn frame_len(&self, bytes: &[u8]) -> Result<Option<usize>, FrameError> {
        let Some((length, rest)) = read_u32(bytes) else {
            return Ok(None);
        };
        if length > self.limits.frame_bytes {
            return fail(
                Code::FrameTooLong,
                format!(
                    "a frame of {length} bytes; at most {} are allowed",
                    self.limits.frame_bytes
                ),
            );
        }
        if length < 4 {
            return fail(
                Code::FrameTruncated,
                format!("a frame of {length} bytes has no room for its header length"),
            );
        }
        let Some((header, _)) = read_u32(rest) else {
            return Ok(None);
        };
        if header > length - 4 || header > self.limits.header_bytes {
            return fail(
                Code::HeaderInvalid,
                format!("a header of {header} bytes in a frame of {length}"),
            );
        }
        Ok(Some(4 + length as usize))
    }

    /// Takes one whole frame apart; `bytes` is exactly as long as [`FrameDecoder::frame_len`] said.
    pub fn decode(&self, bytes: &[u8]) -> Result<Frame, FrameError> {
        let truncated = || FrameError {
            code: Code::FrameTruncated,
            message: "the frame ends too early".into(),
        };
        let header_len = bytes.get(4..).and_then(read_u32).ok_or_else(truncated)?.0 as usize;
        let body = bytes.get(PREFIX..).ok_or_else(truncated)?;
        let (header, bulk) = body.split_at_checked(header_len).ok_or_else(truncated)?;
        let attachments = self.split(announced(header)?, bulk)?;
        Ok(Frame {
            header: header.to_vec(),
            attachments,
        })
    }

    fn split(&self, lengths: Vec<u64>, mut bulk: &[u8]) -> Result<Vec<Vec<u8>>, FrameError> {
        if lengths.len() > self.limits.attachments {
            return fail(
                Code::AttachmentsInvalid,
                format!(
                    "{} attachments; at most {} are allowed",
                    lengths.len(),
                    self.limits.attachments
                ),
            );
        }
        let mut attachments = Vec::with_capacity(lengths.len());
        for (i, length) in lengths.into_iter().enumerate() {
            let cut = usize::try_from(length)
                .ok()
                .and_then(|length| bulk.split_at_checked(length));
            let Some((attachment, rest)) = cut else {
                return fail(
                    Code::AttachmentsInvalid,
                    format!("attachment {i} is longer than the frame"),
                );
            };
            attachments.push(attachment.to_vec());
            bulk = rest;
        }
        if !bulk.is_empty() {
            return fail(
                Code::AttachmentsInvalid,
                format!("{} bytes after the last attachment", bulk.len()),
            );
        }
        Ok(attachments)
    }
}

/// The attachment lengths that a header lists.
fn announced(header: &[u8]) -> Result<Vec<u64>, FrameError> {
    #[derive(Deserialize)]
    struct Announced {
        #[serde(default)]
        attachments: Vec<u64>,
    }
    // serde would also read a struct from an array, and skips strings without a look at their bytes.
    let text = match std::str::from_utf8(header) {
        Ok(text) if text.trim_ascii_start().starts_with('{') => text,
        Ok(_) => {
            return fail(
                Code::HeaderInvalid,
                "the header is not a JSON object".into(),
            );
        }
        Err(error) => return fail(Code::HeaderInvalid, format!("the header: {error}")),
    };
    match serde_json::from_str::<Announced>(text) {
        Ok(announced) => Ok(announced.attachments),
        Err(error) => fail(
            Code::HeaderInvalid,
            format!("the header is not valid JSON: {error}"),
        ),
    }
}

fn read_u32(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (word, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(*word), rest))
}

/// Writes a frame. `header` is a JSON object whose `attachments` already lists the lengths.
pub fn encode(header: &[u8], attachments: &[impl AsRef<[u8]>]) -> Result<Vec<u8>, FrameError> {
    let bulk: usize = attachments
        .iter()
        .map(|attachment| attachment.as_ref().len())
        .sum();
    let length = 4 + header.len() + bulk;
    let too_long = |_| FrameError {
        code: Code::FrameTooLong,
        message: format!("a frame of {length} bytes"),
    };
    let mut frame = Vec::with_capacity(4 + length);
    frame.extend(u32::try_from(length).map_err(too_long)?.to_be_bytes());
    frame.extend(u32::try_from(header.len()).map_err(too_long)?.to_be_bytes());
    frame.extend_from_slice(header);
    for attachment in attachments {
        frame.extend_from_slice(attachment.as_ref());
    }
    Ok(frame)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8]) -> Result<Frame, FrameError> {
        FrameDecoder::new(Limits::SESSION).decode(bytes)
    }

    #[test]
    fn a_frame_survives_the_round_trip() {
        let header = br#"{"type":"x","attachments":[3,0,2]}"#.to_vec();
        let attachments = vec![b"abc".to_vec(), vec![], b"de".to_vec()];
        let bytes = encode(&header, &attachments).unwrap();
        let decoder = FrameDecoder::new(Limits::SESSION);
        assert_eq!(decoder.frame_len(&bytes), Ok(Some(bytes.len())));
        assert_eq!(
            decode(&bytes),
            Ok(Frame {
                header,
                attachments
            })
        );
    }

    #[test]
    fn lengths_are_refused_before_the_bytes_arrive() {
        let decoder = FrameDecoder::new(Limits::HANDSHAKE);
        let huge = decoder.frame_len(&u32::MAX.to_be_bytes()).unwrap_err();
        assert_eq!(huge.code, Code::FrameTooLong);
        assert_eq!(
            decoder.frame_len(&[0, 0, 0, 3]).unwrap_err().code,
            Code::FrameTruncated
        );
        assert_eq!(
            decoder
                .frame_len(&[0, 0, 0, 8, 0, 0, 0, 5])
                .unwrap_err()
                .code,
            Code::HeaderInvalid
        );
        assert_eq!(decoder.frame_len(&[0, 0, 0, 9, 0]), Ok(None));
    }

    #[test]
    fn attachments_must_add_up() {
        for header in [r#"{"attachments":[4]}"#, r#"{"attachments":[2]}"#, r#"{}"#] {
            let bytes = encode(header.as_bytes(), &[b"abc"]).unwrap();
            assert_eq!(
                decode(&bytes).unwrap_err().code,
                Code::AttachmentsInvalid,
                "{header}"
            );
        }
        let negative = encode(br#"{"attachments":[-1]}"#, &[b"abc"]).unwrap();
        assert_eq!(decode(&negative).unwrap_err().code, Code::HeaderInvalid);
    }
}
