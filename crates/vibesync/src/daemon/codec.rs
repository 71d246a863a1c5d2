//! Frames on a stream, in tokio's terms: the beginning of one, then its bulk data while it arrives.

use std::io;

use tokio_util::bytes::{Bytes, BytesMut};
use tokio_util::codec::Decoder;
use vibesync_protocol::{FrameDecoder, FrameHead, Limits, WireError};

/// What a frame arrives in.
#[derive(Debug)]
pub enum Part {
    /// First all but its bulk data.
    Head(FrameHead),
    /// Then that, in pieces of [`PIECE`] bytes; only the last is shorter.
    Bulk(Bytes),
}

/// Cuts a byte stream into frames. After an error nothing more is read: the next frame's start is unknown.
#[derive(Debug)]
pub struct FrameCodec {
    decoder: FrameDecoder,
    /// Bulk data of the frame that has not arrived yet.
    missing: usize,
}

impl FrameCodec {
    /// A codec for a peer that may send this much.
    pub fn new(limits: Limits) -> Self {
        Self {
            decoder: FrameDecoder::new(limits),
            missing: 0,
        }
    }

    /// From now on the peer may send this much.
    pub fn set_limits(&mut self, limits: Limits) {
        self.decoder = FrameDecoder::new(limits);
    }
}

/// Why no frame can be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The peer breaks the protocol.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The connection is gone.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Bulk data that is handed on together, whole words of a mesh; and how much room is made before bytes arrive: a lying
/// length costs no more than this.
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

/// The first bytes, once they have arrived; until then makes room for them.
fn cut(source: &mut BytesMut, length: usize) -> Option<Bytes> {
    if source.len() < length {
        source.reserve((length - source.len()).min(PIECE));
        return None;
    }
    let bytes = source.split_to(length).freeze();
    if length >= PIECE {
        // What follows shares the memory of what is large and would keep all of it.
        *source = BytesMut::from(&**source);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use vibesync_protocol::encode;

    use super::*;

    #[test]
    fn a_large_frame_comes_in_pieces_and_leaves_no_memory_behind() {
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
