//! Frames: `u32 BE length | u32 BE header length | JSON header | attachments`.

use bytes::Bytes;
use serde::Deserialize;
use vibesync_scene::Code;

use crate::limits::Limits;

/// The reason why a frame or its message cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct WireError {
    /// Stable code.
    pub code: Code,
    /// One sentence.
    pub message: String,
}

impl WireError {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, message }
    }

    /// Whether the connection must end: the frame itself is broken, not only its message.
    pub fn is_fatal(&self) -> bool {
        self.code <= Code::AttachmentsInvalid
    }
}

fn fail<T>(code: Code, message: impl Into<String>) -> Result<T, WireError> {
    Err(WireError::new(code, message))
}

/// The beginning of a frame: everything except its attachments, which may not have arrived yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameHead {
    /// UTF-8 JSON object.
    pub header: Bytes,
    /// Bytes of all attachments together.
    pub attachment_bytes: usize,
    limits: Limits,
}

impl FrameHead {
    /// Returns the lengths of the attachments that the header lists. Otherwise it checks only that the header is a JSON
    /// object.
    pub(crate) fn announced(&self) -> Result<Vec<usize>, WireError> {
        self.check(&announced(&self.header)?)
    }

    /// Checks that the lengths add up to the frame's attachment bytes, and that there are not too many.
    pub(crate) fn check(&self, lengths: &[u64]) -> Result<Vec<usize>, WireError> {
        let most = self.limits.attachments;
        if lengths.len() > most {
            let message = format!("{} attachments; at most {most} are allowed", lengths.len());
            return fail(Code::AttachmentsInvalid, message);
        }
        let mut rest = self.attachment_bytes;
        let mut checked = Vec::with_capacity(lengths.len());
        for (i, length) in lengths.iter().enumerate() {
            let length = usize::try_from(*length).ok();
            let Some(length) = length.filter(|length| *length <= rest) else {
                let message = format!("attachment {i} is longer than the frame");
                return fail(Code::AttachmentsInvalid, message);
            };
            rest -= length;
            checked.push(length);
        }
        if rest > 0 {
            let message = format!("{rest} bytes after the last attachment");
            return fail(Code::AttachmentsInvalid, message);
        }
        Ok(checked)
    }
}

/// One frame whose header is not parsed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// UTF-8 JSON object.
    pub header: Bytes,
    bulk: Bytes,
    limits: Limits,
}

impl Frame {
    /// The beginning of the frame.
    pub fn head(&self) -> FrameHead {
        FrameHead {
            header: self.header.clone(),
            attachment_bytes: self.bulk.len(),
            limits: self.limits,
        }
    }

    /// Returns the attachments that the header lists. Otherwise it checks only that the header is a JSON object.
    pub fn attachments(&self) -> Result<Vec<Bytes>, WireError> {
        Ok(self.split(&self.head().announced()?))
    }

    /// Splits the bulk data into attachments of these lengths, which must have been checked.
    pub(crate) fn split(&self, lengths: &[usize]) -> Vec<Bytes> {
        let mut bulk = self.bulk.clone();
        let lengths = lengths.iter();
        lengths
            .map(|length| bulk.split_to((*length).min(bulk.len())))
            .collect()
    }
}

/// Decodes frames from a stream of bytes.
#[derive(Clone, Copy, Debug)]
pub struct FrameDecoder {
    limits: Limits,
}

/// The two lengths in front of every frame.
const PREFIX: usize = 8;

impl FrameDecoder {
    /// Makes a decoder for a peer with these limits.
    pub fn new(limits: Limits) -> Self {
        Self { limits }
    }

    /// Returns the total length of the frame at the start of `bytes`; none if `bytes` is too short to know it.
    pub fn frame_len(&self, bytes: &[u8]) -> Result<Option<usize>, WireError> {
        let lengths = self.lengths(bytes)?;
        Ok(lengths.map(|(head, bulk)| head + bulk))
    }

    /// Returns the length of the frame's beginning and of its attachments; none if `bytes` is too short to know them.
    pub fn lengths(&self, bytes: &[u8]) -> Result<Option<(usize, usize)>, WireError> {
        let Some((length, rest)) = read_u32(bytes) else {
            return Ok(None);
        };
        let most = self.limits.frame_bytes;
        if length > most {
            let message = format!("a frame of {length} bytes; at most {most} are allowed");
            return fail(Code::FrameTooLong, message);
        }
        if length < 4 {
            let message = format!("a frame of {length} bytes has no room for its header length");
            return fail(Code::FrameTruncated, message);
        }
        let Some((header, _)) = read_u32(rest) else {
            return Ok(None);
        };
        if header > length - 4 || header > self.limits.header_bytes {
            let message = format!("a header of {header} bytes in a frame of {length}");
            return fail(Code::HeaderInvalid, message);
        }
        let bulk = length - 4 - header;
        Ok(Some((PREFIX + header as usize, bulk as usize)))
    }

    /// Makes the beginning of a frame from as many bytes as [`FrameDecoder::lengths`] returned.
    pub fn head(&self, mut bytes: Bytes, attachment_bytes: usize) -> FrameHead {
        let header = bytes.split_off(PREFIX.min(bytes.len()));
        let limits = self.limits;
        FrameHead {
            header,
            attachment_bytes,
            limits,
        }
    }

    /// Decodes one whole frame without a copy. `bytes` must have the length that [`FrameDecoder::frame_len`] returned.
    pub fn decode(&self, mut bytes: Bytes) -> Result<Frame, WireError> {
        let header = bytes.get(4..).and_then(read_u32).map(|(length, _)| length);
        let end = header.map(|header| PREFIX + header as usize);
        let Some(end) = end.filter(|end| *end <= bytes.len()) else {
            return fail(Code::FrameTruncated, "the frame ends too early");
        };
        let bulk = bytes.split_off(end);
        let header = bytes.split_off(PREFIX);
        let limits = self.limits;
        Ok(Frame {
            header,
            bulk,
            limits,
        })
    }
}

/// Reads the attachment lengths that a header lists.
fn announced(header: &[u8]) -> Result<Vec<u64>, WireError> {
    #[derive(Deserialize)]
    struct Announced {
        #[serde(default)]
        attachments: Vec<u64>,
    }
    // serde would also accept an array for a struct, and does not check the bytes of strings that it skips.
    let text = match std::str::from_utf8(header) {
        Ok(text) if text.trim_ascii_start().starts_with('{') => text,
        Ok(_) => return fail(Code::HeaderInvalid, "the header is not a JSON object"),
        Err(error) => return fail(Code::HeaderInvalid, format!("the header: {error}")),
    };
    match serde_json::from_str::<Announced>(text) {
        Ok(announced) => Ok(announced.attachments),
        Err(error) => {
            let message = format!("the header is not valid JSON: {error}");
            fail(Code::HeaderInvalid, message)
        }
    }
}

fn read_u32(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (word, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(*word), rest))
}

/// Encodes a frame. `header` is a JSON object whose `attachments` already lists the lengths.
pub fn encode(header: &[u8], attachments: &[impl AsRef<[u8]>]) -> Result<Vec<u8>, WireError> {
    let bulk = attachments.iter().map(|it| it.as_ref().len()).sum();
    let mut frame = begin_frame(header, bulk)?;
    frame.reserve_exact(bulk);
    for attachment in attachments {
        frame.extend_from_slice(attachment.as_ref());
    }
    Ok(frame)
}

/// Encodes the beginning of a frame, which `bulk` bytes of attachments must follow.
pub fn begin_frame(header: &[u8], bulk: usize) -> Result<Vec<u8>, WireError> {
    let length = 4 + header.len() + bulk;
    let too_long = |_| WireError::new(Code::FrameTooLong, format!("a frame of {length} bytes"));
    let mut frame = Vec::with_capacity(PREFIX + header.len());
    frame.extend(u32::try_from(length).map_err(too_long)?.to_be_bytes());
    frame.extend(u32::try_from(header.len()).map_err(too_long)?.to_be_bytes());
    frame.extend_from_slice(header);
    Ok(frame)
}

/// Appends a frame without attachments to other frames. `add_header` appends its header and returns true. If it returns
/// false, or the header is too long, the frames stay as they were, and the result is false.
pub fn add_frame(frames: &mut Vec<u8>, add_header: impl FnOnce(&mut Vec<u8>) -> bool) -> bool {
    let start = frames.len();
    frames.extend_from_slice(&[0; PREFIX]);
    let header = start + PREFIX;
    let is_added = add_header(frames);
    let lengths = u32::try_from(frames.len().saturating_sub(header)).ok();
    let lengths = lengths.and_then(|header| Some((header.checked_add(4)?, header)));
    let prefix = frames.get_mut(start..header);
    if let (Some((length, header)), Some(prefix), true) = (lengths, prefix, is_added) {
        let bytes = length.to_be_bytes().into_iter().chain(header.to_be_bytes());
        prefix
            .iter_mut()
            .zip(bytes)
            .for_each(|(to, from)| *to = from);
        return true;
    }
    frames.truncate(start);
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: Vec<u8>) -> Result<(Bytes, Vec<Bytes>), WireError> {
        let frame = FrameDecoder::new(Limits::SESSION).decode(bytes.into())?;
        Ok((frame.header.clone(), frame.attachments()?))
    }

    #[test]
    fn frames_are_added_one_after_the_other() {
        let mut frames = Vec::new();
        let header = |text: &'static [u8]| {
            move |frames: &mut Vec<u8>| {
                frames.extend_from_slice(text);
                true
            }
        };
        assert!(add_frame(&mut frames, header(b"{}")));
        assert!(!add_frame(&mut frames, |frames| {
            frames.push(b'{');
            false
        }));
        assert!(add_frame(&mut frames, header(br#"{"type":"x"}"#)));
        let none: [&[u8]; 0] = [];
        let one_by_one =
            [b"{}".as_slice(), br#"{"type":"x"}"#].map(|it| encode(it, &none).unwrap());
        assert_eq!(frames, one_by_one.concat());
    }

    #[test]
    fn frame_is_decoded_as_it_was_encoded() {
        let header = br#"{"type":"x","attachments":[3,0,2]}"#.as_slice();
        let attachments = [b"abc".as_slice(), b"", b"de"];
        let bytes = encode(header, &attachments).unwrap();
        let decoder = FrameDecoder::new(Limits::SESSION);
        assert_eq!(decoder.frame_len(&bytes), Ok(Some(bytes.len())));
        let (read, bulk) = decode(bytes).unwrap();
        assert_eq!(read, header);
        assert_eq!(bulk, attachments);
    }

    #[test]
    fn bad_lengths_are_refused_before_the_frame_arrives() {
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
    fn frame_is_refused_when_attachments_do_not_add_up() {
        for header in [r#"{"attachments":[4]}"#, r#"{"attachments":[2]}"#, r#"{}"#] {
            let bytes = encode(header.as_bytes(), &[b"abc"]).unwrap();
            assert_eq!(
                decode(bytes).unwrap_err().code,
                Code::AttachmentsInvalid,
                "{header}"
            );
        }
        let negative = encode(br#"{"attachments":[-1]}"#, &[b"abc"]).unwrap();
        assert_eq!(decode(negative).unwrap_err().code, Code::HeaderInvalid);
    }
}
