//! Frames on a stream: the protocol crate's decoder and encoder in tokio's terms.

use std::io;

use tokio_util::bytes::BytesMut;
use tokio_util::codec::Decoder;
use vibesync_protocol::{Frame, FrameDecoder, Limits, WireError};

/// Cuts a byte stream into frames. After an error nothing more is read: the next frame's start is unknown.
#[derive(Debug)]
pub struct FrameCodec {
    decoder: FrameDecoder,
}

impl FrameCodec {
    /// A codec for a peer that may send this much.
    pub fn new(limits: Limits) -> Self {
        Self {
            decoder: FrameDecoder::new(limits),
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

/// How much room is made for a frame before its bytes arrive: a lying length costs no more than this.
const RESERVE: usize = 1 << 20;

impl Decoder for FrameCodec {
    type Item = Frame;
    type Error = ReadError;

    fn decode(&mut self, source: &mut BytesMut) -> Result<Option<Frame>, ReadError> {
        let Some(length) = self.decoder.frame_len(source)? else {
            return Ok(None);
        };
        if source.len() < length {
            source.reserve((length - source.len()).min(RESERVE));
            return Ok(None);
        }
        let bytes = source.split_to(length).freeze();
        if length > RESERVE {
            // What follows shares the large frame's memory and would keep all of it.
            *source = BytesMut::from(&**source);
        }
        Ok(Some(self.decoder.decode(bytes)?))
    }
}

#[cfg(test)]
mod tests {
    use vibesync_protocol::encode;

    use super::*;

    #[test]
    fn a_large_frame_leaves_no_memory_behind() {
        let large = encode(b"{}", &[vec![7; 8 * RESERVE]]).unwrap();
        let small = encode(b"{}", &[] as &[&[u8]]).unwrap();
        let mut source = BytesMut::with_capacity(large.len() + small.len());
        source.extend_from_slice(&large);
        source.extend_from_slice(&small);
        let mut codec = FrameCodec::new(Limits::SESSION);
        let first = codec.decode(&mut source).unwrap().unwrap();
        drop(first);
        source.reserve(1);
        assert!(source.capacity() < RESERVE, "{}", source.capacity());
        assert!(codec.decode(&mut source).unwrap().is_some());
        assert!(codec.decode(&mut source).unwrap().is_none());
    }
}
