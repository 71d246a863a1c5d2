//! Decodes frames from a stream: first the head of a frame, then its bulk data as it arrives.

use std::io;

use tokio_util::bytes::{Bytes, BytesMut};
use tokio_util::codec::Decoder;
use vibesync_protocol::{FrameDecoder, FrameHead, Limits, WireError};

/// A part of a frame.
#[derive(Debug)]
pub enum Part {
    /// The first part: everything except the bulk data.
    Head(FrameHead),
    /// The following parts: bulk data in pieces of [`PIECE`] bytes; only the last one is shorter.
    Bulk(Bytes),
}

/// Cuts a byte stream into frames. Cannot go on after an error, because the start of the next frame is unknown.
#[derive(Debug)]
pub struct FrameCodec {
    decoder: FrameDecoder,
    /// Number of bytes of bulk data that have not arrived yet.
    missing: usize,
}

impl FrameCodec {
    /// Creates a codec with these limits.
    pub fn new(limits: Limits) -> Self {
        Self {
            decoder: FrameDecoder::new(limits),
            missing: 0,
        }
    }

    /// Replaces the limits from the next frame on.
    pub fn set_limits(&mut self, limits: Limits) {
        self.decoder = FrameDecoder::new(limits);
    }
}

/// A frame cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The peer broke the protocol.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The socket failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Size of a piece of bulk data: a multiple of the word size of meshes. Also the maximum of memory that is reserved before
/// bytes arrive, so that a false length costs no more.
pub const PIECE: usize = 1 << 20;

impl Decoder for FrameCodec {
    type Item = Part;
    type Error = ReadError;

    fn decode(&mut self, source: &mut BytesMut) -> Result<Option<Part>, ReadError> {
        if self.missing > 0 {
            let piece = cut(source, self.missing.min(PIECE));
            return Ok(piece.map(|piece| {
                self.missing -= piece.len();
                Part::Bulk(piece)
            }));
        }
        let Some((length, bulk)) = self.decoder.lengths(source)? else {
            return Ok(None);
        };
        Ok(cut(source, length).map(|head| {
            self.missing = bulk;
            Part::Head(self.decoder.head(head, bulk))
        }))
    }
}

/// Returns the first bytes once all of them have arrived. Reserves memory for them until then.
fn cut(source: &mut BytesMut, length: usize) -> Option<Bytes> {
    if source.len() < length {
        source.reserve((length - source.len()).min(PIECE));
        return None;
    }
    let bytes = source.split_to(length).freeze();
    if length >= PIECE {
        // The rest shares the memory of the large part and would keep it alive.
        *source = BytesMut::from(&**source);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use vibesync_protocol::encode;

    use super::*;

    #[test]
    fn large_frame_comes_in_pieces_and_frees_its_memory() {
        let large = encode(b"{}", &[vec![7; 8 * PIECE + 4]]).unwrap();
        let small = encode(b"{}", &[] as &[&[u8]]).unwrap();
        let mut source = BytesMut::with_capacity(large.len() + small.len());
        source.extend_from_slice(&large);
        source.extend_from_slice(&small);
        let mut codec = FrameCodec::new(Limits::SESSION);
        let mut next = || match codec.decode(&mut source).unwrap() {
            Some(Part::Head(head)) => head.attachment_bytes,
            Some(Part::Bulk(piece)) => {
                assert!(piece.iter().all(|byte| *byte == 7));
                piece.len()
            }
            None => usize::MAX,
        };
        assert_eq!(next(), 8 * PIECE + 4);
        assert_eq!(
            [(); 9].map(|()| next()),
            [[PIECE; 8].as_slice(), &[4]].concat()[..]
        );
        assert_eq!(next(), 0);
        assert_eq!(next(), usize::MAX);
        source.reserve(1);
        assert!(source.capacity() < PIECE, "{}", source.capacity());
    }
}
