//! Frames on a stream: the protocol crate's decoder and encoder in tokio's terms.

use std::io;

use tokio_util::bytes::{Buf, BytesMut};
use tokio_util::codec::Decoder;
use vibesync_protocol::{Frame, FrameDecoder, FrameError, Limits};

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
    Frame(#[from] FrameError),
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
        let Some(bytes) = source.get(..length) else {
            source.reserve((length - source.len()).min(RESERVE));
            return Ok(None);
        };
        let frame = self.decoder.decode(bytes)?;
        source.advance(length);
        Ok(Some(frame))
    }
}
